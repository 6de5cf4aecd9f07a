//! What clients tried, were told and heard, in the order each of them saw it.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::event::Event;
use protocol::frame::{Ack, Position};
use protocol::ids::Cmid;

#[derive(Debug, Clone)]
pub enum Entry {
    /// A new socket; positions of before no longer hold.
    Connected,
    /// The client said where it stands: in hello or by `sub`.
    Stands(Position),
    /// A message was given to the client, once, in this order.
    Said(Cmid),
    Acked(Ack),
    Heard(Box<Event>),
    /// An agent was away for too much to be told event by event and loaded everything; from this number of the feed on all is told.
    LoadedAll(u64),
}

/// One client's history. Clones write into the same one.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Journal {
    pub fn write(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
