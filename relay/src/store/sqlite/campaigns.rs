//! Campaigns and widget keys.

use async_trait::async_trait;
use protocol::ids::{CampaignId, DivisionId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{SqliteStore, malformed, sure};
use crate::store::sql::{CAMPAIGN, KEY};
use crate::store::{CampaignRecord, Campaigns, KeyHit, KeyRecord, NewKey, SealedSecret, StoreError};

const ADD_KEY: &str = "insert into widget_key (digest, workspace_id, campaign_id, sealed, created_at) values (?1, ?2, ?3, ?4, ?5)";

#[async_trait]
impl Campaigns for SqliteStore {
    async fn add_campaign(&self, campaign: CampaignRecord, key: NewKey) -> Result<(), StoreError> {
        self.write(move |tx| {
            let (origins, appearance) = as_json(&campaign)?;
            let mut insert = tx.connection.prepare_cached(
                "insert into campaign (id, workspace_id, division_id, channel, name, allowed_origins, appearance, created_at, updated_at)
                 values (?1, ?2, (select id from division where workspace_id = ?2 order by id limit 1), ?3, ?4, ?5, ?6, ?7, ?7)",
            )?;
            insert.execute((campaign.id.0, campaign.workspace.0, &campaign.channel, &campaign.name, origins, appearance, campaign.created_at_ms))?;
            let mut insert = tx.connection.prepare_cached(ADD_KEY)?;
            insert.execute((key.digest, campaign.workspace.0, campaign.id.0, &key.sealed, campaign.created_at_ms))?;
            sure(())
        })
        .await
    }

    async fn list_campaigns(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, CampaignId)>,
        limit: u32,
    ) -> Result<Vec<CampaignRecord>, StoreError> {
        self.read(move |connection| {
            let (at, id) = after.map_or((i64::MAX, [0xff; 16]), |(at, id)| (at, id.0));
            let text = format!("{CAMPAIGN} and workspace_id = ?1 and (created_at, id) < (?2, ?3) order by created_at desc, id desc limit ?4");
            let mut select = connection.prepare_cached(&text)?;
            let found: rusqlite::Result<Vec<_>> = select.query_map((workspace.0, at, id, limit), read)?.collect();
            found?.into_iter().map(|campaign| with_keys(connection, campaign)).collect()
        })
        .await
    }

    async fn find_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
    ) -> Result<Option<CampaignRecord>, StoreError> {
        self.read(move |connection| {
            let mut select =
                connection.prepare_cached(&format!("{CAMPAIGN} and workspace_id = ?1 and id = ?2"))?;
            let found = select.query_row((workspace.0, id.0), read).optional()?;
            found.map(|campaign| with_keys(connection, campaign)).transpose()
        })
        .await
    }

    async fn change_campaign(&self, campaign: CampaignRecord) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let (origins, appearance) = as_json(&campaign)?;
            let mut update = tx.connection.prepare_cached(
                "update campaign set name = ?3, allowed_origins = ?4, appearance = ?5, identity_required = ?6, updated_at = ?7
                 where workspace_id = ?1 and id = ?2 and deleted_at is null",
            )?;
            let changed = update.execute((
                campaign.workspace.0,
                campaign.id.0,
                &campaign.name,
                origins,
                appearance,
                campaign.identity_required,
                campaign.updated_at_ms,
            ))?;
            sure(changed > 0)
        })
        .await
    }

    async fn delete_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let mut update =
                tx.connection.prepare_cached("update campaign set deleted_at = ?3 where workspace_id = ?1 and id = ?2 and deleted_at is null")?;
            let changed = update.execute((workspace.0, id.0, now_ms))?;
            revoke(tx.connection, workspace, id, now_ms)?;
            sure(changed > 0)
        })
        .await
    }

    async fn rotate_key(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        key: NewKey,
        old_until_ms: i64,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            if !exists(tx.connection, workspace, id)? {
                return sure(false);
            }
            let mut update = tx.connection.prepare_cached(
                "update widget_key set expires_at = min(coalesce(expires_at, ?3), ?3) where workspace_id = ?1 and campaign_id = ?2 and revoked_at is null",
            )?;
            update.execute((workspace.0, id.0, old_until_ms))?;
            let mut insert = tx.connection.prepare_cached(ADD_KEY)?;
            insert.execute((key.digest, workspace.0, id.0, &key.sealed, now_ms))?;
            touch(tx.connection, id, now_ms)?;
            sure(true)
        })
        .await
    }

    async fn revoke_keys(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            if !exists(tx.connection, workspace, id)? {
                return sure(false);
            }
            revoke(tx.connection, workspace, id, now_ms)?;
            touch(tx.connection, id, now_ms)?;
            sure(true)
        })
        .await
    }

    async fn set_identity_secret(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        sealed: Option<Vec<u8>>,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let mut update = tx.connection.prepare_cached(
                "update campaign set identity_sealed = ?3, identity_set_at = ?4, updated_at = ?5
                 where workspace_id = ?1 and id = ?2 and deleted_at is null",
            )?;
            let set_at_ms = sealed.as_ref().map(|_| now_ms);
            let changed = update.execute((workspace.0, id.0, &sealed, set_at_ms, now_ms))?;
            if changed > 0 {
                let text = "delete from visitor where campaign_id = ?1 and verified_at is not null";
                tx.connection.prepare_cached(text)?.execute([id.0])?;
            }
            sure(changed > 0)
        })
        .await
    }

    async fn find_key(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<KeyHit>, StoreError> {
        self.read(move |connection| {
            let text = format!("{KEY} and k.digest = ?1 and coalesce(k.expires_at, ?2 + 1) > ?2");
            let mut select = connection.prepare_cached(&text)?;
            select.query_row((digest, now_ms), hit).optional()
        })
        .await
    }

    async fn note_seen(&self, id: CampaignId, origin: String, now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut update = tx
                .connection
                .prepare_cached("update campaign set seen_origin = ?2, seen_at = ?3 where id = ?1")?;
            update.execute((id.0, &origin, now_ms))?;
            sure(())
        })
        .await
    }
}

