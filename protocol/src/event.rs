//! The sequenced things: everything that happens in a conversation, in order.

use crate::ids::{ConversationId, DivisionId};
use crate::message::{Actor, Message};
use crate::wire::{FromTree, Tree, member, wire_struct, wire_words};

wire_words! {
    /// Where a conversation stands.
    pub enum Status {
        "open" => Open,
        "pending" => Pending,
        "snoozed" => Snoozed,
        "resolved" => Resolved,
    }
}

wire_words! {
    /// How far a message got, in rising order.
    pub enum ReceiptState {
        "delivered" => Delivered,
        "read" => Read,
    }
}

wire_words! {
    /// Which receipts a receipt speaks of: those of the visitor's side or of ours.
    pub enum Reader {
        "contact" => Contact,
        "agent" => Agent,
    }
}

wire_struct! {
    pub struct StatusChange {
        pub status: Status,
        /// When a snoozed conversation wakes, RFC 3339 UTC.
        pub until: Option<String>,
    }
}

wire_struct! {
    pub struct Assignee {
        pub id: crate::ids::PersonId,
        pub name: String,
    }
}

wire_struct! {
    pub struct Assignment {
        pub assignee: Option<Assignee>,
    }
}

wire_struct! {
    /// One side has received or read everything up to a position.
    pub struct Receipt {
        pub by: Reader,
        pub state: ReceiptState,
        /// The last sequence number it covers.
        pub up_to: u64,
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", content = "data"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventBody {
    #[cfg_attr(feature = "serde", serde(rename = "message"))]
    Message(Message),
    /// Seen by agents only.
    #[cfg_attr(feature = "serde", serde(rename = "note"))]
    Note(Message),
    #[cfg_attr(feature = "serde", serde(rename = "status"))]
    Status(StatusChange),
    #[cfg_attr(feature = "serde", serde(rename = "assigned"))]
    Assigned(Assignment),
    #[cfg_attr(feature = "serde", serde(rename = "delivery"))]
    Delivery(Receipt),
    /// A kind this version does not know yet. It still counts: the sequence must have no hole.
    #[cfg_attr(feature = "serde", serde(skip))]
    Unknown,
}

impl EventBody {
    /// The word for the kind of event, as stored and sent.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Note(_) => "note",
            Self::Status(_) => "status",
            Self::Assigned(_) => "assigned",
            Self::Delivery(_) => "delivery",
            Self::Unknown => "unknown",
        }
    }

    fn from_parts<T: Tree>(kind: &str, data: &T) -> Option<Self> {
        Some(match kind {
            "message" => Self::Message(Message::from_tree(data)?),
            "note" => Self::Note(Message::from_tree(data)?),
            "status" => Self::Status(StatusChange::from_tree(data)?),
            "assigned" => Self::Assigned(Assignment::from_tree(data)?),
            "delivery" => Self::Delivery(Receipt::from_tree(data)?),
            _ => Self::Unknown,
        })
    }
}

wire_struct! {
    /// A position in a division's feed, which has every event of the division.
    pub struct FeedPosition {
        pub division: DivisionId,
        pub epoch: String,
        pub seq: u64,
    }
}

/// One event as a receiver sees it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub conv: ConversationId,
    pub epoch: String,
    /// 1, 2, 3 … without a hole, over all events of the conversation.
    pub seq: u64,
    /// The sequence number of the event before this one that this receiver may see; 0 for the first.
    pub prev: u64,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub body: EventBody,
    /// RFC 3339 UTC. Never decreases inside a conversation; order is `seq` all the same.
    pub at: String,
    pub actor: Actor,
    /// Where the event stands in its division's feed; agents only.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub feed: Option<FeedPosition>,
}

impl FromTree for Event {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        let kind: String = member(tree, "kind")?;
        Some(Self {
            conv: member(tree, "conv")?,
            epoch: member(tree, "epoch")?,
            seq: member(tree, "seq")?,
            prev: member(tree, "prev")?,
            body: EventBody::from_parts(&kind, &tree.field("data")?)?,
            at: member(tree, "at")?,
            actor: member(tree, "actor")?,
            feed: member(tree, "feed")?,
        })
    }
}
