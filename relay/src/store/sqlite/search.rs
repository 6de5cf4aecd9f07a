//! The full-text index.
//!
//! A feed is cut into slices, and each word is kept with its division and slice before it: `1s2wrefund`. A search asks the newest
//! slice first and ends when it has enough, so a word that is everywhere costs no more than one slice of it, and an unfinished
//! word never gathers more than what one slice says. Other workspaces' words are somewhere else altogether.

use std::collections::HashSet;

use async_trait::async_trait;
use protocol::event::EventBody;
use protocol::ids::{ConversationId, DivisionId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, WriteTx, number, signed, sure};
use crate::inbox::search::{Query, fold};
use crate::store::{Search, SearchDocument, StoreError};

/// 2^16 events in each slice: some twenty slices for a million messages, each read in a millisecond or two.
const SLICE_BITS: u32 = 16;
/// A row's number in the index: above these bits the division's, below the event's place in its feed.
const FEED_BITS: u32 = 40;
/// So many messages are enough; what was said before them is not found.
const ENOUGH: usize = 1_000;
/// So many messages of a slice are looked through by themselves rather than with an unfinished word, for which the index gathers
/// all there is in the slice.
const FEW: usize = 64;

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
            let place = place_of(tx, division)?;
            let mut insert =
                tx.connection.prepare_cached("insert into message_search (rowid, words) values (?1, ?2)")?;
            for document in &documents {
                let shelf = shelf(place, document.feed_seq >> SLICE_BITS);
                let words = document.words.split_whitespace();
                let words = words.fold(String::new(), |text, word| text + &shelf + word + " ");
                insert.execute((place << FEED_BITS | signed(document.feed_seq), words))?;
            }
            sure(())
        })
        .await
    }
}

/// The division's number in the index; given when it is first needed.
fn place_of(tx: &WriteTx<'_>, division: DivisionId) -> rusqlite::Result<i64> {
    let mut select =
        tx.connection.prepare_cached("select number from search_division where division_id = ?1")?;
    if let Some(known) = select.query_row([division.0], |row| row.get(0)).optional()? {
        return Ok(known);
    }
    let mut insert = tx
        .connection
        .prepare_cached("insert into search_division (division_id) values (?1) returning number")?;
    insert.query_row([division.0], |row| row.get(0))
}

/// What stands before each word of a slice. The letters between the numbers are no hexadecimal digits.
fn shelf(place: i64, slice: u64) -> String {
    format!("{place:x}s{slice:x}w")
}

/// Conversations in which all the words were said, those first where it was last.
pub(super) fn conversations(
    connection: &Connection,
    workspace: WorkspaceId,
    query: &Query,
) -> rusqlite::Result<Vec<ConversationId>> {
    let mut select = connection.prepare_cached(
        "select s.number, d.id, d.indexed_seq from division d join search_division s on s.division_id = d.id
         where d.workspace_id = ?1",
    )?;
    let divisions = select.query_map([workspace.0], |row| {
        Ok((row.get(0)?, DivisionId(row.get(1)?), number(row.get(2)?) >> SLICE_BITS))
    })?;
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    for division in divisions {
        let (place, division, newest) = division?;
        let mut messages = 0;
        for slice in (0..=newest).rev() {
            let found = Slice { connection, place, division, slice }.find(query, ENOUGH - messages)?;
            messages += found.len();
            all.extend(found.into_iter().filter(|conversation| seen.insert(*conversation)));
            if messages >= ENOUGH {
                break;
            }
        }
    }
    Ok(all)
}

/// Part of a division's feed.
struct Slice<'a> {
    connection: &'a Connection,
    place: i64,
    division: DivisionId,
    slice: u64,
}

impl Slice<'_> {
    /// The conversations of messages that match, newest message first, one for each message.
    fn find(&self, query: &Query, most: usize) -> rusqlite::Result<Vec<ConversationId>> {
        let shelf = shelf(self.place, self.slice);
        // Quoted, so that nothing in them is an operator.
        let whole =
            query.whole.iter().fold(String::new(), |text, word| text + &format!("\"{shelf}{word}\" "));
        if !whole.is_empty() {
            let few = self.select("e.conversation_id, e.body", &whole, FEW + 1, |row| {
                Ok((ConversationId(row.get(0)?), row.get::<_, String>(1)?))
            })?;
            if few.len() <= FEW {
                let begin = few.into_iter().filter(|(_, body)| begins(body, query));
                return Ok(begin.take(most).map(|(conversation, _)| conversation).collect());
            }
        }
        let all = format!("{whole}\"{shelf}{}\"*", query.beginning);
        self.select("e.conversation_id", &all, most, |row| Ok(ConversationId(row.get(0)?)))
    }

    fn select<T>(
        &self,
        columns: &str,
        matching: &str,
        most: usize,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        // The index comes first and is read backwards only as far as there are rows wanted.
        let mut select = self.connection.prepare_cached(&format!(
            "select {columns} from message_search s cross join event e on e.division_id = ?2 and e.feed_seq = s.rowid - ?3
             where s.message_search match ?1 order by s.rowid desc limit ?4"
        ))?;
        let before = self.place << FEED_BITS;
        let values = (matching, self.division.0, before, i64::try_from(most).unwrap_or(i64::MAX));
        select.query_map(values, read)?.collect()
    }
}

/// Whether a message has a word that begins as the last one typed.
fn begins(body: &str, query: &Query) -> bool {
    let is_such = |text: &str| fold(text).split_whitespace().any(|word| word.starts_with(&query.beginning));
    match serde_json::from_str(body) {
        Ok(EventBody::Message(said) | EventBody::Note(said)) => is_such(said.body.words()),
        // Nothing else is in the index.
        Ok(_) | Err(_) => false,
    }
}
