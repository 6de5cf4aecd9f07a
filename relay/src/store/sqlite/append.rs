//! Storing a message: once, in order, with everything that follows from it in the same transaction.

use protocol::event::{EventBody, Status, StatusChange};
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, MessageId};
use protocol::message::{Actor, Message, Side};
use rusqlite::OptionalExtension;

use super::events::{self, Head};
use super::{WriteTx, malformed, number, signed};
use crate::inbox::{conversation, message, visibility};
use crate::store::{Append, AppendError, Appended, Recipient};

type Refusable<T> = rusqlite::Result<Result<T, AppendError>>;

pub(super) fn run(tx: &mut WriteTx<'_>, append: &Append) -> Refusable<Appended> {
    if let Some(earlier) = find_earlier(tx, append)? {
        return Ok(earlier);
    }
    let (mut head, status) = match find_or_start(tx, append)? {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    let said = Message {
        msg: append.message,
        cmid: append.cmid,
        body: append.body.clone(),
        reply_to: append.reply_to,
    };
    let body = if append.is_note { EventBody::Note(said) } else { EventBody::Message(said) };
    let is_visible = visibility::is_visible_to_visitor(&body);
    events::add(tx, &mut head, &append.actor, body, is_visible, append.now_ms)?;
    let seq = head.last_seq;

    let next_status =
        if append.is_note { status } else { conversation::after_message(status, append.actor.side) };
    if next_status != status {
        let system = Actor { side: Side::System, id: None, name: None };
        let change = EventBody::Status(StatusChange { status: next_status, until: None });
        events::add(tx, &mut head, &system, change, true, append.now_ms)?;
    }
    store_head(tx, append, &head, seq, next_status)?;
    let mut insert = tx.connection.prepare_cached(
        "insert into message (author_id, cmid, digest, message_id, workspace_id, conversation_id, seq) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute((
        append.author,
        append.cmid.0,
        append.digest,
        append.message.0,
        append.workspace.0,
        head.conversation.0,
        signed(seq),
    ))?;
    Ok(Ok(Appended {
        conversation: head.conversation,
        division: head.division,
        message: append.message,
        seq,
        last_seq: head.last_seq,
        feed_seq: head.feed_seq,
        is_duplicate: false,
    }))
}

/// The same author has used this client id before: the same payload is a duplicate, another one a conflict.
fn find_earlier(
    tx: &WriteTx<'_>,
    append: &Append,
) -> rusqlite::Result<Option<Result<Appended, AppendError>>> {
    let mut select = tx.connection.prepare_cached(
        "select digest, message_id, conversation_id, seq,
         (select division_id from conversation where id = message.conversation_id)
         from message where author_id = ?1 and cmid = ?2",
    )?;
    let earlier = select.query_row((append.author, append.cmid.0), |row| {
        let digest: [u8; 32] = row.get(0)?;
        let seq = number(row.get(3)?);
        let appended = Appended {
            message: MessageId(row.get(1)?),
            conversation: ConversationId(row.get(2)?),
            division: DivisionId(row.get(4)?),
            seq,
            last_seq: seq,
            feed_seq: 0,
            is_duplicate: true,
        };
        Ok(if digest == append.digest { Ok(appended) } else { Err(AppendError::Conflict) })
    });
    earlier.optional()
}

fn find_or_start(tx: &WriteTx<'_>, append: &Append) -> Refusable<(Head, Status)> {
    match &append.recipient {
        Recipient::Conversation(id) => find(tx, append, *id),
        Recipient::Campaign { campaign, division, fresh } => {
            let Some(contact) = append.owner else { return Ok(Err(AppendError::NoConversation)) };
            let mut select = tx
                .connection
                .prepare_cached("select id from conversation where campaign_id = ?1 and contact_id = ?2 and status <> 'resolved'")?;
            let open: Option<[u8; 16]> =
                select.query_row((campaign.0, contact.0), |row| row.get(0)).optional()?;
            match open {
                Some(id) => find(tx, append, ConversationId(id)),
                None => start(tx, append, *campaign, *division, contact, *fresh),
            }
        }
    }
}

