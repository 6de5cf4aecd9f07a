//! Messages this client has said and the relay has not yet confirmed, in the order they were said.

use crate::frame::{Nack, Send};
use crate::ids::{Cmid, ConversationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendState {
    /// Not handed to a socket yet.
    Waiting,
    /// Handed to the socket; no word back.
    Sending,
    /// Refused by the relay; the person may try again.
    Failed { code: String, detail: String },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    pub send: Send,
    pub state: SendState,
    /// The client's clock when it was said, milliseconds since 1970.
    pub said_at_ms: u64,
}

#[derive(Debug, Default)]
pub struct Outbox {
    items: Vec<Pending>,
}

impl Outbox {
    pub fn items(&self) -> &[Pending] {
        &self.items
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn add(&mut self, send: Send, said_at_ms: u64) {
        if self.items.iter().all(|p| p.send.cmid != send.cmid) {
            self.items.push(Pending { send, state: SendState::Waiting, said_at_ms });
        }
    }

    /// Removes a confirmed message; false if it was not ours.
    pub(super) fn confirm(&mut self, cmid: Cmid) -> bool {
        let before = self.items.len();
        self.items.retain(|p| p.send.cmid != cmid);
        self.items.len() < before
    }

    pub(super) fn refuse(&mut self, nack: Nack) {
        if let Some(pending) = self.find(nack.cmid) {
            pending.state = SendState::Failed { code: nack.code, detail: nack.detail };
        }
    }

    pub(super) fn retry(&mut self, cmid: Cmid) {
        if let Some(pending) = self.find(cmid) {
            pending.state = SendState::Waiting;
        }
    }

    /// The connection is gone: whatever was on its way must be sent again, under the same name.
    pub(super) fn rewind(&mut self) {
        for pending in &mut self.items {
            if pending.state == SendState::Sending {
                pending.state = SendState::Waiting;
            }
        }
    }

    /// A message that names no conversation goes to the one that the first ack named.
    pub(super) fn settle_conversation(&mut self, conv: ConversationId) {
        for pending in &mut self.items {
            pending.send.conv.get_or_insert(conv);
        }
    }

    /// Takes everything that waits, in order.
    pub(super) fn take_waiting(&mut self) -> Vec<Send> {
        let waiting = self.items.iter_mut().filter(|p| p.state == SendState::Waiting);
        waiting
            .map(|p| {
                p.state = SendState::Sending;
                p.send.clone()
            })
            .collect()
    }

    fn find(&mut self, cmid: Cmid) -> Option<&mut Pending> {
        self.items.iter_mut().find(|p| p.send.cmid == cmid)
    }
}
