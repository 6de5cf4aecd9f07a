//! The full-text index.

use async_trait::async_trait;
use protocol::ids::DivisionId;

use super::{SqliteStore, number, signed, sure};
use crate::inbox::search::Query;
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
        from: u64,
        to: u64,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut update = tx
                .connection
                .prepare_cached("update division set indexed_seq = ?3 where id = ?1 and indexed_seq = ?2")?;
            if update.execute((division.0, signed(from), signed(to)))? == 0 {
                return sure(());
            }
            let mut insert = tx.connection.prepare_cached(
                "insert into message_search (words, conversation_id, seq, workspace_id) values (?1, ?2, ?3, ?4)",
            )?;
            for document in &documents {
                insert.execute((
                    &document.words,
                    document.conversation.0,
                    signed(document.seq),
                    document.workspace.0,
                ))?;
            }
            sure(())
        })
        .await
    }
}

/// The words as the index's own syntax, quoted: nothing in them is an operator.
pub(super) fn query(query: &Query) -> String {
    let whole = query.whole.iter().fold(String::new(), |text, word| text + &format!("\"{word}\" "));
    format!("{whole}\"{}\"*", query.beginning)
}
