//! The frames of the two sockets. One JSON object a text frame; `t` names it.

use crate::event::{Event, FeedPosition};
use crate::ids::{Cmid, ConversationId, MessageId, PersonId, SessionId};
use crate::message::Body;
use crate::wire::{FromTree, JsonText, wire_enum, wire_struct, wire_words};

/// The version of the protocol in `hello`.
pub const VERSION: u32 = 1;
/// The largest frame either side may send, in bytes.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

wire_struct! {
    /// How far a receiver has come in a conversation.
    pub struct Position {
        pub conv: ConversationId,
        pub epoch: String,
        pub seq: u64,
    }
}

wire_struct! {
    /// The first frame of a client: who it is and how far it has come.
    pub struct Hello {
        pub v: u32,
        /// A visitor's single-use boot token.
        #[cfg_attr(feature = "serde", serde(default))]
        pub boot: Option<String>,
        /// An agent's single-use ticket.
        #[cfg_attr(feature = "serde", serde(default))]
        pub ticket: Option<String>,
        #[cfg_attr(feature = "serde", serde(default))]
        pub subs: Vec<Position>,
        #[cfg_attr(feature = "serde", serde(default))]
        pub feed: Vec<FeedPosition>,
    }
}

wire_struct! {
    pub struct Send {
        pub cmid: Cmid,
        /// None starts a conversation (visitors).
        #[cfg_attr(feature = "serde", serde(default))]
        pub conv: Option<ConversationId>,
        pub body: Body,
        #[cfg_attr(feature = "serde", serde(default))]
        pub reply_to: Option<MessageId>,
        /// Agents: seen by agents only.
        #[cfg_attr(feature = "serde", serde(default))]
        pub note: bool,
    }
}

wire_struct! {
    pub struct Unsub {
        pub conv: ConversationId,
    }
}

wire_struct! {
    /// Everything up to here has arrived or has been read.
    pub struct Mark {
        pub conv: ConversationId,
        pub seq: u64,
    }
}

wire_struct! {
    pub struct SayTyping {
        pub conv: ConversationId,
        pub on: bool,
    }
}

wire_struct! {
    /// The page a visitor looks at now, after it changed without being loaded anew.
    pub struct LookAt {
        pub url: String,
        pub title: String,
    }
}

wire_struct! {
    /// The visitor's conversation is over, until they write again.
    pub struct End {
        pub conv: ConversationId,
    }
}

wire_enum! {
    /// What clients send.
    tag "t";
    pub enum ClientFrame {
        "hello" => Hello(Hello),
        "send" => Send(Send),
        "sub" => Sub(Position),
        "unsub" => Unsub(Unsub),
        "recv" => Recv(Mark),
        "read" => Read(Mark),
        "typing" => Typing(SayTyping),
        "page" => Page(LookAt),
        "end" => End(End),
    }
}

impl ClientFrame {
    /// The frame as JSON text, for clients without serde.
    pub fn to_text(&self) -> String {
        JsonText::of(self)
    }
}

wire_struct! {
    /// What the client may do before it is told to slow down.
    pub struct Limits {
        pub frame_bytes: u64,
        pub text_bytes: u64,
        /// Frames in any ten seconds; 0 = no limit.
        pub frames_per_10s: u64,
    }
}

wire_struct! {
    /// The relay accepted the hello.
    pub struct Ready {
        pub session: SessionId,
        /// The visitor's token, for visitors.
        pub visitor: Option<String>,
        /// The conversation that is open, if any.
        pub conv: Option<ConversationId>,
        pub hb_ms: u64,
        pub limits: Limits,
        pub node: String,
        pub epoch: String,
        /// Where each division's feed stood when the socket became live, for agents.
        #[cfg_attr(feature = "serde", serde(default))]
        pub feed: Vec<FeedPosition>,
    }
}

