//! Conversations and their events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use protocol::api::{Counts, StatusCounts};
use protocol::event::{EventBody, Reader, ReceiptState, Status};
use protocol::ids::{
    CampaignId, Cmid, ContactId, ConversationId, DivisionId, MessageId, PersonId, WorkspaceId,
};
use protocol::message::{Actor, Body, Side};

use super::StoreError;
use crate::inbox::search::Query;

/// One event as it was committed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub conversation: ConversationId,
    pub seq: u64,
    pub feed_seq: u64,
    /// The last event before this one that the visitor may see; 0 for none.
    pub visible_before: u64,
    pub is_visible: bool,
    pub actor: Actor,
    pub at_ms: i64,
    pub body: EventBody,
}

/// Where a message goes.
#[derive(Debug, Clone)]
pub enum Recipient {
    Conversation(ConversationId),
    /// The contact's open conversation in this campaign, or a new one.
    Campaign {
        campaign: CampaignId,
        division: DivisionId,
        fresh: ConversationId,
    },
}

/// A contact that comes to be with its first message.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub id: ContactId,
    pub visitor_digest: [u8; 32],
    pub name: Option<String>,
    /// JSON of `protocol::api::ContactDetails`.
    pub details: String,
}

/// Messages that one connection sent one after the other. When one of them cannot be stored, those behind it must not be either:
/// the client sends all of them again, in order, and none may have overtaken.
#[derive(Debug, Clone, Default)]
pub struct Lane(Option<Arc<AtomicBool>>);

impl Lane {
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    pub fn is_broken(&self) -> bool {
        self.0.as_ref().is_some_and(|broken| broken.load(Ordering::Relaxed))
    }

    /// Notes what became of one message. What the sender is told of, a disk without room, is no reason to stop the others.
    pub fn note(&self, error: &StoreError) {
        if let Some(broken) = self.0.as_ref().filter(|_| !matches!(error, StoreError::Full)) {
            broken.store(true, Ordering::Relaxed);
        }
    }
}

/// A message to store.
#[derive(Debug, Clone)]
pub struct Append {
    pub workspace: WorkspaceId,
    /// The contact's or the person's id.
    pub author: [u8; 16],
    pub actor: Actor,
    pub recipient: Recipient,
    /// Visitors: the contact whose conversation it must be.
    pub owner: Option<ContactId>,
    pub new_contact: Option<NewContact>,
    pub message: MessageId,
    pub cmid: Cmid,
    pub digest: [u8; 32],
    pub body: Body,
    pub is_note: bool,
    pub reply_to: Option<MessageId>,
    pub now_ms: i64,
    pub lane: Lane,
}

/// The message is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    pub conversation: ConversationId,
    pub division: DivisionId,
    pub message: MessageId,
    pub seq: u64,
    /// The conversation's last event after this step: the message may have reopened it.
    pub last_seq: u64,
    pub feed_seq: u64,
    /// It had been stored before; nothing changed now.
    pub is_duplicate: bool,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    #[error("another message was sent under this cmid. Use a new one")]
    Conflict,
    #[error("there is no such conversation")]
    NoConversation,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A reader's position to remember.
#[derive(Debug, Clone)]
pub struct Mark {
    pub workspace: WorkspaceId,
    pub conversation: ConversationId,
    pub owner: Option<ContactId>,
    pub reader: Reader,
    pub state: ReceiptState,
    pub up_to: u64,
    pub actor: Actor,
    pub now_ms: i64,
}

/// A change of a conversation by somebody who works here, or by the clock.
#[derive(Debug, Clone)]
pub struct Change {
    pub workspace: WorkspaceId,
    pub conversation: ConversationId,
    pub status: Option<(Status, Option<i64>)>,
    /// `Some(None)` takes it from whoever has it.
    pub assignee: Option<Option<(PersonId, String)>>,
    pub actor: Actor,
    pub now_ms: i64,
}

