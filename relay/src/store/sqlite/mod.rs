//! The store in one SQLite file: one writer with group commit, a few readers, and the latest events in memory.

mod append;
mod campaigns;
mod change;
mod contacts;
mod conversations;
mod events;
mod export;
mod fill;
mod list;
mod nodes;
mod open;
mod people;
mod programs;
mod readers;
mod search;
mod standing;
mod writer;

pub use export::Export;
pub use fill::Fill;
pub use open::{OpenError, check_file, quick_check};

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rusqlite::Connection;

use self::readers::Readers;
use self::writer::{WriteTx, Writer};
use super::sql::FAULTS;
use super::tail::Tail;
use super::{Lane, Store, StoreError};

/// How many connections read side by side.
const READERS: usize = 4;

/// A SQLite store. Dropping it closes the file.
pub struct SqliteStore {
    epoch: String,
    writer: Writer,
    readers: Readers,
    tail: Arc<Tail>,
    spent: Mutex<nodes::Spent>,
}

impl SqliteStore {
    /// Opens or creates the store, bringing an older one up to date.
    ///
    /// # Errors
    /// Refuses a file that is damaged, newer than this program, or made with another master key; such a file is not touched.
    pub fn open(file: &Path, key_check: [u8; 32]) -> Result<Self, OpenError> {
        open::check_file(file, Some(key_check))?;
        let (connection, epoch) = open::open_writer(file, key_check)?;
        let readers = Readers::open(file, READERS)?;
        let tail = Arc::new(Tail::default());
        let writer = Writer::start(connection, Arc::clone(&tail))?;
        Ok(Self { epoch, writer, readers, tail, spent: Mutex::default() })
    }

    /// How much does not agree that must: events of divisions, events of conversations, messages.
    pub async fn count_faults(&self) -> Result<Vec<u64>, StoreError> {
        self.read(|connection| {
            let count = |text: &&str| connection.query_row(text, [], |row| Ok(number(row.get(0)?)));
            FAULTS.iter().map(count).collect()
        })
        .await
    }

    /// Runs a step in the next group commit. `Ok` means it is on stable storage.
    async fn write<T, E>(
        &self,
        step: impl FnMut(&mut WriteTx<'_>) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(Lane::default(), step).await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.run(query).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    async fn close(&self) {
        // The writer closes last, so that it can fold its log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A step that cannot be refused.
#[expect(clippy::unnecessary_wraps, reason = "steps have one shape")]
fn sure<T>(value: T) -> rusqlite::Result<Result<T, StoreError>> {
    Ok(Ok(value))
}

/// Counters are never negative; SQLite's integers are signed.
fn number(value: i64) -> u64 {
    value.try_into().unwrap_or(0)
}

fn signed(value: u64) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// A column holds something this program never writes.
fn malformed(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, what.into())
}
