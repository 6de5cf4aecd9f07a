//! Contacts and visitors.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, WorkspaceId};

use super::PostgresStore;
use super::db::{Scope, Transaction, Value, id, malformed, maybe_id, uuid};
use crate::inbox::contact::remember;
use crate::store::contacts::MOST_DEVICES;
use crate::store::{ContactRecord, Contacts, Newcomer, StoreError, Told, VisitorRecord};

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
        let text = "select v.contact_id, t.name, c.id, c.contact_unread, v.campaign_id, v.workspace_id, v.verified_at is not null
             from visitor v
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
                is_verified: row.try_get(6)?,
            })
        };
        row.map(read).transpose()
    }

    async fn find_verified(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        external_id: String,
    ) -> Result<Option<VisitorRecord>, StoreError> {
        let text = "select i.contact_id, t.name, c.id, c.contact_unread from contact_identity i
             join contact t on t.id = i.contact_id
             left join conversation c on c.contact_id = i.contact_id and c.campaign_id = $3
             where i.workspace_id = $1 and i.kind = 'external' and i.value = $2
             order by c.created_at desc nulls last, c.id desc nulls last limit 1";
        let values: [Value<'_>; 3] = [&uuid(workspace.0), &external_id, &uuid(campaign.0)];
        let row = self.db.row(workspace, text, &values).await?;
        let read = |row: tokio_postgres::Row| {
            Ok(VisitorRecord {
                workspace,
                contact: ContactId(id(&row, 0)?),
                campaign,
                name: row.try_get(1)?,
                conversation: maybe_id(&row, 2)?.map(ConversationId),
                unread: row.try_get::<_, Option<i64>>(3)?.unwrap_or(0).try_into().unwrap_or(0),
                is_verified: true,
            })
        };
        row.map(read).transpose()
    }

    async fn verify(&self, newcomer: Newcomer) -> Result<Option<ContactId>, StoreError> {
        let transaction = self.db.begin(newcomer.workspace).await?;
        // Held to the end: whoever changes the secret at this moment waits, and then ends this token, too.
        let text = "select 1 from campaign where workspace_id = $1 and id = $2 and identity_set_at = $3 and deleted_at is null for share";
        let values: [Value<'_>; 3] =
            [&uuid(newcomer.workspace.0), &uuid(newcomer.campaign.0), &newcomer.secret_at_ms];
        if transaction.row(text, &values).await?.is_none() {
            transaction.roll_back().await?;
            return Ok(None);
        }
        let contact = find_or_add(&transaction, &newcomer).await?;
        tie(&transaction, &newcomer, contact).await?;
        transaction.commit().await?;
        Ok(Some(contact))
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

/// The contact with a verified id, made now if there is none.
async fn find_or_add(transaction: &Transaction, newcomer: &Newcomer) -> Result<ContactId, StoreError> {
    if let Some(known) = find(transaction, newcomer).await? {
        return Ok(known);
    }
    let (workspace, contact) = (uuid(newcomer.workspace.0), uuid(newcomer.contact.0));
    let text = "insert into contact (id, workspace_id, division_id, details, first_seen_at, last_seen_at) values ($1, $2, $3, '{}', $4, $4)";
    let values: [Value<'_>; 4] = [&contact, &workspace, &uuid(newcomer.division.0), &newcomer.now_ms];
    transaction.execute(text, &values).await?;
    let text = "insert into contact_identity (workspace_id, kind, value, contact_id, verified_at) values ($1, 'external', $2, $3, $4)
         on conflict (workspace_id, kind, value) do nothing";
    let values: [Value<'_>; 4] = [&workspace, &newcomer.external_id, &contact, &newcomer.now_ms];
    if transaction.execute(text, &values).await? > 0 {
        return Ok(newcomer.contact);
    }
    // Another device was faster, and its contact is the one.
    transaction.execute("delete from contact where id = $1", &[&contact]).await?;
    find(transaction, newcomer).await?.ok_or_else(|| malformed("identity"))
}

async fn find(transaction: &Transaction, newcomer: &Newcomer) -> Result<Option<ContactId>, StoreError> {
    let text = "select contact_id from contact_identity where workspace_id = $1 and kind = 'external' and value = $2";
    let row = transaction.row(text, &[&uuid(newcomer.workspace.0), &newcomer.external_id]).await?;
    row.map(|row| id(&row, 0).map(ContactId)).transpose()
}

/// One more token for a contact; the oldest go.
async fn tie(transaction: &Transaction, newcomer: &Newcomer, contact: ContactId) -> Result<(), StoreError> {
    let (digest, campaign, contact) =
        (newcomer.visitor_digest.as_slice(), uuid(newcomer.campaign.0), uuid(contact.0));
    let text = "insert into visitor (digest, workspace_id, campaign_id, contact_id, created_at, verified_at) values ($1, $2, $3, $4, $5, $5)";
    let values: [Value<'_>; 5] =
        [&digest, &uuid(newcomer.workspace.0), &campaign, &contact, &newcomer.now_ms];
    transaction.execute(text, &values).await?;
    let text = "delete from visitor where campaign_id = $1 and contact_id = $2 and verified_at is not null and digest not in
         (select digest from visitor where campaign_id = $1 and contact_id = $2 and verified_at is not null
          order by verified_at desc, digest limit $3)";
    transaction.execute(text, &[&campaign, &contact, &MOST_DEVICES]).await.map(drop)
}
