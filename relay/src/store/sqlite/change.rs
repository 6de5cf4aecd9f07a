//! Everything that moves a conversation other than a message.

use protocol::event::{Assignee, Assignment, EventBody, Reader, Receipt, ReceiptState, Status, StatusChange};
use protocol::ids::{ContactId, ConversationId, DivisionId, WorkspaceId};
use protocol::message::Actor;
use rusqlite::OptionalExtension;

use super::events::{self, Head};
use super::{WriteTx, malformed, number, signed, sure};
use crate::clock::rfc3339;
use crate::inbox::visibility;
use crate::store::{Change, Changed, Mark, StoreError};

type Step<T> = rusqlite::Result<Result<T, StoreError>>;

/// A conversation as the steps here need it.
struct State {
    head: Head,
    owner: ContactId,
    status: Status,
    assignee: Option<[u8; 16]>,
    last_contact_seq: u64,
    last_agent_seq: u64,
    contact: Marks,
    agent: Marks,
}

/// How far one side has come.
struct Marks {
    delivered: u64,
    read: u64,
}

fn find(tx: &WriteTx<'_>, workspace: WorkspaceId, id: ConversationId) -> rusqlite::Result<Option<State>> {
    let mut select = tx.connection.prepare_cached(
        "select division_id, last_seq, last_visible_seq,
         max(last_at, coalesce((select event.at from event where event.conversation_id = conversation.id and event.seq = conversation.last_seq), 0)),
         status, contact_id, assignee_id, last_contact_seq, last_agent_seq,
         contact_delivered, contact_read, agent_delivered, agent_read from conversation where workspace_id = ?1 and id = ?2",
    )?;
    let found = select.query_row((workspace.0, id.0), |row| {
        let status: String = row.get(4)?;
        let head = Head {
            workspace,
            division: DivisionId(row.get(0)?),
            conversation: id,
            last_seq: number(row.get(1)?),
            last_visible_seq: number(row.get(2)?),
            last_at: row.get(3)?,
            feed_seq: 0,
        };
        Ok(State {
            head,
            owner: ContactId(row.get(5)?),
            status: Status::from_word(&status).ok_or_else(|| malformed(4, "status"))?,
            assignee: row.get(6)?,
            last_contact_seq: number(row.get(7)?),
            last_agent_seq: number(row.get(8)?),
            contact: Marks { delivered: number(row.get(9)?), read: number(row.get(10)?) },
            agent: Marks { delivered: number(row.get(11)?), read: number(row.get(12)?) },
        })
    });
    found.optional()
}

#[expect(clippy::unnecessary_wraps, reason = "it is what steps answer with")]
fn done(head: &Head) -> Option<Changed> {
    Some(Changed {
        conversation: head.conversation,
        division: head.division,
        last_seq: head.last_seq,
        feed_seq: head.feed_seq,
    })
}

