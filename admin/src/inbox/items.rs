//! A conversation as the thread draws it: days, bubbles in groups, quiet lines. Rules only.

use std::collections::HashMap;

use protocol::client::{Pending, SendState};
use protocol::event::{Event, EventBody, Status};
use protocol::ids::{Cmid, PersonId};
use protocol::message::{Actor, Message, Side};

use crate::ui::time;

/// Messages of one author within this time stand together.
const GROUP_MS: i64 = 5 * 60_000;

/// How far a message of ours got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    /// Not ours, or a note: nothing to say.
    #[default]
    None,
    /// Kept on this device until there is a connection.
    Waiting,
    Sending,
    Sent,
    Delivered,
    Read,
    Failed(String),
}

/// What may change about a bubble while it stays the same bubble.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BubbleState {
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
    pub(crate) mark: Mark,
}

/// Something said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bubble {
    pub(crate) cmid: Cmid,
    pub(crate) side: Side,
    pub(crate) is_mine: bool,
    pub(crate) is_note: bool,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) at_ms: i64,
}

/// What a quiet line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    Status { by: Option<String>, status: Status, until: Option<String> },
    Assigned { by: Option<String>, to: Option<String>, to_self: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Day { day: i64, at_ms: i64 },
    Say(Bubble),
    Line { seq: u64, at_ms: i64, what: Happening },
}

/// The identity of an item: it stays while its state changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ItemKey {
    Day(i64),
    Say(Cmid),
    Line(u64),
}

impl Item {
    pub(crate) fn key(&self) -> ItemKey {
        match self {
            Self::Day { day, .. } => ItemKey::Day(*day),
            Self::Say(bubble) => ItemKey::Say(bubble.cmid),
            Self::Line { seq, .. } => ItemKey::Line(*seq),
        }
    }

    fn at_ms(&self) -> i64 {
        match self {
            Self::Day { at_ms, .. } | Self::Line { at_ms, .. } => *at_ms,
            Self::Say(bubble) => bubble.at_ms,
        }
    }
}

/// What the thread is made of.
pub(crate) struct Source<'a> {
    pub(crate) events: &'a [Event],
    /// Of this conversation, oldest first.
    pub(crate) pending: &'a [Pending],
    pub(crate) me: PersonId,
    /// How the contact is called where no name of theirs is known.
    pub(crate) contact: &'a str,
    /// Up to where the contact has received and read.
    pub(crate) delivered: u64,
    pub(crate) read: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Thread {
    pub(crate) items: Vec<Item>,
    pub(crate) states: HashMap<Cmid, BubbleState>,
}

/// Builds the thread. `local_day` numbers days in the reader's zone.
pub(crate) fn build(source: &Source<'_>, local_day: impl Fn(i64) -> i64) -> Thread {
    let mut thread = Thread::default();
    for event in source.events {
        if let Some(item) = item_of(event, source) {
            if let Item::Say(bubble) = &item {
                let mark = mark_of(event, bubble, source);
                thread.states.insert(bubble.cmid, BubbleState { mark, ..BubbleState::default() });
            }
            thread.push(item, &local_day);
        }
    }
    for pending in source.pending {
        // The event may have come before the ack; then the message is drawn already.
        if !thread.states.contains_key(&pending.send.cmid) {
            let (bubble, mark) = bubble_of_pending(pending);
            thread.states.insert(bubble.cmid, BubbleState { mark, ..BubbleState::default() });
            thread.push(Item::Say(bubble), &local_day);
        }
    }
    thread.group();
    thread
}

impl Thread {
    fn push(&mut self, item: Item, local_day: &impl Fn(i64) -> i64) {
        let at_ms = item.at_ms();
        let day = local_day(at_ms);
        // A clock running ahead must not make a day appear twice.
        let last = self.items.iter().rev().find_map(|item| match item {
            Item::Day { day, .. } => Some(*day),
            Item::Say(_) | Item::Line { .. } => None,
        });
        if last.is_none_or(|last| last < day) {
            self.items.push(Item::Day { day, at_ms });
        }
        self.items.push(item);
    }