/// The positions after a change, for the hint; `None` when nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    pub conversation: ConversationId,
    pub division: DivisionId,
    pub last_seq: u64,
    pub feed_seq: u64,
}

/// A conversation with what lists show of it.
#[derive(Debug, Clone)]
pub struct ConversationRecord {
    pub id: ConversationId,
    pub division: DivisionId,
    pub campaign: CampaignId,
    pub campaign_name: String,
    pub channel: String,
    pub contact: ContactId,
    pub contact_name: Option<String>,
    pub status: Status,
    pub snoozed_until: Option<i64>,
    pub assignee: Option<(PersonId, String)>,
    pub last_seq: u64,
    pub last_visible_seq: u64,
    pub last_at_ms: i64,
    pub agent_unread: u64,
    pub contact_unread: u64,
    pub waiting_since: Option<i64>,
    pub last_message: Option<(Side, String, i64)>,
    /// Whose the last message is, when it is one of ours.
    pub last_author: Option<(PersonId, String)>,
    pub created_at_ms: i64,
}

/// Whose conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    All,
    Unassigned,
    AssignedTo(PersonId),
}

#[derive(Debug, Clone)]
pub struct ListFilter {
    pub view: View,
    pub status: Option<Status>,
    pub campaign: Option<CampaignId>,
    pub contact: Option<ContactId>,
    pub search: Option<Query>,
    /// Continue after this row.
    pub after: Option<(i64, ConversationId)>,
    pub limit: u32,
}

/// Events in rising order, with where the conversation stood when they were read.
#[derive(Debug, Clone)]
pub struct EventSlice {
    pub events: Vec<Arc<StoredEvent>>,
    pub last_seq: u64,
}

#[async_trait]
pub trait Conversations {
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Remembers how far a side has come. Never goes back.
    async fn mark(&self, mark: Mark) -> Result<Option<Changed>, StoreError>;

    /// `Ok(None)` also when there is no such conversation.
    async fn change(&self, change: Change) -> Result<Option<Changed>, StoreError>;

    async fn find_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError>;

    /// Newest activity first.
    async fn list_conversations(
        &self,
        workspace: WorkspaceId,
        filter: ListFilter,
    ) -> Result<Vec<ConversationRecord>, StoreError>;

    async fn count_conversations(
        &self,
        workspace: WorkspaceId,
        person: PersonId,
    ) -> Result<Counts, StoreError>;

    /// Events after a position, at most `limit`.
    async fn events_after(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError>;

    /// Events after a position if they are at hand without waiting. For delivery, which must not stall on one reader.
    fn recent_events_after(&self, conversation: ConversationId, after: u64) -> Option<Vec<Arc<StoredEvent>>>;

    /// The last `limit` events before a position.
    async fn events_before(
        &self,
        conversation: ConversationId,
        before: u64,
        limit: u32,
    ) -> Result<EventSlice, StoreError>;

    /// The events of a division after a feed position.
    async fn feed_after(
        &self,
        division: DivisionId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Arc<StoredEvent>>, StoreError>;

    fn recent_feed_after(&self, division: DivisionId, after: u64) -> Option<Vec<Arc<StoredEvent>>>;

    /// The divisions of a workspace with their feed positions.
    async fn feed_positions(&self, workspace: WorkspaceId) -> Result<Vec<(DivisionId, u64)>, StoreError>;

    /// Snoozed conversations whose time has come.
    async fn due_snoozes(&self, now_ms: i64) -> Result<Vec<(WorkspaceId, ConversationId)>, StoreError>;
}

/// Adds one status' count to the right place.
pub(super) fn count(counts: &mut StatusCounts, status: Status, number: u64) {
    match status {
        Status::Open => counts.open += number,
        Status::Pending => counts.pending += number,
        Status::Snoozed => counts.snoozed += number,
        Status::Resolved => counts.resolved += number,
    }
}
