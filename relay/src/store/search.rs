//! The search index. Built behind the write path, by feed position.

use async_trait::async_trait;
use protocol::ids::{ConversationId, DivisionId, WorkspaceId};

use super::StoreError;

/// Something said, folded for the index.
#[derive(Debug, Clone)]
pub struct SearchDocument {
    pub workspace: WorkspaceId,
    pub conversation: ConversationId,
    /// Where it stands in its division's feed.
    pub feed_seq: u64,
    pub words: String,
}

#[async_trait]
pub trait Search {
    /// Divisions with events the index does not know yet, and how far it has come in each.
    async fn search_backlog(&self) -> Result<Vec<(DivisionId, u64)>, StoreError>;

    /// Adds what was said in a division after `from` up to `to` and moves its index position, in one step. Does nothing when the
    /// position is not `from` any more: another node was faster.
    async fn index(
        &self,
        division: DivisionId,
        documents: Vec<SearchDocument>,
        from: u64,
        to: u64,
    ) -> Result<(), StoreError>;
}