/// Moves a reader's mark forward, and tells the other side.
pub(super) fn mark(tx: &mut WriteTx<'_>, mark: &Mark) -> Step<Option<Changed>> {
    let Some(mut state) = find(tx, mark.workspace, mark.conversation)? else { return sure(None) };
    if mark.owner.is_some_and(|owner| owner != state.owner) {
        return sure(None);
    }
    // Only what the other side said can be received or read; marks of marks would never end.
    let (last_said, marks) = match mark.reader {
        Reader::Contact => (state.last_agent_seq, &state.contact),
        Reader::Agent => (state.last_contact_seq, &state.agent),
    };
    let up_to = mark.up_to.min(last_said);
    let known = match mark.state {
        ReceiptState::Delivered => marks.delivered.max(marks.read),
        ReceiptState::Read => marks.read,
    };
    if up_to <= known {
        return sure(None);
    }
    let receipt = EventBody::Delivery(Receipt { by: mark.reader, state: mark.state, up_to });
    events::add(tx, &mut state.head, &mark.actor, receipt, true, mark.now_ms)?;
    let text = match (mark.reader, mark.state) {
        (Reader::Contact, ReceiptState::Delivered) => "update conversation set last_seq = ?2, last_visible_seq = ?2, contact_delivered = ?3 where id = ?1",
        (Reader::Contact, ReceiptState::Read) => {
            "update conversation set last_seq = ?2, last_visible_seq = ?2, contact_read = ?3, contact_delivered = max(contact_delivered, ?3),
             contact_unread = (select count(*) from event where conversation_id = ?1 and seq > ?3 and kind = 'message' and side = 'agent') where id = ?1"
        }
        (Reader::Agent, ReceiptState::Delivered) => "update conversation set last_seq = ?2, last_visible_seq = ?2, agent_delivered = ?3 where id = ?1",
        (Reader::Agent, ReceiptState::Read) => {
            "update conversation set last_seq = ?2, last_visible_seq = ?2, agent_read = ?3, agent_delivered = max(agent_delivered, ?3),
             agent_unread = (select count(*) from event where conversation_id = ?1 and seq > ?3 and kind = 'message' and side = 'contact') where id = ?1"
        }
    };
    tx.connection.prepare_cached(text)?.execute((
        state.head.conversation.0,
        signed(state.head.last_seq),
        signed(up_to),
    ))?;
    sure(done(&state.head))
}

/// Changes status or assignment. What is already so changes nothing.
pub(super) fn run(tx: &mut WriteTx<'_>, change: &Change) -> Step<Option<Changed>> {
    let Some(mut state) = find(tx, change.workspace, change.conversation)? else { return sure(None) };
    let before = state.head.last_seq;
    if let Some((status, until)) = change.status {
        set_status(tx, &mut state, status, until, &change.actor, change.now_ms)?;
    }
    if let Some(assignee) = &change.assignee
        && assignee.as_ref().map(|(id, _)| id.0) != state.assignee
    {
        let named = assignee.as_ref().map(|(id, name)| Assignee { id: *id, name: name.clone() });
        let body = EventBody::Assigned(Assignment { assignee: named });
        events::add(tx, &mut state.head, &change.actor, body, false, change.now_ms)?;
        let mut update =
            tx.connection.prepare_cached("update conversation set assignee_id = ?2 where id = ?1")?;
        update.execute((state.head.conversation.0, assignee.as_ref().map(|(id, _)| id.0)))?;
    }
    if state.head.last_seq == before {
        return sure(None);
    }
    let mut update = tx.connection.prepare_cached(
        "update conversation set last_seq = ?2, last_visible_seq = ?3, last_at = ?4 where id = ?1",
    )?;
    update.execute((
        state.head.conversation.0,
        signed(state.head.last_seq),
        signed(state.head.last_visible_seq),
        state.head.last_at,
    ))?;
    sure(done(&state.head))
}

fn set_status(
    tx: &mut WriteTx<'_>,
    state: &mut State,
    status: Status,
    until: Option<i64>,
    actor: &Actor,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let until = until.filter(|_| status == Status::Snoozed);
    if status == state.status && until.is_none() {
        return Ok(());
    }
    // A contact has one open conversation at a time. Opening an old one beside it would make two.
    if state.status == Status::Resolved && status != Status::Resolved {
        let mut select = tx.connection.prepare_cached(
            "select 1 from conversation a join conversation b on b.campaign_id = a.campaign_id and b.contact_id = a.contact_id
             where a.id = ?1 and b.id <> ?1 and b.status <> 'resolved'",
        )?;
        if select.exists([state.head.conversation.0])? {
            return Ok(());
        }
    }
    let body = EventBody::Status(StatusChange { status, until: until.map(rfc3339) });
    let is_visible = visibility::is_visible_to_visitor(&body);
    events::add(tx, &mut state.head, actor, body, is_visible, now_ms)?;
    let mut update = tx.connection.prepare_cached(
        "update conversation set status = ?2, snoozed_until = ?3, waiting_since = case when ?2 = 'resolved' then null else waiting_since end where id = ?1",
    )?;
    update.execute((state.head.conversation.0, status.word(), until))?;
    state.status = status;
    Ok(())
}
