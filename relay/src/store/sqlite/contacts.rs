//! Contacts and visitors.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, number, sure};
use crate::inbox::contact::remember;
use crate::store::contacts::MOST_DEVICES;
use crate::store::{ContactRecord, Contacts, Newcomer, StoreError, Told, VisitorRecord};

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
                "select v.contact_id, t.name, c.id, c.contact_unread, v.campaign_id, v.workspace_id, v.verified_at is not null
                 from visitor v
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
                    is_verified: row.get(6)?,
                })
            });
            found.optional()
        })
        .await
    }

    async fn find_verified(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        external_id: String,
    ) -> Result<Option<VisitorRecord>, StoreError> {
        self.read(move |connection| {
            let mut select = connection.prepare_cached(
                "select i.contact_id, t.name, c.id, c.contact_unread from contact_identity i
                 join contact t on t.id = i.contact_id
                 left join conversation c on c.contact_id = i.contact_id and c.campaign_id = ?3
                 where i.workspace_id = ?1 and i.kind = 'external' and i.value = ?2
                 order by c.created_at desc, c.id desc limit 1",
            )?;
            let found = select.query_row((workspace.0, &external_id, campaign.0), |row| {
                Ok(VisitorRecord {
                    workspace,
                    contact: ContactId(row.get(0)?),
                    campaign,
                    name: row.get(1)?,
                    conversation: row.get::<_, Option<[u8; 16]>>(2)?.map(ConversationId),
                    unread: number(row.get::<_, Option<i64>>(3)?.unwrap_or(0)),
                    is_verified: true,
                })
            });
            found.optional()
        })
        .await
    }

    async fn verify(&self, newcomer: Newcomer) -> Result<Option<ContactId>, StoreError> {
        self.write(move |tx| {
            let mut proven = tx.connection.prepare_cached(
                "select 1 from campaign where workspace_id = ?1 and id = ?2 and identity_set_at = ?3 and deleted_at is null",
            )?;
            if !proven.exists((newcomer.workspace.0, newcomer.campaign.0, newcomer.secret_at_ms))? {
                return sure(None);
            }
            let contact = find_or_add(tx.connection, &newcomer)?;
            tie(tx.connection, &newcomer, contact)?;
            sure(Some(contact))
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

/// The contact with a verified id, made now if there is none.
fn find_or_add(connection: &Connection, newcomer: &Newcomer) -> rusqlite::Result<ContactId> {
    let Newcomer { workspace, division, external_id, contact, now_ms, .. } = newcomer;
    let mut select = connection.prepare_cached(
        "select contact_id from contact_identity where workspace_id = ?1 and kind = 'external' and value = ?2",
    )?;
    let known = select.query_row((workspace.0, external_id), |row| row.get(0)).optional()?;
    if let Some(known) = known {
        return Ok(ContactId(known));
    }
    let mut insert = connection.prepare_cached(
        "insert into contact (id, workspace_id, division_id, details, first_seen_at, last_seen_at) values (?1, ?2, ?3, '{}', ?4, ?4)",
    )?;
    insert.execute((contact.0, workspace.0, division.0, now_ms))?;
    let mut insert = connection.prepare_cached(
        "insert into contact_identity (workspace_id, kind, value, contact_id, verified_at) values (?1, 'external', ?2, ?3, ?4)",
    )?;
    insert.execute((workspace.0, external_id, contact.0, now_ms))?;
    Ok(*contact)
}

/// One more token for a contact; the oldest go.
fn tie(connection: &Connection, newcomer: &Newcomer, contact: ContactId) -> rusqlite::Result<()> {
    let Newcomer { workspace, campaign, visitor_digest, now_ms, .. } = newcomer;
    let mut insert = connection.prepare_cached(
        "insert into visitor (digest, workspace_id, campaign_id, contact_id, created_at, verified_at) values (?1, ?2, ?3, ?4, ?5, ?5)",
    )?;
    insert.execute((visitor_digest, workspace.0, campaign.0, contact.0, now_ms))?;
    let mut delete = connection.prepare_cached(
        "delete from visitor where campaign_id = ?1 and contact_id = ?2 and verified_at is not null and digest not in
         (select digest from visitor where campaign_id = ?1 and contact_id = ?2 and verified_at is not null
          order by verified_at desc, digest limit ?3)",
    )?;
    delete.execute((campaign.0, contact.0, MOST_DEVICES)).map(drop)
}
