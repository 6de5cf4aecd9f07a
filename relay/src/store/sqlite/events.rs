//! Rows of the event table, and the one way to add one.

use std::sync::Arc;

use protocol::ids::{ConversationId, DivisionId, WorkspaceId};
use protocol::message::{Actor, Side};
use rusqlite::Row;

use super::{WriteTx, malformed, number, signed};
use crate::store::StoredEvent;

pub(super) const COLUMNS: &str = "workspace_id, division_id, conversation_id, seq, feed_seq, visible_before, visible, side, actor_id, actor_name, at, body";

/// Adds events in their order; gives the feed number of the last.
pub(super) fn add(tx: &mut WriteTx<'_>, events: Vec<StoredEvent>) -> rusqlite::Result<u64> {
    let mut feed_seq = 0;
    for mut event in events {
        feed_seq = tx.next_feed_seq(event.division)?;
        event.feed_seq = feed_seq;
        insert(tx, &event)?;
        tx.remember(event);
    }
    Ok(feed_seq)
}

fn insert(tx: &WriteTx<'_>, event: &StoredEvent) -> rusqlite::Result<()> {
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