wire_struct! {
    /// The message is on stable storage.
    pub struct Ack {
        pub cmid: Cmid,
        pub conv: ConversationId,
        pub msg: MessageId,
        pub seq: u64,
        pub epoch: String,
        /// The same message had been stored before.
        pub dup: bool,
    }
}

wire_struct! {
    /// The message was refused and nothing was stored.
    pub struct Nack {
        pub cmid: Cmid,
        pub code: String,
        pub detail: String,
    }
}

wire_struct! {
    pub struct HeartbeatPosition {
        pub conv: ConversationId,
        pub seq: u64,
    }
}

wire_struct! {
    pub struct Heartbeat {
        pub positions: Vec<HeartbeatPosition>,
    }
}

wire_struct! {
    /// Replay ended; live from here.
    pub struct Live {
        pub conv: ConversationId,
        pub seq: u64,
    }
}

wire_words! {
    /// Why a position cannot be resumed.
    pub enum ResyncReason {
        "epoch" => Epoch,
        "ahead" => Ahead,
        "too_old" => TooOld,
        "forbidden" => Forbidden,
    }
}

wire_struct! {
    /// Load a snapshot and follow from it. Without `conv` the whole feed is meant.
    pub struct Resync {
        pub conv: Option<ConversationId>,
        pub reason: ResyncReason,
    }
}

wire_struct! {
    /// Somebody is typing, or stopped. Never stored; expires after 6 s.
    pub struct Typing {
        pub conv: ConversationId,
        pub on: bool,
        pub who: crate::message::Actor,
    }
}

wire_words! {
    /// Whether somebody who works here takes conversations.
    pub enum Presence {
        "online" => Online,
        "busy" => Busy,
        "offline" => Offline,
    }
}

wire_struct! {
    /// A colleague came, went or changed availability; or a contact opened or left the site.
    pub struct PresenceChange {
        pub person: Option<PersonId>,
        pub contact: Option<crate::ids::ContactId>,
        pub state: Presence,
    }
}

wire_struct! {
    /// An agent as visitors see them.
    pub struct Face {
        pub name: String,
    }
}

wire_struct! {
    /// Whether anybody is there to answer a visitor.
    pub struct Availability {
        pub online: bool,
        pub faces: Vec<Face>,
    }
}

wire_struct! {
    /// Close and connect again after this time.
    pub struct Reconnect {
        pub after_ms: u64,
        pub reason: String,
    }
}

/// What the relay sends.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(tag = "t", rename_all = "lowercase"))]
pub enum ServerFrame {
    Ready(Ready),
    Ack(Ack),
    Nack(Nack),
    Hb(Heartbeat),
    Event(Event),
    Live(Live),
    Resync(Resync),
    Typing(Typing),
    Presence(PresenceChange),
    Availability(Availability),
    Reconnect(Reconnect),
    /// A frame this version does not know; to be ignored.
    #[cfg_attr(feature = "serde", serde(skip))]
    Unknown,
}

impl FromTree for ServerFrame {
    fn from_tree<T: crate::wire::Tree>(tree: &T) -> Option<Self> {
        let tag: String = crate::wire::member(tree, "t")?;
        Some(match tag.as_str() {
            "ready" => Self::Ready(Ready::from_tree(tree)?),
            "ack" => Self::Ack(Ack::from_tree(tree)?),
            "nack" => Self::Nack(Nack::from_tree(tree)?),
            "hb" => Self::Hb(Heartbeat::from_tree(tree)?),
            "event" => Self::Event(Event::from_tree(tree)?),
            "live" => Self::Live(Live::from_tree(tree)?),
            "resync" => Self::Resync(Resync::from_tree(tree)?),
            "typing" => Self::Typing(Typing::from_tree(tree)?),
            "presence" => Self::Presence(PresenceChange::from_tree(tree)?),
            "availability" => Self::Availability(Availability::from_tree(tree)?),
            "reconnect" => Self::Reconnect(Reconnect::from_tree(tree)?),
            _ => Self::Unknown,
        })
    }
}
