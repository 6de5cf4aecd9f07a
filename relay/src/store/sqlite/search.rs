//! The full-text index.

use async_trait::async_trait;
use protocol::ids::DivisionId;

use super::{SqliteStore, number, signed, sure};
use crate::store::{Search, SearchDocument, StoreError};

#[async_trait]
impl Search for SqliteStore {
    async fn search_backlog(&self) -> Result<Vec<(DivisionId, u64)>, StoreError> {
        self.read(|connection| {
            let mut select = connection
                .prepare_cached("select id, indexed_seq from division where indexed_seq < feed_seq")?;
            select.query_map([], |row| Ok((DivisionId(row.get(0)?), number(row.get(1)?))))?.collect()
        })
        .await
    }

    async fn index(
        &self,
        division: DivisionId,
        documents: Vec<SearchDocument>,
        indexed_seq: u64,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut insert =
                tx.connection.prepare_cached("insert into message_search (words, conversation_id, seq, workspace_id) values (?1, ?2, ?3, ?4)")?;
            for document in &documents {
                insert.execute((&document.words, document.conversation.0, signed(document.seq), document.workspace.0))?;
            }
            let mut update = tx.connection.prepare_cached("update division set indexed_seq = ?2 where id = ?1")?;
            update.execute((division.0, signed(indexed_seq)))?;
            sure(())
        })
        .await
    }
}
