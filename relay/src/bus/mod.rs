//! How nodes tell each other that something happened.
//!
//! A bus carries hints, never content: "conversation c reached 42". Guarantees: none. A hint may be lost, doubled or late;
//! whoever receives one reads the store, and what is lost is found by the next hint or the next sweep. Ephemeral news (typing,
//! presence) rides along and may be lost for good.

mod local;

pub use local::LocalBus;

use protocol::frame::Presence;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::Actor;
use tokio::sync::broadcast;

/// News for the other parts of this node, and for other nodes.
#[derive(Debug, Clone)]
pub enum Hint {
    /// A conversation and the feed of its division have moved.
    Moved {
        conversation: ConversationId,
        division: DivisionId,
        seq: u64,
        feed_seq: u64,
    },
    /// A contact began one more conversation: the contact's other sockets follow it from its beginning.
    Begun {
        contact: ContactId,
        conversation: ConversationId,
    },
    Typing {
        conversation: ConversationId,
        division: DivisionId,
        on: bool,
        who: Actor,
    },
    PersonPresence {
        workspace: WorkspaceId,
        person: PersonId,
        state: Presence,
    },
    ContactPresence {
        workspace: WorkspaceId,
        division: DivisionId,
        contact: ContactId,
        state: Presence,
    },
    /// A campaign's origins or keys changed: sockets that are no longer allowed must close, caches forget.
    CampaignChanged {
        campaign: CampaignId,
    },
    /// A person's rights changed or sessions were ended: their sockets must close, but for one session.
    PersonChanged {
        person: PersonId,
        but_session: Option<[u8; 32]>,
    },
    /// One session signed out.
    SessionEnded {
        session: [u8; 32],
    },
}

/// The way out and in.
pub trait Bus: Send + Sync {
    fn publish(&self, hint: Hint);

    /// Everything published from now on. A receiver that falls behind is told so and must assume loss.
    fn subscribe(&self) -> broadcast::Receiver<Hint>;
}
