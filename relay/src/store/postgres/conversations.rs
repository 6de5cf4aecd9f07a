//! Conversations: appending, marks, changes, lists.

use std::sync::Arc;

use async_trait::async_trait;
use protocol::api::Counts;
use protocol::event::Status;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::Side;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::db::{Scope, Value, id, malformed, maybe_id, number, signed, uuid};
use super::{PostgresStore, events, search};
use crate::store::sql::CONVERSATION;
use crate::store::{
    Append, AppendError, Appended, Change, Changed, ConversationRecord, Conversations, EventSlice,
    ListFilter, Mark, StoreError, StoredEvent, View,
};

/// Rows that say how the number of conversations changed; when there are more, they are added up.
const MOST_ADDED: u64 = 1_000;

#[async_trait]
impl Conversations for PostgresStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.appender.append(append).await
    }

    async fn mark(&self, mark: Mark) -> Result<Option<Changed>, StoreError> {
        self.move_mark(&mark).await
    }

    async fn change(&self, change: Change) -> Result<Option<Changed>, StoreError> {
        self.make_change(&change).await
    }

    async fn find_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let text = format!("{CONVERSATION} where c.workspace_id = $1 and c.id = $2");
        let row = self.db.row(workspace, &text, &[&uuid(workspace.0), &uuid(id.0)]).await?;
        row.as_ref().map(record).transpose()
    }

    async fn list_conversations(
        &self,
        workspace: WorkspaceId,
        filter: ListFilter,
    ) -> Result<Vec<ConversationRecord>, StoreError> {
        let (text, values) = list(workspace, &filter);
        let values: Vec<Value<'_>> = values.iter().map(|value| value.as_ref() as Value<'_>).collect();
        self.db.rows(workspace, &text, &values).await?.iter().map(record).collect()
    }

    async fn count_conversations(
        &self,
        workspace: WorkspaceId,
        person: PersonId,
    ) -> Result<Counts, StoreError> {
        let text = "select status, case when assignee_id is null then 0 when assignee_id = $2 then 1 else 2 end as whose,
              sum(conversations)::bigint, count(*) from conversation_count where workspace_id = $1 group by status, whose";
        let (mut counts, mut added) = (Counts::default(), 0);
        for row in self.db.rows(workspace, text, &[&uuid(workspace.0), &uuid(person.0)]).await? {
            let status = Status::from_word(row.try_get(0)?).ok_or_else(|| malformed("status"))?;
            let count = number(&row, 2)?;
            crate::store::conversations::count(&mut counts.all, status, count);
            match row.try_get::<_, i32>(1)? {
                0 => crate::store::conversations::count(&mut counts.unassigned, status, count),
                1 => crate::store::conversations::count(&mut counts.mine, status, count),
                _ => {}
            }
            added += number(&row, 3)?;
        }
        if added > MOST_ADDED {
            self.add_up(workspace).await?;
        }
        Ok(counts)
    }

    async fn events_after(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError> {
        self.slice(conversation, "seq > $2 order by seq", after, limit).await
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
        let mut slice = self.slice(conversation, "seq < $2 order by seq desc", before, limit).await?;
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
            "select {} from event where division_id = $1 and feed_seq > $2 order by feed_seq limit $3",
            events::COLUMNS
        );
        let values: [Value<'_>; 3] = [&uuid(division.0), &signed(after), &i64::from(limit)];
        self.db.rows(Scope::any(), &text, &values).await?.iter().map(events::read).collect()
    }

    fn recent_feed_after(&self, division: DivisionId, after: u64) -> Option<Vec<Arc<StoredEvent>>> {
        self.tail.feed_after(division, after)
    }

    async fn feed_positions(&self, workspace: WorkspaceId) -> Result<Vec<(DivisionId, u64)>, StoreError> {
        let text = "select id, feed_seq from division where workspace_id = $1 order by id";
        let rows = self.db.rows(workspace, text, &[&uuid(workspace.0)]).await?;
        rows.iter().map(|row| Ok((DivisionId(id(row, 0)?), number(row, 1)?))).collect()
    }

    async fn due_snoozes(&self, now_ms: i64) -> Result<Vec<(WorkspaceId, ConversationId)>, StoreError> {
        let text = "select workspace_id, id from conversation where snoozed_until is not null and snoozed_until <= $1 limit 100";
        let rows = self.db.rows(Scope::any(), text, &[&now_ms]).await?;
        rows.iter().map(|row| Ok((WorkspaceId(id(row, 0)?), ConversationId(id(row, 1)?)))).collect()
    }
}

