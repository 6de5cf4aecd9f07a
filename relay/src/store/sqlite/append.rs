//! Storing a message: once, in order, with everything that follows from it in the same transaction.

use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, MessageId};
use rusqlite::OptionalExtension;

use super::{WriteTx, events, number, signed, standing};
use crate::store::standing::Standing;
use crate::store::{Append, AppendError, Appended, Recipient};

type Refusable<T> = rusqlite::Result<Result<T, AppendError>>;

pub(super) fn run(tx: &mut WriteTx<'_>, append: &Append) -> Refusable<Appended> {
    if let Some(earlier) = find_earlier(tx, append)? {
        return Ok(earlier);
    }
    let mut found = match find_or_start(tx, append)? {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    let said = found.say(append);
    let seq = said.first().map_or(0, |event| event.seq);
    let feed_seq = events::add(tx, said)?;
    standing::store(tx, &found)?;
    let mut insert = tx.connection.prepare_cached(
        "insert into message (author_id, cmid, digest, message_id, workspace_id, conversation_id, seq) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute((
        append.author,
        append.cmid.0,
        append.digest,
        append.message.0,
        append.workspace.0,
        found.conversation.0,
        signed(seq),
    ))?;
    Ok(Ok(Appended {
        conversation: found.conversation,
        division: found.division,
        message: append.message,
        seq,
        last_seq: found.last_seq,
        feed_seq,
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

fn find_or_start(tx: &WriteTx<'_>, append: &Append) -> Refusable<Standing> {
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

fn find(tx: &WriteTx<'_>, append: &Append, id: ConversationId) -> Refusable<Standing> {
    let found = standing::find(tx, append.workspace, id)?;
    // Somebody else's conversation looks like none.
    let found = found.filter(|found| append.owner.is_none_or(|owner| owner == found.contact));
    Ok(found.ok_or(AppendError::NoConversation))
}

fn start(
    tx: &WriteTx<'_>,
    append: &Append,
    campaign: CampaignId,
    division: DivisionId,
    contact: ContactId,
    id: ConversationId,
) -> Refusable<Standing> {
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
    Ok(Ok(Standing::fresh(append, division, contact, id)))
}