fn exists(connection: &Connection, workspace: WorkspaceId, id: CampaignId) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "select 1 from campaign where workspace_id = ?1 and id = ?2 and deleted_at is null",
    )?;
    select.exists((workspace.0, id.0))
}

fn revoke(
    connection: &Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let mut update = connection
        .prepare_cached("update widget_key set revoked_at = ?3 where workspace_id = ?1 and campaign_id = ?2 and revoked_at is null")?;
    update.execute((workspace.0, id.0, now_ms)).map(|_| ())
}

fn touch(connection: &Connection, id: CampaignId, now_ms: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("update campaign set updated_at = ?2 where id = ?1")?
        .execute((id.0, now_ms))
        .map(|_| ())
}

fn as_json(campaign: &CampaignRecord) -> rusqlite::Result<(String, String)> {
    let text =
        |r: serde_json::Result<String>| r.map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()));
    Ok((
        text(serde_json::to_string(&campaign.allowed_origins))?,
        text(serde_json::to_string(&campaign.appearance))?,
    ))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| malformed(column, "JSON"))
}

fn hit(row: &Row<'_>) -> rusqlite::Result<KeyHit> {
    let (sealed, set_at_ms): (Option<Vec<u8>>, Option<i64>) = (row.get(8)?, row.get(9)?);
    Ok(KeyHit {
        campaign: CampaignId(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        division: DivisionId(row.get(2)?),
        name: row.get(3)?,
        allowed_origins: json(row, 4)?,
        appearance: json(row, 5)?,
        secret: sealed.zip(set_at_ms).map(|(sealed, set_at_ms)| SealedSecret { sealed, set_at_ms }),
        identity_required: row.get(10)?,
        updated_at_ms: row.get(6)?,
        expires_at_ms: row.get(7)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<CampaignRecord> {
    let origin: Option<String> = row.get(7)?;
    let seen_at: Option<i64> = row.get(8)?;
    Ok(CampaignRecord {
        id: CampaignId(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        division: DivisionId(row.get(2)?),
        channel: row.get(3)?,
        name: row.get(4)?,
        allowed_origins: json(row, 5)?,
        appearance: json(row, 6)?,
        keys: Vec::new(),
        seen: origin.zip(seen_at),
        secret_at_ms: row.get(11)?,
        identity_required: row.get(12)?,
        created_at_ms: row.get(9)?,
        updated_at_ms: row.get(10)?,
    })
}

fn with_keys(connection: &Connection, mut campaign: CampaignRecord) -> rusqlite::Result<CampaignRecord> {
    let mut select = connection.prepare_cached(
        "select digest, sealed, expires_at from widget_key where campaign_id = ?1 and revoked_at is null order by created_at desc, digest",
    )?;
    let keys = select.query_map([campaign.id.0], |row| {
        Ok(KeyRecord { digest: row.get(0)?, sealed: row.get(1)?, expires_at_ms: row.get(2)? })
    })?;
    campaign.keys = keys.collect::<Result<_, _>>()?;
    Ok(campaign)
}