fn find(tx: &WriteTx<'_>, append: &Append, id: ConversationId) -> Refusable<(Head, Status)> {
    let mut select = tx.connection.prepare_cached(
        // Receipts leave `last_at` alone, which orders the list; the last event itself says how late it is.
        "select division_id, last_seq, last_visible_seq,
         max(last_at, coalesce((select event.at from event where event.conversation_id = conversation.id and event.seq = conversation.last_seq), 0)),
         status, contact_id from conversation where workspace_id = ?1 and id = ?2",
    )?;
    let found = select
        .query_row((append.workspace.0, id.0), |row| {
            let status: String = row.get(4)?;
            let head = Head {
                workspace: append.workspace,
                division: DivisionId(row.get(0)?),
                conversation: id,
                last_seq: number(row.get(1)?),
                last_visible_seq: number(row.get(2)?),
                last_at: row.get(3)?,
                feed_seq: 0,
            };
            let status = Status::from_word(&status).ok_or_else(|| malformed(4, "status"))?;
            Ok((head, status, ContactId(row.get(5)?)))
        })
        .optional()?;
    // Somebody else's conversation looks like none.
    let found = found.filter(|(_, _, contact)| append.owner.is_none_or(|owner| owner == *contact));
    Ok(found.map(|(head, status, _)| (head, status)).ok_or(AppendError::NoConversation))
}

fn start(
    tx: &WriteTx<'_>,
    append: &Append,
    campaign: CampaignId,
    division: DivisionId,
    contact: ContactId,
    id: ConversationId,
) -> Refusable<(Head, Status)> {
    if let Some(new) = &append.new_contact {
        let mut insert = tx.connection.prepare_cached(
            "insert into contact (id, workspace_id, division_id, name, details, first_seen_at, last_seen_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             on conflict (id) do nothing",
        )?;
        insert.execute((new.id.0, append.workspace.0, division.0, &new.name, &new.details, append.now_ms))?;
        let mut insert = tx.connection.prepare_cached(
            "insert into visitor (digest, workspace_id, campaign_id, contact_id, created_at) values (?1, ?2, ?3, ?4, ?5) on conflict (digest) do nothing",
        )?;
        insert.execute((new.visitor_digest, append.workspace.0, campaign.0, new.id.0, append.now_ms))?;
    }
    let mut insert = tx.connection.prepare_cached(
        "insert into conversation (id, workspace_id, division_id, campaign_id, contact_id, status, last_seq, last_visible_seq, last_at, created_at)
         values (?1, ?2, ?3, ?4, ?5, 'open', 0, 0, ?6, ?6)",
    )?;
    insert.execute((id.0, append.workspace.0, division.0, campaign.0, contact.0, append.now_ms))?;
    let head = Head {
        workspace: append.workspace,
        division,
        conversation: id,
        last_seq: 0,
        last_visible_seq: 0,
        last_at: 0,
        feed_seq: 0,
    };
    Ok(Ok((head, Status::Open)))
}

fn store_head(
    tx: &WriteTx<'_>,
    append: &Append,
    head: &Head,
    seq: u64,
    status: Status,
) -> rusqlite::Result<()> {
    if append.is_note {
        let mut update = tx
            .connection
            .prepare_cached("update conversation set last_seq = ?2, last_at = ?3 where id = ?1")?;
        update.execute((head.conversation.0, signed(head.last_seq), head.last_at))?;
        return Ok(());
    }
    let text = match append.actor.side {
        Side::Contact => {
            "update conversation set last_seq = ?2, last_visible_seq = ?3, last_at = ?4, status = ?5, snoozed_until = null,
             last_message_side = ?6, last_message_text = ?7, last_message_at = ?4, last_contact_seq = ?8,
             agent_unread = agent_unread + 1, waiting_since = coalesce(waiting_since, ?4) where id = ?1"
        }
        Side::Agent | Side::System => {
            "update conversation set last_seq = ?2, last_visible_seq = ?3, last_at = ?4, status = ?5, snoozed_until = null,
             last_message_side = ?6, last_message_text = ?7, last_message_at = ?4, last_agent_seq = ?8,
             contact_unread = contact_unread + 1, waiting_since = null where id = ?1"
        }
    };
    let mut update = tx.connection.prepare_cached(text)?;
    update.execute((
        head.conversation.0,
        signed(head.last_seq),
        signed(head.last_visible_seq),
        head.last_at,
        status.word(),
        append.actor.side.word(),
        message::preview(&append.body),
        signed(seq),
    ))?;
    Ok(())
}
