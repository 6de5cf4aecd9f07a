//! Loading, locking and storing where conversations stand.

use protocol::event::Status;
use protocol::ids::{ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::db::{Value, id, malformed, maybe_id, number, signed, uuid};
use crate::store::StoreError;
use crate::store::standing::{Heard, Standing};

/// Locks conversations until the transaction ends, always in the order of their ids. Divisions are locked after them.
pub(super) const LOCK: &str = "select workspace_id, division_id, id, contact_id, status, snoozed_until, assignee_id, last_seq, last_visible_seq, last_at,
    last_event_at, last_agent_seq, contact_delivered, contact_read, contact_unread,
    last_contact_seq, agent_delivered, agent_read, agent_unread, waiting_since
    from conversation where id = any ($1::uuid[]) order by id for no key update";

pub(super) const LOCK_DIVISIONS: &str =
    "select id, feed_seq from division where id = any ($1::uuid[]) order by id for no key update";

pub(super) const STORE_DIVISIONS: &str = "update division set feed_seq = new.feed_seq
    from unnest($1::uuid[], $2::bigint[]) as new (id, feed_seq) where division.id = new.id";

pub(super) const STORE: &str = "update conversation set status = new.status, snoozed_until = new.snoozed_until, assignee_id = new.assignee_id,
    last_seq = new.last_seq, last_visible_seq = new.last_visible_seq, last_at = new.last_at, last_event_at = new.last_event_at,
    last_agent_seq = new.last_agent_seq, contact_delivered = new.contact_delivered, contact_read = new.contact_read, contact_unread = new.contact_unread,
    last_contact_seq = new.last_contact_seq, agent_delivered = new.agent_delivered, agent_read = new.agent_read, agent_unread = new.agent_unread,
    waiting_since = new.waiting_since, last_message_side = coalesce(new.side, last_message_side),
    last_message_text = coalesce(new.words, last_message_text), last_message_at = coalesce(new.said_at, last_message_at)
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
      $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::text[], $20::bigint[])
    as new (id, status, snoozed_until, assignee_id, last_seq, last_visible_seq, last_at, last_event_at, last_agent_seq, contact_delivered,
      contact_read, contact_unread, last_contact_seq, agent_delivered, agent_read, agent_unread, waiting_since, side, words, said_at)
    where conversation.id = new.id";

pub(super) fn read(row: &Row) -> Result<Standing, StoreError> {
    let heard = |from: usize| {
        Ok::<_, StoreError>(Heard {
            last_said: number(row, from)?,
            delivered: number(row, from + 1)?,
            read: number(row, from + 2)?,
            unread: number(row, from + 3)?,
        })
    };
    Ok(Standing {
        workspace: WorkspaceId(id(row, 0)?),
        division: DivisionId(id(row, 1)?),
        conversation: ConversationId(id(row, 2)?),
        contact: ContactId(id(row, 3)?),
        status: Status::from_word(row.try_get(4)?).ok_or_else(|| malformed("status"))?,
        snoozed_until: row.try_get(5)?,
        assignee: maybe_id(row, 6)?.map(PersonId),
        last_seq: number(row, 7)?,
        last_visible_seq: number(row, 8)?,
        last_at: row.try_get(9)?,
        last_event_at: row.try_get(10)?,
        contact_heard: heard(11)?,
        agents_heard: heard(15)?,
        waiting_since: row.try_get(19)?,
        said: None,
    })
}

/// Many standings as the columns of [`STORE`].
#[derive(Default)]
pub(super) struct Columns<'a> {
    ids: Vec<Uuid>,
    statuses: Vec<&'a str>,
    snoozed_untils: Vec<Option<i64>>,
    assignees: Vec<Option<Uuid>>,
    /// The numbers, in the order of the statement.
    counters: [Vec<i64>; 12],
    waiting_sinces: Vec<Option<i64>>,
    sides: Vec<Option<&'a str>>,
    words: Vec<Option<&'a str>>,
    said_ats: Vec<Option<i64>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(standings: impl IntoIterator<Item = &'a Standing>) -> Self {
        let mut columns = Self::default();
        for standing in standings {
            let (contact, agents) = (&standing.contact_heard, &standing.agents_heard);
            columns.ids.push(uuid(standing.conversation.0));
            columns.statuses.push(standing.status.word());
            columns.snoozed_untils.push(standing.snoozed_until);
            columns.assignees.push(standing.assignee.map(|person| uuid(person.0)));
            let counters = [
                signed(standing.last_seq),
                signed(standing.last_visible_seq),
                standing.last_at,
                standing.last_event_at,
                signed(contact.last_said),
                signed(contact.delivered),
                signed(contact.read),
                signed(contact.unread),
                signed(agents.last_said),
                signed(agents.delivered),
                signed(agents.read),
                signed(agents.unread),
            ];
            for (column, counter) in columns.counters.iter_mut().zip(counters) {
                column.push(counter);
            }
            columns.waiting_sinces.push(standing.waiting_since);
            let said = standing.said.as_ref();
            columns.sides.push(said.map(|(side, ..)| side.word()));
            columns.words.push(said.map(|(_, words, _)| words.as_str()));
            columns.said_ats.push(said.map(|(.., at)| *at));
        }
        columns
    }

    pub(super) fn values(&self) -> Vec<Value<'_>> {
        let mut values: Vec<Value<'_>> =
            vec![&self.ids, &self.statuses, &self.snoozed_untils, &self.assignees];
        values.extend(self.counters.iter().map(|column| column as Value<'_>));
        values.extend([&self.waiting_sinces as Value<'_>, &self.sides, &self.words, &self.said_ats]);
        values
    }
}
