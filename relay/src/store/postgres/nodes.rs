//! What nodes keep for each other.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use protocol::ids::{ConversationId, DivisionId};
use uuid::Uuid;

use super::PostgresStore;
use super::db::{Scope, id, malformed, number, uuid};
use crate::store::{Connected, Nodes, Positions, StoreError};

/// By the database's clock: those of the nodes may be wrong by an hour.
const LEASE: &str =
    "insert into node (id, people, expires_at) values ($1, $2, now() + $3 * interval '1 millisecond')
    on conflict (id) do update set people = excluded.people, expires_at = excluded.expires_at";
const OTHERS: &str = "select people from node where id <> $1 and expires_at > now() order by id";
const BURY: &str = "delete from node where expires_at < now() - interval '1 minute'";

/// How often expired tokens are forgotten.
const CLEANING_MS: i64 = 60_000;

#[async_trait]
impl Nodes for PostgresStore {
    async fn lease(
        &self,
        node: &str,
        people: &[Connected],
        ttl_ms: i64,
    ) -> Result<Vec<Vec<Connected>>, StoreError> {
        let people = serde_json::to_string(people).map_err(|e| StoreError::Failed(e.to_string()))?;
        #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
        self.db.execute(Scope::any(), LEASE, &[&node, &people, &(ttl_ms as f64)]).await?;
        self.db.execute(Scope::any(), BURY, &[]).await?;
        let rows = self.db.rows(Scope::any(), OTHERS, &[&node]).await?;
        rows.iter().map(|row| serde_json::from_str(row.try_get(0)?).map_err(|_| malformed("node"))).collect()
    }

    async fn release(&self, node: &str) -> Result<(), StoreError> {
        self.db.execute(Scope::any(), "delete from node where id = $1", &[&node]).await.map(drop)
    }

    async fn positions(
        &self,
        conversations: Vec<ConversationId>,
        feeds: Vec<DivisionId>,
    ) -> Result<Positions, StoreError> {
        let conversation = "select id, last_seq from conversation where id = any ($1::uuid[])";
        let feed = "select id, feed_seq from division where id = any ($1::uuid[])";
        Ok(Positions {
            conversations: self.look_up(conversation, conversations, |id| id.0, ConversationId).await?,
            feeds: self.look_up(feed, feeds, |id| id.0, DivisionId).await?,
        })
    }

    async fn spend(&self, name: [u8; 13], until_ms: i64, now_ms: i64) -> Result<bool, StoreError> {
        let cleaned_at = self.spent_cleaned_at.load(Ordering::Relaxed);
        if now_ms - cleaned_at > CLEANING_MS
            && self
                .spent_cleaned_at
                .compare_exchange(cleaned_at, now_ms, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            // Long after, because the clocks of the nodes differ.
            let long_ago = now_ms - 2 * 3_600_000;
            let text = "delete from spent_token where expires_at < $1";
            self.db.execute(Scope::any(), text, &[&long_ago]).await?;
        }
        let text = "insert into spent_token (name, expires_at) values ($1, $2) on conflict do nothing";
        Ok(self.db.execute(Scope::any(), text, &[&name.as_slice(), &until_ms]).await? > 0)
    }
}

impl PostgresStore {
    async fn look_up<K>(
        &self,
        text: &str,
        keys: Vec<K>,
        bytes: impl Fn(K) -> [u8; 16] + Send,
        key: impl Fn([u8; 16]) -> K + Send,
    ) -> Result<Vec<(K, u64)>, StoreError> {
        let ids: Vec<Uuid> = keys.into_iter().map(|one| uuid(bytes(one))).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.db.rows(Scope::any(), text, &[&ids]).await?;
        rows.iter().map(|row| Ok((key(id(row, 0)?), number(row, 1)?))).collect()
    }
}
