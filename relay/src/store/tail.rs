//! The latest events in memory, so that delivering what was just written does not read it back from the file.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use protocol::ids::{ConversationId, DivisionId};

use crate::store::StoredEvent;

/// Events kept in all. At some 500 bytes each this is the store's largest use of memory, and bounded.
const CAPACITY: usize = 16_384;

#[derive(Default)]
pub(super) struct Tail {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Oldest first, as committed.
    all: VecDeque<Arc<StoredEvent>>,
    by_conversation: HashMap<ConversationId, VecDeque<Arc<StoredEvent>>>,
    by_division: HashMap<DivisionId, VecDeque<Arc<StoredEvent>>>,
}

impl Tail {
    /// Adds events in commit order.
    pub(super) fn add(&self, events: Vec<Arc<StoredEvent>>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            inner.by_conversation.entry(event.conversation).or_default().push_back(Arc::clone(&event));
            inner.by_division.entry(event.division).or_default().push_back(Arc::clone(&event));
            inner.all.push_back(event);
        }
        while inner.all.len() > CAPACITY {
            inner.drop_oldest();
        }
    }

    /// Everything after `after`, if nothing in between is missing here.
    pub(super) fn conversation_after(
        &self,
        conversation: ConversationId,
        after: u64,
    ) -> Option<Vec<Arc<StoredEvent>>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        slice_after(inner.by_conversation.get(&conversation)?, after, |e| e.seq)
    }

    pub(super) fn feed_after(&self, division: DivisionId, after: u64) -> Option<Vec<Arc<StoredEvent>>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        slice_after(inner.by_division.get(&division)?, after, |e| e.feed_seq)
    }
}

/// Numbers are contiguous in each queue, so the place of `after` is known without a search.
fn slice_after(
    queue: &VecDeque<Arc<StoredEvent>>,
    after: u64,
    number: impl Fn(&StoredEvent) -> u64,
) -> Option<Vec<Arc<StoredEvent>>> {
    let first = number(queue.front()?);
    let skip = (after + 1).checked_sub(first)?;
    Some(queue.iter().skip(usize::try_from(skip).ok()?).cloned().collect())
}

impl Inner {
    fn drop_oldest(&mut self) {
        let Some(event) = self.all.pop_front() else { return };
        if let Some(queue) = self.by_conversation.get_mut(&event.conversation) {
            queue.pop_front();
            if queue.is_empty() {
                self.by_conversation.remove(&event.conversation);
            }
        }
        if let Some(queue) = self.by_division.get_mut(&event.division) {
            queue.pop_front();
        }
    }
}
