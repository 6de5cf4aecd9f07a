//! Who follows what, and from where. One lock a shard; nothing here waits.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use protocol::ids::{ConversationId, DivisionId, SessionId};

use super::{Session, lock};
use crate::bus;
use crate::store::StoredEvent;

/// Something that can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TopicKey {
    Conversation(ConversationId),
    /// Every event of a division.
    Feed(DivisionId),
}

impl TopicKey {
    /// Where an event stands in this topic.
    pub(super) fn number(self, event: &StoredEvent) -> u64 {
        match self {
            Self::Conversation(_) => event.seq,
            Self::Feed(_) => event.feed_seq,
        }
    }
}

impl From<TopicKey> for bus::Topic {
    fn from(key: TopicKey) -> Self {
        match key {
            TopicKey::Conversation(conversation) => Self::Conversation(conversation),
            TopicKey::Feed(division) => Self::Feed(division),
        }
    }
}

/// A session that follows a topic.
pub(super) struct Follower {
    pub(super) session: Arc<Session>,
    /// The last number handed to the session's queue.
    pub(super) position: u64,
    /// Fan-out serves it; before that its own replay does.
    pub(super) is_live: bool,
}

#[derive(Default)]
pub(super) struct Topic {
    pub(super) followers: Vec<Follower>,
    /// The highest number a hint has spoken of.
    pub(super) hinted: u64,
}

const SHARDS: usize = 32;

type Shard = Mutex<HashMap<TopicKey, Topic>>;

pub(super) struct Topics {
    shards: Vec<Shard>,
}

impl Default for Topics {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }
}

impl Topics {
    pub(super) fn shard(&self, key: TopicKey) -> MutexGuard<'_, HashMap<TopicKey, Topic>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or(0);
        match self.shards.get(index) {
            Some(shard) => lock(shard),
            None => unreachable!("the index is below the number of shards"),
        }
    }

    /// Registers a session before its replay, so that nothing falls between replay and live. True when it is the first here.
    pub(super) fn register(&self, key: TopicKey, session: &Arc<Session>) -> bool {
        let mut shard = self.shard(key);
        let is_first = !shard.contains_key(&key);
        let topic = shard.entry(key).or_default();
        topic.followers.retain(|f| f.session.id != session.id);
        topic.followers.push(Follower { session: Arc::clone(session), position: 0, is_live: false });
        session.remember_topic(key);
        is_first
    }

    /// Makes a session follow a topic live from its beginning, unless it follows it already. True when it is the first here.
    pub(super) fn follow_from_beginning(&self, key: TopicKey, session: &Arc<Session>) -> bool {
        let mut shard = self.shard(key);
        let is_first = !shard.contains_key(&key);
        let topic = shard.entry(key).or_default();
        // Whatever it is, it has begun.
        topic.hinted = topic.hinted.max(1);
        if topic.followers.iter().all(|f| f.session.id != session.id) {
            topic.followers.push(Follower { session: Arc::clone(session), position: 0, is_live: true });
            session.remember_topic(key);
        }
        is_first
    }

    /// Notes how far a topic has come. True when somebody here follows it and is behind.
    pub(super) fn note(&self, key: TopicKey, number: u64) -> bool {
        let mut shard = self.shard(key);
        let Some(topic) = shard.get_mut(&key) else { return false };
        topic.hinted = topic.hinted.max(number);
        topic.followers.iter().any(|f| f.is_live && f.position < number)
    }

    /// Hands a session over from its replay to fan-out; false when more has been hinted than it has seen.
    pub(super) fn go_live(&self, key: TopicKey, session: SessionId, position: u64) -> bool {
        let mut shard = self.shard(key);
        let Some(topic) = shard.get_mut(&key) else { return true };
        if topic.hinted > position {
            return false;
        }
        for follower in topic.followers.iter_mut().filter(|f| f.session.id == session) {
            follower.position = position;
            follower.is_live = true;
        }
        true
    }

    /// True when nobody here is left.
    pub(super) fn remove(&self, key: TopicKey, session: SessionId) -> bool {
        let mut shard = self.shard(key);
        let Some(topic) = shard.get_mut(&key) else { return false };
        topic.followers.retain(|f| f.session.id != session);
        let is_last = topic.followers.is_empty();
        if is_last {
            shard.remove(&key);
        }
        is_last
    }

    /// Where a session stands in a topic.
    pub(super) fn position(&self, key: TopicKey, session: SessionId) -> Option<u64> {
        let shard = self.shard(key);
        let follower = shard.get(&key)?.followers.iter().find(|f| f.session.id == session && f.is_live)?;
        Some(follower.position)
    }

    /// Every topic somebody follows.
    pub(super) fn keys(&self) -> Vec<TopicKey> {
        self.shards.iter().flat_map(|shard| lock(shard).keys().copied().collect::<Vec<_>>()).collect()
    }
}
