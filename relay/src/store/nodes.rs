//! What nodes that share a store keep for each other.

use async_trait::async_trait;
use protocol::frame::Presence;
use protocol::ids::{ConversationId, DivisionId, PersonId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// Somebody who works here and is connected to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    pub workspace: WorkspaceId,
    pub person: PersonId,
    pub name: String,
    pub state: Presence,
}

/// Where topics stand.
#[derive(Debug, Clone, Default)]
pub struct Positions {
    pub conversations: Vec<(ConversationId, u64)>,
    pub feeds: Vec<(DivisionId, u64)>,
}

#[async_trait]
pub trait Nodes {
    /// Says that a node lives for the next `ttl_ms`, by the store's own clock, and who is connected to it. Gives what the other
    /// living nodes said.
    async fn lease(
        &self,
        node: &str,
        people: &[Connected],
        ttl_ms: i64,
    ) -> Result<Vec<Vec<Connected>>, StoreError>;

    /// A node ends in order.
    async fn release(&self, node: &str) -> Result<(), StoreError>;

    /// The last numbers of these conversations and feeds; those that do not exist are left out.
    async fn positions(
        &self,
        conversations: Vec<ConversationId>,
        feeds: Vec<DivisionId>,
    ) -> Result<Positions, StoreError>;

    /// Spends a token that works once; false when it was spent before, on whatever node.
    async fn spend(&self, name: [u8; 13], until_ms: i64, now_ms: i64) -> Result<bool, StoreError>;
}
