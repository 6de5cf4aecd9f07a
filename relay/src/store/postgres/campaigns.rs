//! Campaigns and widget keys.

use async_trait::async_trait;
use protocol::ids::{CampaignId, DivisionId, WorkspaceId};
use tokio_postgres::Row;

use super::PostgresStore;
use super::db::{Scope, Transaction, Value, bytes, id, malformed, uuid};
use crate::store::sql::{CAMPAIGN, KEY};
use crate::store::{CampaignRecord, Campaigns, KeyHit, KeyRecord, NewKey, SealedSecret, StoreError};

const ADD_KEY: &str = "insert into widget_key (digest, workspace_id, campaign_id, sealed, created_at) values ($1, $2, $3, $4, $5)";

#[async_trait]
impl Campaigns for PostgresStore {
    async fn add_campaign(&self, campaign: CampaignRecord, key: NewKey) -> Result<(), StoreError> {
        let (origins, appearance) = as_json(&campaign)?;
        let (id, workspace) = (uuid(campaign.id.0), uuid(campaign.workspace.0));
        let transaction = self.db.begin(campaign.workspace).await?;
        transaction
            .execute(
                "insert into campaign (id, workspace_id, division_id, channel, name, allowed_origins, appearance, created_at, updated_at)
                 values ($1, $2, (select id from division where workspace_id = $2 order by id limit 1), $3, $4, $5, $6, $7, $7)",
                &[&id, &workspace, &campaign.channel, &campaign.name, &origins, &appearance, &campaign.created_at_ms],
            )
            .await?;
        add_key(&transaction, campaign.workspace, campaign.id, &key, campaign.created_at_ms).await?;
        transaction.commit().await
    }

