//! Contacts and visitors.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, WorkspaceId};

use super::PostgresStore;
use super::db::{Scope, id, maybe_id, uuid};
use crate::inbox::contact::remember;
use crate::store::{ContactRecord, Contacts, StoreError, Told, VisitorRecord};

#[async_trait]
impl Contacts for PostgresStore {
    async fn find_contact(
        &self,
        workspace: WorkspaceId,
        id: ContactId,
    ) -> Result<Option<ContactRecord>, StoreError> {
        let text = "select name, details, first_seen_at, last_seen_at from contact where workspace_id = $1 and id = $2";
        let row = self.db.row(workspace, text, &[&uuid(workspace.0), &uuid(id.0)]).await?;
        let read = |row: tokio_postgres::Row| {
            Ok(ContactRecord {
                id,
                name: row.try_get(0)?,
                details: row.try_get(1)?,
                first_seen_ms: row.try_get(2)?,
                last_seen_ms: row.try_get(3)?,
            })
        };
        row.map(read).transpose()
    }

    async fn find_visitor(&self, digest: [u8; 32]) -> Result<Option<VisitorRecord>, StoreError> {
        // The latest conversation goes on, also when it was resolved: whoever writes in it opens it again.
        let text = "select v.contact_id, t.name, c.id, c.contact_unread, v.campaign_id, v.workspace_id from visitor v
             join contact t on t.id = v.contact_id
             left join conversation c on c.contact_id = v.contact_id and c.campaign_id = v.campaign_id
             where v.digest = $1 order by c.created_at desc nulls last, c.id desc nulls last limit 1";
        let row = self.db.row(Scope::any(), text, &[&digest.as_slice()]).await?;
        let read = |row: tokio_postgres::Row| {
            Ok(VisitorRecord {
                workspace: WorkspaceId(id(&row, 5)?),
                contact: ContactId(id(&row, 0)?),
                campaign: CampaignId(id(&row, 4)?),
                name: row.try_get(1)?,
                conversation: maybe_id(&row, 2)?.map(ConversationId),
                unread: row.try_get::<_, Option<i64>>(3)?.unwrap_or(0).try_into().unwrap_or(0),
            })
        };
        row.map(read).transpose()
    }

    async fn conversations_of(
        &self,
        campaign: CampaignId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let text = "select id from conversation where contact_id = $1 and campaign_id = $2 order by created_at desc, id desc limit 20";
        let rows = self.db.rows(Scope::any(), text, &[&uuid(contact.0), &uuid(campaign.0)]).await?;
        rows.iter().map(|row| Ok(ConversationId(id(row, 0)?))).collect()
    }

    async fn note_visit(&self, contact: ContactId, told: Told, now_ms: i64) -> Result<(), StoreError> {
        let transaction = self.db.begin(Scope::any()).await?;
        // Locked, so that two pages of one visitor do not write over each other.
        let text = "select details from contact where id = $1 for update";
        let Some(row) = transaction.row(text, &[&uuid(contact.0)]).await? else {
            return transaction.roll_back().await;
        };
        let known: String = row.try_get(0)?;
        let details = remember(&known, &told);
        let text =
            "update contact set name = coalesce($2, name), details = $3, last_seen_at = $4 where id = $1";
        transaction.execute(text, &[&uuid(contact.0), &told.details.name, &details, &now_ms]).await?;
        transaction.commit().await
    }
}
