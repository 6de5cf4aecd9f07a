//! The full-text index.

use async_trait::async_trait;
use protocol::ids::DivisionId;
use uuid::Uuid;

use super::PostgresStore;
use super::db::{Scope, id, number, signed, uuid};
use crate::inbox::search::Query;
use crate::store::{Search, SearchDocument, StoreError};

/// The longest word the index takes, in bytes; longer ones are no words.
const LONGEST: i32 = 500;

#[async_trait]
impl Search for PostgresStore {
    async fn search_backlog(&self) -> Result<Vec<(DivisionId, u64)>, StoreError> {
        let text = "select id, indexed_seq from division where indexed_seq < feed_seq";
        let rows = self.db.rows(Scope::any(), text, &[]).await?;
        rows.iter().map(|row| Ok((DivisionId(id(row, 0)?), number(row, 1)?))).collect()
    }

    async fn index(
        &self,
        division: DivisionId,
        documents: Vec<SearchDocument>,
        from: u64,
        to: u64,
    ) -> Result<(), StoreError> {
        let transaction = self.db.begin(Scope::any()).await?;
        let workspaces: Vec<Uuid> = documents.iter().map(|document| uuid(document.workspace.0)).collect();
        let conversations: Vec<Uuid> =
            documents.iter().map(|document| uuid(document.conversation.0)).collect();
        let seqs: Vec<i64> = documents.iter().map(|document| signed(document.seq)).collect();
        let words: Vec<&str> = documents.iter().map(|document| document.words.as_str()).collect();
        transaction
            .execute(
                "insert into message_search (workspace_id, conversation_id, seq, words)
                 select workspace_id, conversation_id, seq,
                   array_to_tsvector(array(select distinct word from unnest(string_to_array(words, ' ')) as word where word <> '' and octet_length(word) <= $5))
                 from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) as new (workspace_id, conversation_id, seq, words)",
                &[&workspaces, &conversations, &seqs, &words, &LONGEST],
            )
            .await?;
        // Last, because the writer waits for this row.
        let text = "update division set indexed_seq = $3 where id = $1 and indexed_seq = $2";
        match transaction.execute(text, &[&uuid(division.0), &signed(from), &signed(to)]).await? {
            0 => transaction.roll_back().await,
            _ => transaction.commit().await,
        }
    }
}

/// The words as the index's own syntax, quoted: nothing in them is an operator.
pub(super) fn query(query: &Query) -> String {
    let mut words: Vec<String> = query.whole.iter().map(|word| format!("'{word}'")).collect();
    words.push(format!("'{}':*", query.beginning));
    words.join(" & ")
}
