//! Topics something may have happened to that this node has not heard of.

use std::collections::HashSet;
use std::sync::Mutex;

use tokio::sync::Notify;

use super::{TopicKey, lock};
use crate::bus::Topic;

#[derive(Default)]
pub(super) struct Suspicion {
    inner: Mutex<Suspects>,
    wake: Notify,
}

#[derive(Default)]
struct Suspects {
    /// Everything, whatever stands in `some`.
    all: bool,
    some: HashSet<TopicKey>,
}

impl Suspicion {
    /// `None` suspects everything.
    pub(super) fn add(&self, topics: Option<Vec<Topic>>) {
        let mut inner = lock(&self.inner);
        match topics {
            None => inner.all = true,
            Some(topics) => inner.some.extend(topics.into_iter().filter_map(|topic| match topic {
                Topic::Conversation(conversation) => Some(TopicKey::Conversation(conversation)),
                Topic::Feed(division) => Some(TopicKey::Feed(division)),
                // What a contact began is followed from its conversations.
                Topic::Contact(_) => None,
            })),
        }
        self.wake.notify_one();
    }

    /// Waits until there is something to look after.
    pub(super) async fn arises(&self) {
        self.wake.notified().await;
    }

    /// What is suspected, out of all that is followed.
    pub(super) fn take(&self, followed: impl FnOnce() -> Vec<TopicKey>) -> Vec<TopicKey> {
        let Suspects { all, some } = std::mem::take(&mut *lock(&self.inner));
        if all { followed() } else { some.into_iter().collect() }
    }
}
