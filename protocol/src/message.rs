//! What may be said, and by whom.

use crate::ids::{Cmid, MessageId};
use crate::wire::{wire_enum, wire_struct, wire_words};

/// The longest text body, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;

wire_struct! {
    /// Plain text; marks in it are read by [`crate::text`].
    pub struct Text {
        pub text: String,
    }
}

wire_enum! {
    /// The content of a message.
    tag "kind";
    pub enum Body {
        "text" => Text(Text),
    }
}

impl Body {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into() })
    }

    /// The words of the message, for previews and search.
    pub fn words(&self) -> &str {
        match self {
            Self::Text(body) => &body.text,
        }
    }
}

wire_words! {
    /// Which side of a conversation somebody is on.
    pub enum Side {
        "contact" => Contact,
        "agent" => Agent,
        "system" => System,
    }
}

wire_struct! {
    /// Who did something.
    pub struct Actor {
        pub side: Side,
        /// The contact's or the person's id; none for the system.
        pub id: Option<String>,
        /// The name as it was when it happened.
        pub name: Option<String>,
    }
}

wire_struct! {
    /// A message or a note in a conversation.
    pub struct Message {
        pub msg: MessageId,
        pub cmid: Cmid,
        pub body: Body,
        pub reply_to: Option<MessageId>,
    }
}
