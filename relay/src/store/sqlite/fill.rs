//! Filling a store with rows, for measuring large ones. Fast, because nothing is safe before all of it is there: what breaks off
//! in the middle leaves a file to throw away.

use std::path::{Path, PathBuf};

use protocol::ids::DivisionId;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::open::check_file;
use super::{OpenError, signed};
use crate::store::transfer::{Cell, Row, Table};

/// A store that nobody else has open.
pub struct Fill {
    file: PathBuf,
    connection: Connection,
}

impl Fill {
    /// # Errors
    /// Refuses what cannot be opened as a store.
    pub fn open(file: &Path, key_check: [u8; 32]) -> Result<Self, OpenError> {
        check_file(file, Some(key_check))?;
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "pragma journal_mode = off;
             pragma synchronous = off;
             pragma foreign_keys = off;
             pragma trusted_schema = off;
             pragma locking_mode = exclusive;
             pragma cache_size = -262144;
             begin exclusive",
        )?;
        Ok(Self { file: file.to_owned(), connection })
    }

    pub fn add(&self, table: &Table, rows: &[Row]) -> Result<(), OpenError> {
        let places: Vec<String> = (1..=table.columns.len()).map(|number| format!("?{number}")).collect();
        let text = format!("insert into {} ({}) values ({})", table.name, table.names(), places.join(", "));
        let mut insert = self.connection.prepare_cached(&text)?;
        for row in rows {
            insert.execute(rusqlite::params_from_iter(row.iter().map(value)))?;
        }
        Ok(())
    }

    /// Says how many events a division has by now.
    pub fn advance(&self, division: DivisionId, feed_seq: u64) -> Result<(), OpenError> {
        let text = "update division set feed_seq = ?2 where id = ?1";
        self.connection.execute(text, (division.0, signed(feed_seq)))?;
        Ok(())
    }

    /// Keeps everything, once no row is found to refer to one that is not there.
    pub fn finish(self) -> Result<(), OpenError> {
        let is_loose = self.connection.prepare("pragma foreign_key_check")?.exists([])?;
        if is_loose {
            let reason = "a row refers to one that is not there".to_owned();
            return Err(OpenError::Damaged { file: self.file, reason });
        }
        Ok(self.connection.execute_batch("commit")?)
    }
}

fn value(cell: &Cell) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match cell {
        Cell::Null => ValueRef::Null,
        Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        Cell::Integer(number) => ValueRef::Integer(*number),
        Cell::Text(text) => ValueRef::Text(text.as_bytes()),
    })
}
