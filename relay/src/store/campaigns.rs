//! Campaigns and their widget keys.

use async_trait::async_trait;
use protocol::api::Appearance;
use protocol::ids::{CampaignId, DivisionId, WorkspaceId};

use super::StoreError;

#[derive(Debug, Clone)]
pub struct CampaignRecord {
    pub id: CampaignId,
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub channel: String,
    pub name: String,
    pub allowed_origins: Vec<String>,
    pub appearance: Appearance,
    /// Newest first; revoked and expired ones left out.
    pub keys: Vec<KeyRecord>,
    pub seen: Option<(String, i64)>,
    /// When the identity secret was set, if there is one.
    pub secret_at_ms: Option<i64>,
    pub identity_required: bool,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

#[derive(Debug, Clone)]
pub struct KeyRecord {
    pub digest: [u8; 32],
    pub sealed: Vec<u8>,
    /// Another key has taken over; this one works until then.
    pub expires_at_ms: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct NewKey {
    pub digest: [u8; 32],
    pub sealed: Vec<u8>,
}

/// A campaign's identity secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    pub sealed: Vec<u8>,
    /// Tells one secret from the next.
    pub set_at_ms: i64,
}

/// What a widget key opens.
#[derive(Debug, Clone)]
pub struct KeyHit {
    pub campaign: CampaignId,
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub name: String,
    pub allowed_origins: Vec<String>,
    pub appearance: Appearance,
    pub secret: Option<SealedSecret>,
    pub identity_required: bool,
    pub updated_at_ms: i64,
    pub expires_at_ms: Option<i64>,
}

#[async_trait]
pub trait Campaigns {
    /// Adds a campaign with its first key, in the workspace's first division.
    async fn add_campaign(&self, campaign: CampaignRecord, key: NewKey) -> Result<(), StoreError>;

    async fn list_campaigns(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, CampaignId)>,
        limit: u32,
    ) -> Result<Vec<CampaignRecord>, StoreError>;

    async fn find_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
    ) -> Result<Option<CampaignRecord>, StoreError>;

    /// Replaces name, origins, appearance and whether visitors must be verified; false when there is no such campaign.
    async fn change_campaign(&self, campaign: CampaignRecord) -> Result<bool, StoreError>;

    /// Removes a campaign from all lists and revokes its keys; conversations stay.
    async fn delete_campaign(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError>;

    /// Gives a campaign a new key; earlier ones work until `old_until_ms`.
    async fn rotate_key(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        key: NewKey,
        old_until_ms: i64,
        now_ms: i64,
    ) -> Result<bool, StoreError>;

    /// Ends all keys of a campaign at once.
    async fn revoke_keys(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        now_ms: i64,
    ) -> Result<bool, StoreError>;

    /// Sets a campaign's identity secret, sealed, or ends it. The visitor tokens that came of the one before end with it.
    async fn set_identity_secret(
        &self,
        workspace: WorkspaceId,
        id: CampaignId,
        sealed: Option<Vec<u8>>,
        now_ms: i64,
    ) -> Result<bool, StoreError>;

    /// What a key opens now; `None` for unknown, revoked and expired keys.
    async fn find_key(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<KeyHit>, StoreError>;

    async fn note_seen(&self, id: CampaignId, origin: String, now_ms: i64) -> Result<(), StoreError>;
}
