//! SQLite has one node: there are no others to tell, and what need not outlive the process stays in memory.

use std::collections::HashMap;
use std::sync::PoisonError;

use async_trait::async_trait;
use protocol::ids::{ConversationId, DivisionId};
use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, number};
use crate::store::{Connected, Nodes, Positions, StoreError};

/// Spent tokens remembered at most; far beyond what can be spent in a minute.
const MOST_SPENT: usize = 1_000_000;

/// Tokens that were used, with when they would have expired.
#[derive(Default)]
pub(super) struct Spent {
    until: HashMap<[u8; 13], i64>,
    cleaned_at: i64,
}

#[async_trait]
impl Nodes for SqliteStore {
    async fn lease(&self, _: &str, _: &[Connected], _: i64) -> Result<Vec<Vec<Connected>>, StoreError> {
        Ok(Vec::new())
    }

    async fn release(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    async fn positions(
        &self,
        conversations: Vec<ConversationId>,
        feeds: Vec<DivisionId>,
    ) -> Result<Positions, StoreError> {
        self.read(move |connection| {
            let (conversation, feed) = (
                "select last_seq from conversation where id = ?1",
                "select feed_seq from division where id = ?1",
            );
            Ok(Positions {
                conversations: look_up(connection, conversation, conversations, |id| id.0)?,
                feeds: look_up(connection, feed, feeds, |id| id.0)?,
            })
        })
        .await
    }

    async fn spend(&self, name: [u8; 13], until_ms: i64, now_ms: i64) -> Result<bool, StoreError> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms - spent.cleaned_at > 1_000 || spent.until.len() >= MOST_SPENT {
            spent.until.retain(|_, until| *until > now_ms);
            spent.cleaned_at = now_ms;
        }
        Ok(spent.until.insert(name, until_ms).is_none())
    }
}

fn look_up<K: Copy>(
    connection: &Connection,
    text: &str,
    keys: Vec<K>,
    id: impl Fn(K) -> [u8; 16],
) -> rusqlite::Result<Vec<(K, u64)>> {
    let mut select = connection.prepare_cached(text)?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let last: Option<i64> = select.query_row([id(key)], |row| row.get(0)).optional()?;
        found.extend(last.map(|last| (key, number(last))));
    }
    Ok(found)
}
