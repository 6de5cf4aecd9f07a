//! Contacts and the visitors among them.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, WorkspaceId};

use super::StoreError;
pub use crate::inbox::contact::Told;

#[derive(Debug, Clone)]
pub struct ContactRecord {
    pub id: ContactId,
    pub name: Option<String>,
    /// JSON of `protocol::api::ContactDetails`.
    pub details: String,
    pub first_seen_ms: i64,
    pub last_seen_ms: i64,
}

/// Who a visitor's token belongs to, and their latest conversation.
#[derive(Debug, Clone)]
pub struct VisitorRecord {
    pub workspace: WorkspaceId,
    pub contact: ContactId,
    pub campaign: CampaignId,
    pub name: Option<String>,
    pub conversation: Option<ConversationId>,
    pub unread: u64,
    /// The site has proven who they are.
    pub is_verified: bool,
}

/// Devices that know a verified contact in a campaign at most; the ones that were longest ago must be told again who it is.
pub(super) const MOST_DEVICES: i64 = 20;

/// Somebody of whom the site has proven who they are, on a device that has no token of theirs yet.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub campaign: CampaignId,
    /// When the secret was set that proved it.
    pub secret_at_ms: i64,
    /// The site's own id for them.
    pub external_id: String,
    /// Who they will be if they are nobody yet.
    pub contact: ContactId,
    pub visitor_digest: [u8; 32],
    pub now_ms: i64,
}

#[async_trait]
pub trait Contacts {
    async fn find_contact(
        &self,
        workspace: WorkspaceId,
        id: ContactId,
    ) -> Result<Option<ContactRecord>, StoreError>;

    async fn find_visitor(&self, digest: [u8; 32]) -> Result<Option<VisitorRecord>, StoreError>;

    /// The contact with a verified id, and their latest conversation in a campaign.
    async fn find_verified(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        external_id: String,
    ) -> Result<Option<VisitorRecord>, StoreError>;

    /// Ties a visitor's token to the contact with a verified id, who comes to be if need be. `None` when the secret that proved
    /// it is not the campaign's any more.
    async fn verify(&self, newcomer: Newcomer) -> Result<Option<ContactId>, StoreError>;

    /// Every conversation of a contact in a campaign, newest first.
    async fn conversations_of(
        &self,
        campaign: CampaignId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, StoreError>;

    /// Adds what a page said this time to what is known, as `inbox::contact` does it. A name that is not given stays.
    async fn note_visit(&self, contact: ContactId, told: Told, now_ms: i64) -> Result<(), StoreError>;
}
