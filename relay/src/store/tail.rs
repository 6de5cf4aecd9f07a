//! The latest events this node wrote, in memory, so that delivering them does not read them back from the database. Where other
//! nodes write too there may be newer ones; what is kept here is without a hole all the same.

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
    /// Adds committed events.
    pub(super) fn add(&self, events: Vec<Arc<StoredEvent>>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            push(inner.by_conversation.entry(event.conversation).or_default(), &event, |e| e.seq);
            push(inner.by_division.entry(event.division).or_default(), &event, |e| e.feed_seq);
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

/// Adds an event at the end of a queue. After a hole the queue begins anew; what comes late is left out.
fn push(
    queue: &mut VecDeque<Arc<StoredEvent>>,
    event: &Arc<StoredEvent>,
    number: impl Fn(&StoredEvent) -> u64,
) {
    let next = queue.back().map(|last| number(last) + 1);
    if next.is_some_and(|next| number(event) < next) {
        return;
    }
    if next.is_some_and(|next| number(event) > next) {
        queue.clear();
    }
    queue.push_back(Arc::clone(event));
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
        // A queue that has begun anew since does not have it any more.
        let is_first =
            |queue: &VecDeque<Arc<StoredEvent>>| queue.front().is_some_and(|e| Arc::ptr_eq(e, &event));
        if let Some(queue) = self.by_conversation.get_mut(&event.conversation)
            && is_first(queue)
        {
            queue.pop_front();
            if queue.is_empty() {
                self.by_conversation.remove(&event.conversation);
            }
        }
        if let Some(queue) = self.by_division.get_mut(&event.division)
            && is_first(queue)
        {
            queue.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::event::{EventBody, Status, StatusChange};
    use protocol::ids::WorkspaceId;
    use protocol::message::{Actor, Side};

    use super::*;

    const CONVERSATION: ConversationId = ConversationId([1; 16]);

    fn event(seq: u64) -> Arc<StoredEvent> {
        Arc::new(StoredEvent {
            workspace: WorkspaceId([0; 16]),
            division: DivisionId([0; 16]),
            conversation: CONVERSATION,
            seq,
            feed_seq: seq,
            visible_before: 0,
            is_visible: true,
            actor: Actor { side: Side::System, id: None, name: None },
            at_ms: 0,
            body: EventBody::Status(StatusChange { status: Status::Open, until: None }),
        })
    }

    fn seqs(tail: &Tail, after: u64) -> Option<Vec<u64>> {
        Some(tail.conversation_after(CONVERSATION, after)?.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn what_another_node_wrote_in_between_is_never_skipped() {
        let tail = Tail::default();
        tail.add(vec![event(1), event(2)]);
        tail.add(vec![event(5)]);

        assert_eq!(seqs(&tail, 2), None);
        assert_eq!(seqs(&tail, 4), Some(vec![5]));
        tail.add(vec![event(4), event(6)]);
        assert_eq!(seqs(&tail, 4), Some(vec![5, 6]));
    }

    #[test]
    fn the_oldest_go_first_also_after_a_hole() {
        let tail = Tail::default();
        tail.add(vec![event(1)]);
        tail.add((3..3 + CAPACITY as u64).map(event).collect());

        assert_eq!(seqs(&tail, 2).map(|seqs| seqs.len()), Some(CAPACITY));
        tail.add(vec![event(3 + CAPACITY as u64)]);
        assert_eq!(seqs(&tail, 2), None);
        assert_eq!(seqs(&tail, 3).map(|seqs| seqs.len()), Some(CAPACITY));
    }
}
