//! Contacts and the visitors among them.

use async_trait::async_trait;
use protocol::ids::{CampaignId, ContactId, ConversationId, WorkspaceId};

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
}

#[async_trait]
pub trait Contacts {
    async fn find_contact(
        &self,
        workspace: WorkspaceId,
        id: ContactId,
    ) -> Result<Option<ContactRecord>, StoreError>;

    async fn find_visitor(&self, digest: [u8; 32]) -> Result<Option<VisitorRecord>, StoreError>;

    /// Every conversation of a contact in a campaign, newest first.
    async fn conversations_of(
        &self,
        campaign: CampaignId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, StoreError>;

    /// Adds what a page said this time to what is known, as `inbox::contact` does it. A name that is not given stays.
    async fn note_visit(&self, contact: ContactId, told: Told, now_ms: i64) -> Result<(), StoreError>;
}
