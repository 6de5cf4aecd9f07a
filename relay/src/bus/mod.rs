//! How nodes tell each other that something happened.
//!
//! A bus carries hints, never content: "conversation c reached 42". Guarantees: none. A hint may be lost, doubled or late;
//! whoever receives one reads the store, and what is lost is found by the next hint or the next sweep. Ephemeral news (typing,
//! presence) rides along and may be lost for good.

mod local;
mod redis;

pub use local::LocalBus;
pub use redis::{AddressError, RedisBus, check_redis};

use std::time::Duration;

use futures_util::future::BoxFuture;
use protocol::frame::Presence;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::Actor;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// News for the other parts of this node, and for other nodes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
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
    #[serde(skip)]
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
    /// Somebody came to a node, left it, or chose another availability there, and the node has noted it in the store.
    PeopleNoted,
    /// Hints may have been missed: of these topics, or of everything.
    #[serde(skip)]
    Missed {
        topics: Option<Vec<Topic>>,
    },
}

/// What a node may follow: it hears what happens to it on other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Conversation(ConversationId),
    /// Everything in a division.
    Feed(DivisionId),
    /// What a contact begins.
    Contact(ContactId),
}

/// How often something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// There are no other nodes to count with.
    Alone,
    /// There may be others, and nobody to ask.
    Unknown,
    Count(u64),
}

/// The way out and in.
pub trait Bus: Send + Sync {
    fn publish(&self, hint: Hint);

    /// Everything published from now on. A receiver that falls behind is told so and must assume loss.
    fn subscribe(&self) -> broadcast::Receiver<Hint>;

    /// Somebody here follows a topic from now on. Counted: it ends with as many [`Bus::unfollow`].
    fn follow(&self, topic: Topic);

    fn unfollow(&self, topic: Topic);

    /// Counts one more of something over all nodes, within a window of time that begins with the first.
    fn tally<'a>(&'a self, name: &'a str, window: Duration) -> BoxFuture<'a, Tally>;

    /// Whether hints of other nodes arrive. While they do not, whoever needs them must look for themselves more often.
    fn is_whole(&self) -> bool;
}
