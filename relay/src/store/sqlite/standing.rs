//! Loading and storing where a conversation stands.

use protocol::event::Status;
use protocol::ids::{ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use rusqlite::OptionalExtension;

use super::{WriteTx, malformed, number, signed};
use crate::store::standing::{Heard, Standing};

pub(super) fn find(
    tx: &WriteTx<'_>,
    workspace: WorkspaceId,
    id: ConversationId,
) -> rusqlite::Result<Option<Standing>> {
    let mut select = tx.connection.prepare_cached(
        // Receipts leave `last_at` alone, which orders the list; the last event itself says how late it is.
        "select division_id, contact_id, status, snoozed_until, assignee_id, last_seq, last_visible_seq, last_at,
         max(last_at, coalesce((select event.at from event where event.conversation_id = conversation.id and event.seq = conversation.last_seq), 0)),
         last_agent_seq, contact_delivered, contact_read, contact_unread,
         last_contact_seq, agent_delivered, agent_read, agent_unread, waiting_since
         from conversation where workspace_id = ?1 and id = ?2",
    )?;
    let found = select.query_row((workspace.0, id.0), |row| {
        let status: String = row.get(2)?;
        let heard = |from: usize| {
            Ok::<_, rusqlite::Error>(Heard {
                last_said: number(row.get(from)?),
                delivered: number(row.get(from + 1)?),
                read: number(row.get(from + 2)?),
                unread: number(row.get(from + 3)?),
            })
        };
        Ok(Standing {
            workspace,
            division: DivisionId(row.get(0)?),
            conversation: id,
            contact: ContactId(row.get(1)?),
            status: Status::from_word(&status).ok_or_else(|| malformed(2, "status"))?,
            snoozed_until: row.get(3)?,
            assignee: row.get::<_, Option<[u8; 16]>>(4)?.map(PersonId),
            last_seq: number(row.get(5)?),
            last_visible_seq: number(row.get(6)?),
            last_at: row.get(7)?,
            last_event_at: row.get(8)?,
            contact_heard: heard(9)?,
            agents_heard: heard(13)?,
            waiting_since: row.get(17)?,
            said: None,
        })
    });
    found.optional()
}

pub(super) fn store(tx: &WriteTx<'_>, standing: &Standing) -> rusqlite::Result<()> {
    let mut update = tx.connection.prepare_cached(
        "update conversation set status = ?2, snoozed_until = ?3, assignee_id = ?4, last_seq = ?5, last_visible_seq = ?6, last_at = ?7,
         last_agent_seq = ?8, contact_delivered = ?9, contact_read = ?10, contact_unread = ?11,
         last_contact_seq = ?12, agent_delivered = ?13, agent_read = ?14, agent_unread = ?15, waiting_since = ?16,
         last_message_side = coalesce(?17, last_message_side), last_message_text = coalesce(?18, last_message_text),
         last_message_at = coalesce(?19, last_message_at) where id = ?1",
    )?;
    let (contact, agents, said) = (&standing.contact_heard, &standing.agents_heard, standing.said.as_ref());
    update.execute(rusqlite::params![
        standing.conversation.0,
        standing.status.word(),
        standing.snoozed_until,
        standing.assignee.map(|person| person.0),
        signed(standing.last_seq),
        signed(standing.last_visible_seq),
        standing.last_at,
        signed(contact.last_said),
        signed(contact.delivered),
        signed(contact.read),
        signed(contact.unread),
        signed(agents.last_said),
        signed(agents.delivered),
        signed(agents.read),
        signed(agents.unread),
        standing.waiting_since,
        said.map(|(side, ..)| side.word()),
        said.map(|(_, words, _)| words),
        said.map(|(.., at)| at),
    ])?;
    Ok(())
}
