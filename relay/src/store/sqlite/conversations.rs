//! Conversations: appending, marks, changes, lists.

use std::sync::Arc;

use async_trait::async_trait;
use protocol::api::Counts;
use protocol::event::Status;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::Side;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{SqliteStore, append, change, events, list, malformed, number, signed};
use crate::store::sql::CONVERSATION;
use crate::store::{
    Append, AppendError, Appended, Change, Changed, ConversationRecord, Conversations, EventSlice,
    ListFilter, Mark, StoreError, StoredEvent,
};

#[async_trait]
impl Conversations for SqliteStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.writer.run(append.lane.clone(), move |tx| append::run(tx, &append)).await
    }

    async fn mark(&self, mark: Mark) -> Result<Option<Changed>, StoreError> {
        self.write(move |tx| change::mark(tx, &mark)).await
    }

    async fn change(&self, change: Change) -> Result<Option<Changed>, StoreError> {
        self.write(move |tx| change::run(tx, &change)).await
    }

    async fn find_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached(&format!("{CONVERSATION} where c.workspace_id = ?1 and c.id = ?2"))?;
            select.query_row((workspace.0, id.0), record).optional()
        })
        .await
    }

    async fn list_conversations(
        &self,
        workspace: WorkspaceId,
        filter: ListFilter,
    ) -> Result<Vec<ConversationRecord>, StoreError> {
        self.read(move |connection| list::list(connection, workspace, &filter)).await
    }

    async fn count_conversations(
        &self,
        workspace: WorkspaceId,
        person: PersonId,
    ) -> Result<Counts, StoreError> {
        self.read(move |connection| counts(connection, workspace, person)).await
    }

    async fn events_after(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError> {
        let text = format!(
            "select {} from event where conversation_id = ?1 and seq > ?2 order by seq limit ?3",
            events::COLUMNS
        );
        self.read(move |connection| slice(connection, &text, conversation, after, limit)).await
    }

    fn recent_events_after(&self, conversation: ConversationId, after: u64) -> Option<Vec<Arc<StoredEvent>>> {
        self.tail.conversation_after(conversation, after)
    }

    async fn events_before(
        &self,
        conversation: ConversationId,
        before: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError> {
        let text = format!(
            "select {} from event where conversation_id = ?1 and seq < ?2 order by seq desc limit ?3",
            events::COLUMNS
        );
        let mut slice =
            self.read(move |connection| slice(connection, &text, conversation, before, limit)).await?;
        slice.events.reverse();
        Ok(slice)
    }

    async fn feed_after(
        &self,
        division: DivisionId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Arc<StoredEvent>>, StoreError> {
        let text = format!(
            "select {} from event where division_id = ?1 and feed_seq > ?2 order by feed_seq limit ?3",
            events::COLUMNS
        );
        self.read(move |connection| {
            let mut select = connection.prepare_cached(&text)?;
            select.query_map((division.0, signed(after), limit), events::read)?.collect()
        })
        .await
    }

    fn recent_feed_after(&self, division: DivisionId, after: u64) -> Option<Vec<Arc<StoredEvent>>> {
        self.tail.feed_after(division, after)
    }

    async fn feed_positions(&self, workspace: WorkspaceId) -> Result<Vec<(DivisionId, u64)>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("select id, feed_seq from division where workspace_id = ?1 order by id")?;
            select
                .query_map([workspace.0], |row| Ok((DivisionId(row.get(0)?), number(row.get(1)?))))?
                .collect()
        })
        .await
    }

    async fn due_snoozes(&self, now_ms: i64) -> Result<Vec<(WorkspaceId, ConversationId)>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("select workspace_id, id from conversation where snoozed_until is not null and snoozed_until <= ?1 limit 100")?;
            select.query_map([now_ms], |row| Ok((WorkspaceId(row.get(0)?), ConversationId(row.get(1)?))))?.collect()
        })
        .await
    }
}

fn slice(
    connection: &Connection,
    text: &str,
    conversation: ConversationId,
    bound: u64,
    limit: u32,
) -> rusqlite::Result<EventSlice> {
    // One read transaction, so that the position and the events are of the same moment.
    let transaction = connection.unchecked_transaction()?;
    let last_seq: Option<i64> = {
        let mut head = transaction.prepare_cached("select last_seq from conversation where id = ?1")?;
        head.query_row([conversation.0], |row| row.get(0)).optional()?
    };
    let mut select = transaction.prepare_cached(text)?;
    let found = select.query_map((conversation.0, signed(bound), limit), events::read)?;
    Ok(EventSlice { events: found.collect::<Result<_, _>>()?, last_seq: number(last_seq.unwrap_or(0)) })
}

fn counts(connection: &Connection, workspace: WorkspaceId, person: PersonId) -> rusqlite::Result<Counts> {
    let mut select = connection.prepare_cached(
        "select status, case when assignee_id = x'' then 0 when assignee_id = ?2 then 1 else 2 end as whose, sum(conversations)
         from conversation_count where workspace_id = ?1 group by status, whose",
    )?;
    let mut rows = select.query((workspace.0, person.0))?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        let word: String = row.get(0)?;
        let status = Status::from_word(&word).ok_or_else(|| malformed(0, "status"))?;
        let count = number(row.get(2)?);
        crate::store::conversations::count(&mut counts.all, status, count);
        match row.get::<_, i64>(1)? {
            0 => crate::store::conversations::count(&mut counts.unassigned, status, count),
            1 => crate::store::conversations::count(&mut counts.mine, status, count),
            _ => {}
        }
    }
    Ok(counts)
}

pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<ConversationRecord> {
    let status: String = row.get(7)?;
    let assignee: Option<[u8; 16]> = row.get(9)?;
    let assignee_name: Option<String> = row.get(10)?;
    let side: Option<String> = row.get(17)?;
    let text: Option<String> = row.get(18)?;
    let said_at: Option<i64> = row.get(19)?;
    let side = side.map(|word| Side::from_word(&word).ok_or_else(|| malformed(17, "side"))).transpose()?;
    let author: Option<String> = row.get(21)?;
    let author: Option<PersonId> =
        author.map(|id| id.parse().map_err(|_| malformed(21, "author"))).transpose()?;
    let author_name: Option<String> = row.get(22)?;
    Ok(ConversationRecord {
        id: ConversationId(row.get(0)?),
        division: DivisionId(row.get(1)?),
        campaign: CampaignId(row.get(2)?),
        campaign_name: row.get(3)?,
        channel: row.get(4)?,
        contact: ContactId(row.get(5)?),
        contact_name: row.get(6)?,
        status: Status::from_word(&status).ok_or_else(|| malformed(7, "status"))?,
        snoozed_until: row.get(8)?,
        assignee: assignee.map(|id| (PersonId(id), assignee_name.unwrap_or_default())),
        last_seq: number(row.get(11)?),
        last_visible_seq: number(row.get(12)?),
        last_at_ms: row.get(13)?,
        agent_unread: number(row.get(14)?),
        contact_unread: number(row.get(15)?),
        waiting_since: row.get(16)?,
        last_message: match (side, text, said_at) {
            (Some(side), Some(text), Some(at)) => Some((side, text, at)),
            _ => None,
        },
        last_author: author.map(|id| (id, author_name.unwrap_or_default())),
        created_at_ms: row.get(20)?,
    })
}
