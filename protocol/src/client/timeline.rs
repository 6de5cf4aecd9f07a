//! One conversation as this client knows it: events in order, and whether any are missing.

use crate::event::{Event, EventBody, Reader, ReceiptState};
use crate::frame::Position;
use crate::ids::ConversationId;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    New,
    Duplicate,
    /// Something before it is missing: ask for it from [`Timeline::position`].
    Gap,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub conv: ConversationId,
    epoch: String,
    position: u64,
    events: Vec<Event>,
    /// Events older than the first one here exist and can be loaded.
    pub has_older: bool,
}

impl Timeline {
    pub fn new(conv: ConversationId, epoch: impl Into<String>) -> Self {
        Self { conv, epoch: epoch.into(), position: 0, events: Vec::new(), has_older: false }
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }

    pub fn position(&self) -> Position {
        Position { conv: self.conv, epoch: self.epoch.clone(), seq: self.position }
    }

    pub fn seq(&self) -> u64 {
        self.position
    }

    pub fn apply(&mut self, event: Event) -> Applied {
        if event.seq <= self.position {
            return Applied::Duplicate;
        }
        if event.epoch != self.epoch || event.prev > self.position {
            return Applied::Gap;
        }
        self.position = event.seq;
        self.events.push(event);
        Applied::New
    }

    /// The relay says nothing this receiver may see lies between its position and `seq`.
    pub fn advance(&mut self, seq: u64) {
        self.position = self.position.max(seq);
    }

    /// Starts over from a snapshot that holds everything up to `seq`.
    pub fn replace(&mut self, epoch: String, events: Vec<Event>, seq: u64, has_older: bool) {
        *self = Self { conv: self.conv, epoch, position: seq, events, has_older };
    }

    /// Puts an older page before what is here.
    pub fn prepend(&mut self, mut older: Vec<Event>, has_older: bool) {
        let first = self.events.first().map_or(u64::MAX, |e| e.seq);
        older.retain(|e| e.seq < first);
        older.append(&mut self.events);
        self.events = older;
        self.has_older = has_older;
    }

    /// The last sequence number `by` has received or read.
    pub fn receipt(&self, by: Reader, state: ReceiptState) -> u64 {
        let matching = self.events.iter().filter_map(|e| match &e.body {
            // Having read is having received.
            EventBody::Delivery(r) if r.by == by && r.state >= state => Some(r.up_to),
            _ => None,
        });
        matching.max().unwrap_or(0)
    }
}
