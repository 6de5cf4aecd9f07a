//! The store in PostgreSQL, for one node or many: a pool of connections, one task that stores messages together, and the latest
//! events of this node in memory.

mod appender;
mod asks;
mod batch;
mod campaigns;
mod change;
mod contacts;
mod conversations;
mod db;
mod events;
mod import;
mod nodes;
mod open;
mod people;
mod programs;
mod search;
mod standing;

pub use import::{Import, ImportError};
pub use open::{Found, OpenError};

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use async_trait::async_trait;

use self::appender::Appender;
use self::db::{Db, Scope, number};
use super::sql::FAULTS;
use super::tail::Tail;
use super::{Store, StoreError};

/// A PostgreSQL store.
pub struct PostgresStore {
    epoch: String,
    db: Db,
    appender: Appender,
    tail: Arc<Tail>,
    spent_cleaned_at: AtomicI64,
}

impl PostgresStore {
    /// Opens what was found, bringing an older schema up to date. Nodes may do so at the same time.
    ///
    /// # Errors
    /// Refuses a database that is newer than this program, was made with another master key, or would lose what it said is safe.
    pub async fn open(found: Found, key_check: [u8; 32]) -> Result<Self, OpenError> {
        let (db, epoch) = open::open(found, key_check).await?;
        let tail = Arc::new(Tail::default());
        let appender = Appender::start(db.clone(), Arc::clone(&tail));
        Ok(Self { epoch, db, appender, tail, spent_cleaned_at: AtomicI64::new(0) })
    }

    /// How much does not agree that must: events of divisions, events of conversations, messages.
    pub async fn count_faults(&self) -> Result<Vec<u64>, StoreError> {
        let mut faults = Vec::new();
        for text in FAULTS {
            let row = self.db.row(Scope::any(), text, &[]).await?;
            faults.push(row.as_ref().map_or(Ok(0), |row| number(row, 0))?);
        }
        Ok(faults)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    async fn close(&self) {
        self.appender.close().await;
        self.db.close();
    }
}
