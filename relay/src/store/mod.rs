//! The store: what is kept, as traits by area. Every method is one whole atomic step, scoped to a workspace.
//!
//! Guarantees every implementation gives, and `suite.rs` checks:
//! - what a method has answered `Ok` is on stable storage;
//! - `seq` in a conversation and `feed_seq` in a division count 1, 2, 3 … without a hole, in commit order;
//! - the same `cmid` from the same author is stored once;
//! - nothing of one workspace is reachable with another's id.
//!
//! Knows no rules, no HTTP and no channels.

mod campaigns;
mod contacts;
mod conversations;
pub mod history;
mod nodes;
mod people;
pub mod postgres;
mod programs;
mod search;
mod sql;
pub mod sqlite;
mod standing;
#[cfg(test)]
mod suite;
mod tail;
pub mod transfer;

pub use campaigns::{CampaignRecord, Campaigns, KeyHit, KeyRecord, NewKey, SealedSecret};
pub use contacts::{ContactRecord, Contacts, Newcomer, Told, VisitorRecord};
pub use conversations::{
    Append, AppendError, Appended, Change, Changed, ConversationRecord, Conversations, EventSlice, Lane,
    ListFilter, Mark, NewContact, Recipient, StoredEvent, View,
};
pub use nodes::{Connected, Nodes, Positions};
pub use people::{
    AcceptError, InviteRecord, LoginRecord, Member, NewInstallation, NewInvite, NewMember, People,
    SessionRecord, SetupError,
};
pub use programs::{ApiTokenRecord, Claim, Programs, Request};
pub use search::{Search, SearchDocument};

use async_trait::async_trait;

/// Why the store could not do it. The caller can only wait, tell the operator, or try again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full; what was sent is not stored. Free some space, then send again")]
    Full,
    #[error("the store did not answer: {0}")]
    Failed(String),
    /// What was asked may have been done all the same.
    #[error("the database is away: {0}")]
    Away(String),
    #[error("the store is closing")]
    Closing,
}

/// All areas.
#[async_trait]
pub trait Store:
    Conversations + Contacts + Campaigns + People + Programs + Search + Nodes + Send + Sync
{
    /// The lineage of this store; positions are only valid within one.
    fn epoch(&self) -> &str;

    /// Waits for everything queued, then lets go. What is asked for afterwards fails.
    async fn close(&self);
}
