//! Catching up after a (re)connect: replay from the store at the reader's own pace, then live, with nothing in between lost.

use std::sync::Arc;

use bytes::Bytes;
use protocol::frame::ResyncReason;

use super::{Hub, Session, TopicKey, event_frame};
use crate::store::{StoreError, StoredEvent};

/// The most a replay may hold; beyond it the client loads a snapshot. Never a part presented as the whole.
const MOST_EVENTS: usize = 1_000;
const MOST_BYTES: usize = 1024 * 1024;
const PAGE: u32 = 100;

/// A replay under way. Ask for steps until it is live or refused.
pub struct Resume {
    key: TopicKey,
    position: u64,
    events: usize,
    bytes: usize,
    is_first: bool,
    /// Agents follow feeds, so a replay of a conversation is only a filling of a gap.
    goes_live: bool,
}

#[derive(Debug)]
pub enum ResumeStep {
    Frames(Vec<Bytes>),
    /// Live from this position.
    Live(u64),
    Resync(ResyncReason),
}

impl Resume {
    /// Registers the session and starts after `position`.
    pub fn start(hub: &Hub, session: &Arc<Session>, key: TopicKey, position: u64) -> Self {
        if hub.topics.register(key, session) {
            hub.bus.follow(key.into());
        }
        Self { key, position, events: 0, bytes: 0, is_first: true, goes_live: true }
    }

    /// Replays without following.
    pub fn fill(key: TopicKey, position: u64) -> Self {
        Self { key, position, events: 0, bytes: 0, is_first: true, goes_live: false }
    }

    pub async fn step(&mut self, hub: &Hub, session: &Arc<Session>) -> Result<ResumeStep, StoreError> {
        let (events, head) = self.read(hub, session).await?;
        if std::mem::take(&mut self.is_first) {
            if self.position > head {
                return Ok(self.refuse(hub, session, ResyncReason::Ahead));
            }
            if head - self.position > MOST_EVENTS as u64 {
                return Ok(self.refuse(hub, session, ResyncReason::TooOld));
            }
        }
        if events.is_empty() {
            let is_live = !self.goes_live || hub.topics.go_live(self.key, session.id, self.position);
            return Ok(if is_live {
                ResumeStep::Live(self.position)
            } else {
                ResumeStep::Frames(Vec::new())
            });
        }
        let audience = session.audience();
        let mut frames = Vec::with_capacity(events.len());
        for event in &events {
            self.position = self.key.number(event);
            self.events += 1;
            if let Some(frame) = event_frame(audience, hub.store.epoch(), event) {
                self.bytes += frame.len();
                frames.push(frame);
            }
        }
        if self.events > MOST_EVENTS || self.bytes > MOST_BYTES {
            return Ok(self.refuse(hub, session, ResyncReason::TooOld));
        }
        Ok(ResumeStep::Frames(frames))
    }

    async fn read(&self, hub: &Hub, session: &Session) -> Result<(Vec<Arc<StoredEvent>>, u64), StoreError> {
        match self.key {
            TopicKey::Conversation(conversation) => {
                let slice = hub.store.events_after(conversation, self.position, PAGE).await?;
                Ok((slice.events, slice.last_seq))
            }
            TopicKey::Feed(division) => {
                let heads = hub.store.feed_positions(session.workspace()).await?;
                let head = heads.into_iter().find(|(id, _)| *id == division).map_or(0, |(_, seq)| seq);
                Ok((hub.store.feed_after(division, self.position, PAGE).await?, head))
            }
        }
    }

    fn refuse(&self, hub: &Hub, session: &Arc<Session>, reason: ResyncReason) -> ResumeStep {
        if self.goes_live {
            hub.unfollow(session, self.key);
        }
        ResumeStep::Resync(reason)
    }
}
