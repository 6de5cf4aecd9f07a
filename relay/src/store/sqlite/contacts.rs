//! Contacts and visitors.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, WorkspaceId};
use rusqlite::OptionalExtension;

use super::{SqliteStore, number, sure};
use crate::inbox::contact::remember;
use crate::store::{ContactRecord, Contacts, StoreError, Told, VisitorRecord};

#[async_trait]
impl Contacts for SqliteStore {
    async fn find_contact(
        &self,
        workspace: WorkspaceId,
        id: ContactId,
    ) -> Result<Option<ContactRecord>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("select name, details, first_seen_at, last_seen_at from contact where workspace_id = ?1 and id = ?2")?;
            let found = select.query_row((workspace.0, id.0), |row| {
                Ok(ContactRecord { id, name: row.get(0)?, details: row.get(1)?, first_seen_ms: row.get(2)?, last_seen_ms: row.get(3)? })
            });
            found.optional()
        })
        .await
    }

    async fn find_visitor(&self, digest: [u8; 32]) -> Result<Option<VisitorRecord>, StoreError> {
        self.read(move |connection| {
            // The latest conversation goes on, also when it was resolved: whoever writes in it opens it again.
            let mut select = connection.prepare_cached(
                "select v.contact_id, t.name, c.id, c.contact_unread, v.campaign_id, v.workspace_id from visitor v
                 join contact t on t.id = v.contact_id
                 left join conversation c on c.contact_id = v.contact_id and c.campaign_id = v.campaign_id
                 where v.digest = ?1 order by c.created_at desc, c.id desc limit 1",
            )?;
            let found = select.query_row([digest], |row| {
                Ok(VisitorRecord {
                    workspace: WorkspaceId(row.get(5)?),
                    contact: ContactId(row.get(0)?),
                    campaign: CampaignId(row.get(4)?),
                    name: row.get(1)?,
                    conversation: row.get::<_, Option<[u8; 16]>>(2)?.map(ConversationId),
                    unread: number(row.get::<_, Option<i64>>(3)?.unwrap_or(0)),
                })
            });
            found.optional()
        })
        .await
    }

    async fn conversations_of(
        &self,
        campaign: CampaignId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("select id from conversation where contact_id = ?1 and campaign_id = ?2 order by created_at desc, id desc limit 20")?;
            select.query_map((contact.0, campaign.0), |row| Ok(ConversationId(row.get(0)?)))?.collect()
        })
        .await
    }

    async fn note_visit(&self, contact: ContactId, told: Told, now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut select = tx.connection.prepare_cached("select details from contact where id = ?1")?;
            let known: Option<String> = select.query_row([contact.0], |row| row.get(0)).optional()?;
            if let Some(known) = known {
                let mut update = tx.connection.prepare_cached(
                    "update contact set name = coalesce(?2, name), details = ?3, last_seen_at = ?4 where id = ?1",
                )?;
                update.execute((contact.0, &told.details.name, remember(&known, &told), now_ms))?;
            }
            sure(())
        })
        .await
    }
}
