//! Reading a whole store, table by table, to move it elsewhere.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension};

use super::OpenError;
use super::open::{check_file, open_reader};
use crate::store::transfer::{Cell, PAGE, Row, Table};

/// A store that nobody writes to any more.
pub struct Export {
    connection: Connection,
}

impl Export {
    /// # Errors
    /// Refuses what cannot be opened as a store.
    pub fn open(file: &Path, key_check: [u8; 32]) -> Result<Self, OpenError> {
        if !file.exists() {
            return Err(OpenError::Io { file: file.to_owned(), reason: "there is no such file".to_owned() });
        }
        check_file(file, Some(key_check))?;
        Ok(Self { connection: open_reader(file)? })
    }

    pub fn epoch(&self) -> Result<String, OpenError> {
        let text = "select value from meta where name = 'epoch'";
        let epoch: Option<Vec<u8>> = self.connection.query_row(text, [], |row| row.get(0)).optional()?;
        Ok(String::from_utf8_lossy(&epoch.unwrap_or_default()).into_owned())
    }

    /// The next rows of a table after a key, in the key's order.
    pub fn page(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, OpenError> {
        let (names, key) = (table.names(), table.key_names());
        let bound = match after {
            None => String::new(),
            Some(row) => {
                let places: Vec<String> = (1..=row.len()).map(|number| format!("?{number}")).collect();
                format!("where ({key}) > ({})", places.join(", "))
            }
        };
        let text = format!("select {names} from {} {bound} order by {key} limit {PAGE}", table.name);
        let mut select = self.connection.prepare_cached(&text)?;
        let values: Vec<Value> = after.into_iter().flatten().cloned().map(value).collect();
        let rows = select.query_map(rusqlite::params_from_iter(values), |row| {
            (0..table.columns.len()).map(|column| Ok(cell(row.get_ref(column)?))).collect()
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bytes(bytes) => Value::Blob(bytes),
        Cell::Integer(number) => Value::Integer(number),
        Cell::Text(text) => Value::Text(text),
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        // No column of ours is a fraction.
        ValueRef::Null | ValueRef::Real(_) => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    }
}
