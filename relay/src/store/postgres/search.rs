//! The full-text index.
//!
//! As in SQLite a feed is cut into slices, and each word is kept with its division and slice before it: `1s2wrefund`. A search
//! asks the newest slice first and ends when it has enough.

use async_trait::async_trait;
use protocol::ids::DivisionId;
use uuid::Uuid;

use super::PostgresStore;
use super::db::{Scope, id, number, signed, uuid};
use crate::inbox::search::Query;
use crate::store::{Search, SearchDocument, StoreError};

/// The longest word the index takes, in bytes; longer ones are no words.
const LONGEST: i32 = 500;

/// Conversations in which the words of `?` were said, those first where it was last. An `@` in them stands for division and slice.
/// What was said before the last thousand messages that match is not found. 2^14 events are in each slice: some hundred slices
/// for a million messages. The sum keeps the planner from walking through all messages by their number.
pub(super) const FOUND: &str =
    "select m.conversation_id from division d join search_division n on n.division_id = d.id
    cross join lateral generate_series(d.indexed_seq >> 14, 0, -1) as slice
    cross join lateral (
      select s.conversation_id from message_search s
      where s.words @@ replace(?::text, '@', to_hex(n.number) || 's' || to_hex(slice) || 'w')::tsquery
      order by s.id + 0 desc limit 1000
    ) m where d.workspace_id = $1 limit 1000";

const INSERT: &str = "insert into message_search (workspace_id, conversation_id, words)
    select new.workspace_id, new.conversation_id, array_to_tsvector(array(
      select distinct to_hex(n.number) || 's' || to_hex(new.feed_seq >> 14) || 'w' || word
      from unnest(string_to_array(new.words, ' ')) as word where word <> '' and octet_length(word) <= $6))
    from search_division n
    cross join unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[]) as new (workspace_id, conversation_id, feed_seq, words)
    where n.division_id = $1 order by new.feed_seq";

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
        let division = uuid(division.0);
        let text = "insert into search_division (division_id) select $1::uuid
            where not exists (select 1 from search_division where division_id = $1) on conflict do nothing";
        transaction.execute(text, &[&division]).await?;
        let workspaces: Vec<Uuid> = documents.iter().map(|document| uuid(document.workspace.0)).collect();
        let conversations: Vec<Uuid> =
            documents.iter().map(|document| uuid(document.conversation.0)).collect();
        let places: Vec<i64> = documents.iter().map(|document| signed(document.feed_seq)).collect();
        let words: Vec<&str> = documents.iter().map(|document| document.words.as_str()).collect();
        transaction
            .execute(INSERT, &[&division, &workspaces, &conversations, &places, &words, &LONGEST])
            .await?;
        // Last, because the writer waits for this row.
        let text = "update division set indexed_seq = $3 where id = $1 and indexed_seq = $2";
        match transaction.execute(text, &[&division, &signed(from), &signed(to)]).await? {
            0 => transaction.roll_back().await,
            _ => transaction.commit().await,
        }
    }
}

/// The words as the index's own syntax, quoted: nothing in them is an operator. An `@` is in none of them.
pub(super) fn query(query: &Query) -> String {
    let mut words: Vec<String> = query.whole.iter().map(|word| format!("'@{word}'")).collect();
    words.push(format!("'@{}':*", query.beginning));
    words.join(" & ")
}
