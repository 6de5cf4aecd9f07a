//! What goes into the machine and what comes out.

use crate::event::Event;
use crate::frame::{
    Availability, ClientFrame, End, LookAt, Mark, PresenceChange, Ready, SayTyping, Send, ServerFrame, Typing,
};
use crate::ids::{Cmid, ConversationId};

/// What proves who the client is, for one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Boot(String),
    Ticket(String),
}

/// Where the connection stands, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not wanted, or given up.
    Off,
    /// Waiting before the next try.
    Waiting,
    /// Getting a credential, opening the socket or saying hello.
    Connecting,
    Live,
}

/// What happened outside.
#[derive(Debug)]
pub enum Input {
    /// Be connected from now on.
    Start,
    Stop,
    /// The network came back or the page woke: do not wait any longer.
    Woke,
    Credential(Credential),
    /// No credential to be had. `final_refusal` when trying again cannot help.
    NoCredential {
        final_refusal: bool,
    },
    Opened,
    Frame(ServerFrame),
    Closed {
        code: u16,
    },
    /// The timer asked for by [`Output::Wake`] with the same number.
    Timer {
        number: u64,
    },
    Say {
        send: Send,
        now_ms: u64,
    },
    /// Messages kept from an earlier run, oldest first.
    Restore {
        sends: Vec<(Send, u64)>,
    },
    Retry {
        cmid: Cmid,
    },
    /// Give up a failed message.
    Discard {
        cmid: Cmid,
    },
    /// A snapshot of a conversation: all events from the first one given up to `seq`.
    Snapshot {
        conv: ConversationId,
        epoch: String,
        events: Vec<Event>,
        seq: u64,
        has_older: bool,
    },
    /// An older page of a conversation.
    Older {
        conv: ConversationId,
        events: Vec<Event>,
        has_older: bool,
    },
    Forget {
        conv: ConversationId,
    },
    Received(Mark),
    Read(Mark),
    Typing(SayTyping),
    /// Visitors: another page. Whoever connects later says it with the boot token.
    Page(LookAt),
    /// Visitors: the conversation is over.
    End(End),
}

/// What to do about it.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Get a boot token or a ticket, then give it as [`Input::Credential`].
    Authorize,
    /// Open the socket.
    Open,
    Transmit(ClientFrame),
    Close,
    /// Give [`Input::Timer`] with this number after this time. A later one replaces an earlier one.
    Wake {
        number: u64,
        after_ms: u64,
    },
    /// Keep this message on the device until it is forgotten.
    Save {
        send: Send,
        said_at_ms: u64,
    },
    Unsave {
        cmid: Cmid,
    },
    LinkChanged(Link),
    Ready(Ready),
    /// The outbox changed: draw it again.
    OutboxChanged,
    /// A message was refused for good reasons given in the outbox.
    SendFailed {
        cmid: Cmid,
    },
    /// A message of ours is on stable storage.
    Sent {
        cmid: Cmid,
        conv: ConversationId,
    },
    /// A conversation's timeline changed other than by one event.
    TimelineChanged(ConversationId),
    /// A new event, already in its timeline if that is loaded.
    Event(Event),
    /// Load a snapshot of the conversation and give it as [`Input::Snapshot`].
    LoadSnapshot(ConversationId),
    /// Load everything afresh: the feed cannot be resumed.
    LoadEverything,
    Typing(Typing),
    Presence(PresenceChange),
    Availability(Availability),
    /// The relay does not want this client any more; the code says why.
    GaveUp {
        code: u16,
    },
}