    fn group(&mut self) {
        for (index, item) in self.items.iter().enumerate() {
            let Item::Say(bubble) = item else { continue };
            let joins =
                |other: Option<&Item>| matches!(other, Some(Item::Say(other)) if stands_with(bubble, other));
            let before = index.checked_sub(1).and_then(|index| self.items.get(index));
            if let Some(state) = self.states.get_mut(&bubble.cmid) {
                state.is_first = !joins(before);
                state.is_last = !joins(self.items.get(index + 1));
            }
        }
    }
}

fn stands_with(one: &Bubble, other: &Bubble) -> bool {
    one.side == other.side
        && one.is_mine == other.is_mine
        && one.is_note == other.is_note
        && (one.is_mine || one.author == other.author)
        && (one.at_ms - other.at_ms).abs() < GROUP_MS
}

fn is_me(actor: &Actor, me: PersonId) -> bool {
    actor.side == Side::Agent && actor.id.as_deref().and_then(|id| id.parse().ok()) == Some(me)
}

fn item_of(event: &Event, source: &Source<'_>) -> Option<Item> {
    let at_ms = time::parse(&event.at).unwrap_or_default();
    let by = event.actor.name.clone().filter(|name| !name.is_empty()).or_else(|| {
        let is_contact = event.actor.side == Side::Contact && !source.contact.is_empty();
        is_contact.then(|| source.contact.to_owned())
    });
    let bubble = |message: &Message, is_note| {
        Item::Say(Bubble {
            cmid: message.cmid,
            side: event.actor.side,
            is_mine: is_me(&event.actor, source.me),
            is_note,
            author: by.clone().unwrap_or_default(),
            text: message.body.words().to_owned(),
            at_ms,
        })
    };
    match &event.body {
        EventBody::Message(message) => Some(bubble(message, false)),
        EventBody::Note(message) => Some(bubble(message, true)),
        EventBody::Status(change) => {
            let what = Happening::Status { by, status: change.status, until: change.until.clone() };
            Some(Item::Line { seq: event.seq, at_ms, what })
        }
        EventBody::Assigned(assignment) => {
            let to_self = assignment.assignee.as_ref().is_some_and(|to| Some(to.id.text()) == event.actor.id);
            let to = assignment.assignee.as_ref().map(|assignee| assignee.name.clone());
            Some(Item::Line { seq: event.seq, at_ms, what: Happening::Assigned { by, to, to_self } })
        }
        EventBody::Delivery(_) | EventBody::Unknown => None,
    }
}

fn mark_of(event: &Event, bubble: &Bubble, source: &Source<'_>) -> Mark {
    match (bubble.side, bubble.is_note) {
        (Side::Contact | Side::System, _) | (_, true) => Mark::None,
        (Side::Agent, false) if event.seq <= source.read => Mark::Read,
        (Side::Agent, false) if event.seq <= source.delivered => Mark::Delivered,
        (Side::Agent, false) => Mark::Sent,
    }
}

fn bubble_of_pending(pending: &Pending) -> (Bubble, Mark) {
    let mark = match &pending.state {
        SendState::Waiting => Mark::Waiting,
        SendState::Sending => Mark::Sending,
        SendState::Failed { detail, .. } => Mark::Failed(detail.clone()),
    };
    let bubble = Bubble {
        cmid: pending.send.cmid,
        side: Side::Agent,
        is_mine: true,
        is_note: pending.send.note,
        author: String::new(),
        text: pending.send.body.words().to_owned(),
        at_ms: i64::try_from(pending.said_at_ms).unwrap_or_default(),
    };
    (bubble, mark)
}

#[cfg(test)]
#[path = "items_tests.rs"]
mod tests;
