//! Everything that moves a conversation other than a message: one transaction each.

use std::collections::HashMap;

use protocol::ids::{ConversationId, DivisionId, WorkspaceId};
use uuid::Uuid;

use super::PostgresStore;
use super::batch::number_events;
use super::db::{Transaction, number, signed, uuid};
use super::{events, standing};
use crate::store::standing::Standing;
use crate::store::{Change, Changed, Mark, StoreError, StoredEvent};

const COUNT: &str =
    "select count(*) from event where conversation_id = $1 and seq > $2 and kind = 'message' and side = $3";

const ANOTHER_OPEN: &str = "select 1 from conversation a join conversation b on b.campaign_id = a.campaign_id and b.contact_id = a.contact_id
    where a.id = $1 and b.id <> a.id and b.status <> 'resolved'";

impl PostgresStore {
    /// Moves a reader's mark forward, and tells the other side.
    pub(super) async fn move_mark(&self, mark: &Mark) -> Result<Option<Changed>, StoreError> {
        let transaction = self.db.begin(mark.workspace).await?;
        let Some(mut found) = lock(&transaction, mark.workspace, mark.conversation).await? else {
            transaction.roll_back().await?;
            return Ok(None);
        };
        let Some(marked) = found.mark(mark) else {
            transaction.roll_back().await?;
            return Ok(None);
        };
        if let Some((side, after)) = marked.recount {
            let conversation = uuid(found.conversation.0);
            let row = transaction.row(COUNT, &[&conversation, &signed(after), &side.word()]).await?;
            found.set_unread(mark.reader, row.map_or(Ok(0), |row| number(&row, 0))?);
        }
        self.finish(transaction, &found, vec![marked.event]).await.map(Some)
    }

    /// Changes status or assignment.
    pub(super) async fn make_change(&self, change: &Change) -> Result<Option<Changed>, StoreError> {
        let transaction = self.db.begin(change.workspace).await?;
        let Some(mut found) = lock(&transaction, change.workspace, change.conversation).await? else {
            transaction.roll_back().await?;
            return Ok(None);
        };
        let has_another_open = found.would_reopen(change)
            && transaction.row(ANOTHER_OPEN, &[&uuid(found.conversation.0)]).await?.is_some();
        let events = found.change(change, has_another_open);
        if events.is_empty() {
            transaction.roll_back().await?;
            return Ok(None);
        }
        self.finish(transaction, &found, events).await.map(Some)
    }

    async fn finish(
        &self,
        transaction: Transaction,
        found: &Standing,
        mut events: Vec<StoredEvent>,
    ) -> Result<Changed, StoreError> {
        let divisions: Vec<Uuid> = vec![uuid(found.division.0)];
        let rows = transaction.rows(standing::LOCK_DIVISIONS, &[&divisions]).await?;
        let last = rows.first().map_or(Ok(0), |row| number(row, 1))?;
        let mut feeds: HashMap<DivisionId, u64> = HashMap::from([(found.division, last)]);
        let feed_seq = number_events(&mut events, &mut feeds);
        let feed_seqs = vec![signed(feed_seq)];
        transaction.execute(events::INSERT, &events::Columns::of(&events)?.values()).await?;
        transaction.execute(standing::STORE, &standing::Columns::of([found]).values()).await?;
        transaction.execute(standing::STORE_DIVISIONS, &[&divisions, &feed_seqs]).await?;
        transaction.commit().await?;
        self.tail.add(events.into_iter().map(std::sync::Arc::new).collect());
        Ok(found.changed(feed_seq))
    }
}

async fn lock(
    transaction: &Transaction,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> Result<Option<Standing>, StoreError> {
    let ids: Vec<Uuid> = vec![uuid(conversation.0)];
    let row = transaction.row(standing::LOCK, &[&ids]).await?;
    let found = row.map(|row| standing::read(&row)).transpose()?;
    Ok(found.filter(|found| found.workspace == workspace))
}