    async fn list_campaigns(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, CampaignId)>,
        limit: u32,
    ) -> Result<Vec<CampaignRecord>, StoreError> {
        let (at, id) = after.map_or((i64::MAX, [0xff; 16]), |(at, id)| (at, id.0));
        let text = format!(
            "{CAMPAIGN} and workspace_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4"
        );
        let rows =
            self.db.rows(workspace, &text, &[&uuid(workspace.0), &at, &uuid(id), &i64::from(limit)]).await?;
        let mut found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for campaign in &mut found {
            campaign.keys = self.keys_of(workspace, campaign.id).await?;
        }
        Ok(found)
    }

    async fn find_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
    ) -> Result<Option<CampaignRecord>, StoreError> {
        let text = format!("{CAMPAIGN} and workspace_id = $1 and id = $2");
        let row = self.db.row(workspace, &text, &[&uuid(workspace.0), &uuid(id.0)]).await?;
        let Some(mut campaign) = row.as_ref().map(read).transpose()? else { return Ok(None) };
        campaign.keys = self.keys_of(workspace, id).await?;
        Ok(Some(campaign))
    }

    async fn change_campaign(&self, campaign: CampaignRecord) -> Result<bool, StoreError> {
        let (origins, appearance) = as_json(&campaign)?;
        let text = "update campaign set name = $3, allowed_origins = $4, appearance = $5, identity_required = $6, updated_at = $7
             where workspace_id = $1 and id = $2 and deleted_at is null";
        let (workspace, id) = (uuid(campaign.workspace.0), uuid(campaign.id.0));
        let values: [Value<'_>; 7] = [
            &workspace,
            &id,
            &campaign.name,
            &origins,
            &appearance,
            &campaign.identity_required,
            &campaign.updated_at_ms,
        ];
        Ok(self.db.execute(campaign.workspace, text, &values).await? > 0)
    }

    async fn delete_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let transaction = self.db.begin(workspace).await?;
        let text =
            "update campaign set deleted_at = $3 where workspace_id = $1 and id = $2 and deleted_at is null";
        let changed = transaction.execute(text, &[&uuid(workspace.0), &uuid(id.0), &now_ms]).await?;
        revoke(&transaction, workspace, id, now_ms).await?;
        transaction.commit().await?;
        Ok(changed > 0)
    }

    async fn rotate_key(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        key: NewKey,
        old_until_ms: i64,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let transaction = self.db.begin(workspace).await?;
        if !touch(&transaction, workspace, id, now_ms).await? {
            transaction.roll_back().await?;
            return Ok(false);
        }
        let text = "update widget_key set expires_at = least(coalesce(expires_at, $3), $3) where workspace_id = $1 and campaign_id = $2 and revoked_at is null";
        transaction.execute(text, &[&uuid(workspace.0), &uuid(id.0), &old_until_ms]).await?;
        add_key(&transaction, workspace, id, &key, now_ms).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn revoke_keys(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let transaction = self.db.begin(workspace).await?;
        if !touch(&transaction, workspace, id, now_ms).await? {
            transaction.roll_back().await?;
            return Ok(false);
        }
        revoke(&transaction, workspace, id, now_ms).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn set_identity_secret(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        sealed: Option<Vec<u8>>,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let transaction = self.db.begin(workspace).await?;
        let text = "update campaign set identity_sealed = $3, identity_set_at = $4, updated_at = $5
             where workspace_id = $1 and id = $2 and deleted_at is null";
        let set_at_ms = sealed.as_ref().map(|_| now_ms);
        let values: [Value<'_>; 5] = [&uuid(workspace.0), &uuid(id.0), &sealed, &set_at_ms, &now_ms];
        if transaction.execute(text, &values).await? == 0 {
            transaction.roll_back().await?;
            return Ok(false);
        }
        let text = "delete from visitor where campaign_id = $1 and verified_at is not null";
        transaction.execute(text, &[&uuid(id.0)]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn find_key(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<KeyHit>, StoreError> {
        let text = format!("{KEY} and k.digest = $1 and coalesce(k.expires_at > $2, true)");
        let row = self.db.row(Scope::any(), &text, &[&digest.as_slice(), &now_ms]).await?;
        row.as_ref().map(hit).transpose()
    }

    async fn note_seen(&self, id: CampaignId, origin: String, now_ms: i64) -> Result<(), StoreError> {
        let text = "update campaign set seen_origin = $2, seen_at = $3 where id = $1";
        self.db.execute(Scope::any(), text, &[&uuid(id.0), &origin, &now_ms]).await.map(drop)
    }
}

impl PostgresStore {
    async fn keys_of(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<KeyRecord>, StoreError> {
        let text = "select digest, sealed, expires_at from widget_key where campaign_id = $1 and revoked_at is null order by created_at desc, digest";
        let rows = self.db.rows(workspace, text, &[&uuid(campaign.0)]).await?;
        rows.iter()
            .map(|row| {
                Ok(KeyRecord {
                    digest: bytes(row, 0)?,
                    sealed: row.try_get(1)?,
                    expires_at_ms: row.try_get(2)?,
                })
            })
            .collect()
    }
}

async fn add_key(
    transaction: &Transaction,
    workspace: WorkspaceId,
    campaign: CampaignId,
    key: &NewKey,
    now_ms: i64,
) -> Result<(), StoreError> {
    let (workspace, campaign, digest) = (uuid(workspace.0), uuid(campaign.0), key.digest.as_slice());
    transaction.execute(ADD_KEY, &[&digest, &workspace, &campaign, &key.sealed, &now_ms]).await.map(drop)
}

async fn revoke(
    transaction: &Transaction,
    workspace: WorkspaceId,
    id: CampaignId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let text = "update widget_key set revoked_at = $3 where workspace_id = $1 and campaign_id = $2 and revoked_at is null";
    transaction.execute(text, &[&uuid(workspace.0), &uuid(id.0), &now_ms]).await.map(drop)
}

/// Notes a change of a campaign and holds its row; false when there is no such campaign.
async fn touch(
    transaction: &Transaction,
    workspace: WorkspaceId,
    id: CampaignId,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let text =
        "update campaign set updated_at = $3 where workspace_id = $1 and id = $2 and deleted_at is null";
    Ok(transaction.execute(text, &[&uuid(workspace.0), &uuid(id.0), &now_ms]).await? > 0)
}

fn as_json(campaign: &CampaignRecord) -> Result<(String, String), StoreError> {
    let text = |r: serde_json::Result<String>| r.map_err(|e| StoreError::Failed(e.to_string()));
    Ok((
        text(serde_json::to_string(&campaign.allowed_origins))?,
        text(serde_json::to_string(&campaign.appearance))?,
    ))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: usize) -> Result<T, StoreError> {
    serde_json::from_str(row.try_get(column)?).map_err(|_| malformed("JSON"))
}

fn hit(row: &Row) -> Result<KeyHit, StoreError> {
    let (sealed, set_at_ms): (Option<Vec<u8>>, Option<i64>) = (row.try_get(8)?, row.try_get(9)?);
    Ok(KeyHit {
        campaign: CampaignId(id(row, 0)?),
        workspace: WorkspaceId(id(row, 1)?),
        division: DivisionId(id(row, 2)?),
        name: row.try_get(3)?,
        allowed_origins: json(row, 4)?,
        appearance: json(row, 5)?,
        secret: sealed.zip(set_at_ms).map(|(sealed, set_at_ms)| SealedSecret { sealed, set_at_ms }),
        identity_required: row.try_get(10)?,
        updated_at_ms: row.try_get(6)?,
        expires_at_ms: row.try_get(7)?,
    })
}

fn read(row: &Row) -> Result<CampaignRecord, StoreError> {
    let (origin, seen_at): (Option<String>, Option<i64>) = (row.try_get(7)?, row.try_get(8)?);
    Ok(CampaignRecord {
        id: CampaignId(id(row, 0)?),
        workspace: WorkspaceId(id(row, 1)?),
        division: DivisionId(id(row, 2)?),
        channel: row.try_get(3)?,
        name: row.try_get(4)?,
        allowed_origins: json(row, 5)?,
        appearance: json(row, 6)?,
        keys: Vec::new(),
        seen: origin.zip(seen_at),
        secret_at_ms: row.try_get(11)?,
        identity_required: row.try_get(12)?,
        created_at_ms: row.try_get(9)?,
        updated_at_ms: row.try_get(10)?,
    })
}
