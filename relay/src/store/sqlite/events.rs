//! Rows of the event table, and the one way to add one.

use std::sync::Arc;

use protocol::event::EventBody;
use protocol::ids::{ConversationId, DivisionId, WorkspaceId};
use protocol::message::{Actor, Side};
use rusqlite::Row;

use super::{WriteTx, malformed, number, signed};
use crate::store::StoredEvent;

pub(super) const COLUMNS: &str = "workspace_id, division_id, conversation_id, seq, feed_seq, visible_before, visible, side, actor_id, actor_name, at, body";

/// What a new event needs to know of its conversation. Kept up to date as events are added.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) workspace: WorkspaceId,
    pub(super) division: DivisionId,
    pub(super) conversation: ConversationId,
    pub(super) last_seq: u64,
    pub(super) last_visible_seq: u64,
    pub(super) last_at: i64,
    /// Of the last event added here.
    pub(super) feed_seq: u64,
}

/// Adds an event after all others. The caller stores the head afterwards, in the same transaction.
pub(super) fn add(
    tx: &mut WriteTx<'_>,
    head: &mut Head,
    actor: &Actor,
    body: EventBody,
    is_visible: bool,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let event = StoredEvent {
        workspace: head.workspace,
        division: head.division,
        conversation: head.conversation,
        seq: head.last_seq + 1,
        feed_seq: tx.next_feed_seq(head.division)?,
        visible_before: head.last_visible_seq,
        is_visible,
        actor: actor.clone(),
        // Order is seq; time only never runs backwards beside it.
        at_ms: now_ms.max(head.last_at),
        body,
    };
    let json =
        serde_json::to_string(&event.body).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let mut insert = tx.connection.prepare_cached(
        "insert into event (workspace_id, division_id, conversation_id, seq, feed_seq, visible_before, visible, side, actor_id, actor_name, at, body, kind)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    insert.execute(rusqlite::params![
        event.workspace.0,
        event.division.0,
        event.conversation.0,
        signed(event.seq),
        signed(event.feed_seq),
        signed(event.visible_before),
        event.is_visible,
        event.actor.side.word(),
        event.actor.id,
        event.actor.name,
        event.at_ms,
        json,
        event.body.kind(),
    ])?;
    drop(insert);
    head.last_seq = event.seq;
    head.feed_seq = event.feed_seq;
    head.last_at = event.at_ms;
    if is_visible {
        head.last_visible_seq = event.seq;
    }
    tx.remember(event);
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Arc<StoredEvent>> {
    let side: String = row.get(7)?;
    let body: String = row.get(11)?;
    Ok(Arc::new(StoredEvent {
        workspace: WorkspaceId(row.get(0)?),
        division: DivisionId(row.get(1)?),
        conversation: ConversationId(row.get(2)?),
        seq: number(row.get(3)?),
        feed_seq: number(row.get(4)?),
        visible_before: number(row.get(5)?),
        is_visible: row.get(6)?,
        actor: Actor {
            side: Side::from_word(&side).ok_or_else(|| malformed(7, "side"))?,
            id: row.get(8)?,
            name: row.get(9)?,
        },
        at_ms: row.get(10)?,
        body: serde_json::from_str(&body).map_err(|_| malformed(11, "body"))?,
    }))
}