impl PostgresStore {
    /// Puts one row in the place of many that say how the number of conversations changed. After a move there are as many as
    /// conversations, so not all of them at once.
    async fn add_up(&self, workspace: WorkspaceId) -> Result<(), StoreError> {
        let text = "with gone as (
              delete from conversation_count where id = any (array(
                select id from conversation_count where workspace_id = $1 limit 20000 for update skip locked))
              returning status, assignee_id, conversations
            )
            insert into conversation_count (workspace_id, status, assignee_id, conversations)
            select $1, status, assignee_id, sum(conversations) from gone group by status, assignee_id
            having sum(conversations) <> 0";
        self.db.execute(workspace, text, &[&uuid(workspace.0)]).await.map(drop)
    }

    /// Events with the conversation's position of the same moment: one statement sees one state.
    async fn slice(
        &self,
        conversation: ConversationId,
        bound: &'static str,
        position: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError> {
        let text = format!(
            "select {}, c.last_seq as head from conversation c left join lateral
             (select * from event where conversation_id = c.id and {bound} limit $3) e on true where c.id = $1",
            events::COLUMNS.split(", ").map(|column| format!("e.{column}")).collect::<Vec<_>>().join(", ")
        );
        let values: [Value<'_>; 3] = [&uuid(conversation.0), &signed(position), &i64::from(limit)];
        let rows = self.db.rows(Scope::any(), &text, &values).await?;
        let last_seq = rows.first().map_or(Ok(0), |row| number(row, 12))?;
        // A conversation without such events is one row without an event.
        let rows = rows.iter().filter(|row| matches!(row.try_get::<_, Option<i64>>(3), Ok(Some(_))));
        Ok(EventSlice { events: rows.map(events::read).collect::<Result<_, _>>()?, last_seq })
    }
}

type Owned = Box<dyn ToSql + Sync + Send>;

/// First which conversations are on the page, from an index alone, then what is shown of them.
fn list(workspace: WorkspaceId, filter: &ListFilter) -> (String, Vec<Owned>) {
    let (clauses, values) = clauses(workspace, filter);
    let page = |status: Option<Status>| {
        let status = status.map_or_else(String::new, |status| format!(" and c.status = '{}'", status.word()));
        format!(
            "select c.id, c.last_at from conversation c where c.workspace_id = $1{clauses}{status} order by c.last_at desc, c.id desc limit $2"
        )
    };
    let is_little = filter.search.is_some() || filter.contact.is_some();
    let page = if is_little || filter.status.is_some() {
        page(filter.status)
    } else {
        // Each status has an order of its own, so the pages of all of them are put together.
        let pages: Vec<String> =
            Status::ALL.iter().map(|status| format!("({})", page(Some(*status)))).collect();
        let pages = pages.join(" union all ");
        format!("select id, last_at from ({pages}) pages order by last_at desc, id desc limit $2")
    };
    // As an array, so that it is made before anything is joined.
    let text = format!(
        "{CONVERSATION} where c.workspace_id = $1 and c.id = any (array(select id from ({page}) page))
         order by c.last_at desc, c.id desc"
    );
    (text, values)
}

/// What the rows must fulfil besides workspace and status, with all values: first the workspace's and the limit's.
fn clauses(workspace: WorkspaceId, filter: &ListFilter) -> (String, Vec<Owned>) {
    let mut text = String::new();
    let mut values: Vec<Owned> = vec![Box::new(uuid(workspace.0)), Box::new(i64::from(filter.limit))];
    // `?` in a clause stands for the next number.
    let mut add = |clause: &str, more: Vec<Owned>| {
        let mut pieces = clause.split('?');
        text.push_str(pieces.next().unwrap_or_default());
        for (piece, value) in pieces.zip(more) {
            values.push(value);
            text.push_str(&format!("${}{piece}", values.len()));
        }
    };
    match filter.view {
        View::All => {}
        View::Unassigned => add(" and c.assignee_id is null", vec![]),
        View::AssignedTo(person) => add(" and c.assignee_id = ?", vec![Box::new(uuid(person.0))]),
    }
    if let Some(campaign) = filter.campaign {
        add(" and c.campaign_id = ?", vec![Box::new(uuid(campaign.0))]);
    }
    if let Some(contact) = filter.contact {
        add(" and c.contact_id = ?", vec![Box::new(uuid(contact.0))]);
    }
    if let Some(words) = &filter.search {
        let clause = format!(" and c.id = any (array({}))", search::FOUND);
        add(&clause, vec![Box::new(search::query(words))]);
    }
    if let Some((at, id)) = filter.after {
        add(" and (c.last_at, c.id) < (?, ?)", vec![Box::new(at), Box::new(uuid(id.0))]);
    }
    (text, values)
}

fn record(row: &Row) -> Result<ConversationRecord, StoreError> {
    let assignee_name: Option<String> = row.try_get(10)?;
    let side: Option<&str> = row.try_get(17)?;
    let (words, said_at): (Option<String>, Option<i64>) = (row.try_get(18)?, row.try_get(19)?);
    let side = side.map(|word| Side::from_word(word).ok_or_else(|| malformed("side"))).transpose()?;
    let author: Option<&str> = row.try_get(21)?;
    let author: Option<PersonId> =
        author.map(|id| id.parse().map_err(|_| malformed("author"))).transpose()?;
    let author_name: Option<String> = row.try_get(22)?;
    Ok(ConversationRecord {
        id: ConversationId(id(row, 0)?),
        division: DivisionId(id(row, 1)?),
        campaign: CampaignId(id(row, 2)?),
        campaign_name: row.try_get(3)?,
        channel: row.try_get(4)?,
        contact: ContactId(id(row, 5)?),
        contact_name: row.try_get(6)?,
        status: Status::from_word(row.try_get(7)?).ok_or_else(|| malformed("status"))?,
        snoozed_until: row.try_get(8)?,
        assignee: maybe_id(row, 9)?.map(|id| (PersonId(id), assignee_name.unwrap_or_default())),
        last_seq: number(row, 11)?,
        last_visible_seq: number(row, 12)?,
        last_at_ms: row.try_get(13)?,
        agent_unread: number(row, 14)?,
        contact_unread: number(row, 15)?,
        waiting_since: row.try_get(16)?,
        last_message: match (side, words, said_at) {
            (Some(side), Some(words), Some(at)) => Some((side, words, at)),
            _ => None,
        },
        last_author: author.map(|id| (id, author_name.unwrap_or_default())),
        created_at_ms: row.try_get(20)?,
    })
}
