//! Rows of the event table.

use std::sync::Arc;

use protocol::ids::{ConversationId, DivisionId, WorkspaceId};
use protocol::message::{Actor, Side};
use tokio_postgres::Row;
use uuid::Uuid;

use super::db::{Value, id, malformed, number, signed, uuid};
use crate::store::{StoreError, StoredEvent};

pub(super) const COLUMNS: &str = "workspace_id, division_id, conversation_id, seq, feed_seq, visible_before, visible, side, actor_id, actor_name, at, body";

pub(super) const INSERT: &str = "insert into event (workspace_id, division_id, conversation_id, seq, feed_seq, visible_before, visible, side, actor_id, actor_name, at, body, kind)
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[])";

/// Many events as the columns of [`INSERT`].
#[derive(Default)]
pub(super) struct Columns<'a> {
    workspaces: Vec<Uuid>,
    divisions: Vec<Uuid>,
    conversations: Vec<Uuid>,
    seqs: Vec<i64>,
    feed_seqs: Vec<i64>,
    visible_befores: Vec<i64>,
    visibles: Vec<bool>,
    sides: Vec<&'a str>,
    actor_ids: Vec<Option<&'a str>>,
    actor_names: Vec<Option<&'a str>>,
    ats: Vec<i64>,
    bodies: Vec<String>,
    kinds: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(events: impl IntoIterator<Item = &'a StoredEvent>) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for event in events {
            let body = serde_json::to_string(&event.body).map_err(|e| StoreError::Failed(e.to_string()))?;
            columns.workspaces.push(uuid(event.workspace.0));
            columns.divisions.push(uuid(event.division.0));
            columns.conversations.push(uuid(event.conversation.0));
            columns.seqs.push(signed(event.seq));
            columns.feed_seqs.push(signed(event.feed_seq));
            columns.visible_befores.push(signed(event.visible_before));
            columns.visibles.push(event.is_visible);
            columns.sides.push(event.actor.side.word());
            columns.actor_ids.push(event.actor.id.as_deref());
            columns.actor_names.push(event.actor.name.as_deref());
            columns.ats.push(event.at_ms);
            columns.bodies.push(body);
            columns.kinds.push(event.body.kind());
        }
        Ok(columns)
    }

    pub(super) fn values(&self) -> [Value<'_>; 13] {
        [
            &self.workspaces,
            &self.divisions,
            &self.conversations,
            &self.seqs,
            &self.feed_seqs,
            &self.visible_befores,
            &self.visibles,
            &self.sides,
            &self.actor_ids,
            &self.actor_names,
            &self.ats,
            &self.bodies,
            &self.kinds,
        ]
    }
}

pub(super) fn read(row: &Row) -> Result<Arc<StoredEvent>, StoreError> {
    Ok(Arc::new(StoredEvent {
        workspace: WorkspaceId(id(row, 0)?),
        division: DivisionId(id(row, 1)?),
        conversation: ConversationId(id(row, 2)?),
        seq: number(row, 3)?,
        feed_seq: number(row, 4)?,
        visible_before: number(row, 5)?,
        is_visible: row.try_get(6)?,
        actor: Actor {
            side: Side::from_word(row.try_get(7)?).ok_or_else(|| malformed("side"))?,
            id: row.try_get(8)?,
            name: row.try_get(9)?,
        },
        at_ms: row.try_get(10)?,
        body: serde_json::from_str(row.try_get(11)?).map_err(|_| malformed("event"))?,
    }))
}
