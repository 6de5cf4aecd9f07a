//! From hints to queues: each hint makes the followers of a topic catch up.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use protocol::frame::{PresenceChange, ServerFrame, Typing};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

use super::topics::{Topic, TopicKey};
use super::{Hub, Session, event_frame, lock};
use crate::bus::Hint;
use crate::inbox::visibility::Audience;
use crate::shutdown::Shutdown;
use crate::store::StoredEvent;

/// Topics that have moved and wait for their followers to be served. Naming one twice serves it once.
#[derive(Default)]
struct Moved {
    keys: Mutex<HashSet<TopicKey>>,
    wake: Notify,
}

impl Moved {
    fn add(&self, key: TopicKey) {
        if lock(&self.keys).insert(key) {
            self.wake.notify_one();
        }
    }
}

impl Hub {
    /// Starts the tasks that turn hints into frames.
    pub fn start(self: &Arc<Self>, node: String, shutdown: &Shutdown) {
        let moved = Arc::new(Moved::default());
        let (hub, queue, stop) = (Arc::clone(self), Arc::clone(&moved), shutdown.clone());
        let mut hints = self.bus.subscribe();
        shutdown.spawn("hub-hints", async move {
            loop {
                let hint = tokio::select! {
                    () = stop.stopped() => return,
                    hint = hints.recv() => hint,
                };
                match hint {
                    Ok(hint) => hub.take(hint, &queue),
                    Err(RecvError::Lagged(_)) => hub.take(Hint::Missed { topics: None }, &queue),
                    Err(RecvError::Closed) => return,
                }
            }
        });
        let (hub, stop) = (Arc::clone(self), shutdown.clone());
        shutdown.spawn("hub-fanout", async move {
            loop {
                let keys: Vec<TopicKey> = lock(&moved.keys).drain().collect();
                if keys.is_empty() {
                    tokio::select! {
                        () = stop.stopped() => return,
                        () = moved.wake.notified() => {}
                    }
                }
                for key in keys {
                    hub.serve(key).await;
                }
            }
        });
        self.start_sweep(shutdown);
        self.start_roll_call(node, shutdown);
    }

    fn take(&self, hint: Hint, moved: &Moved) {
        match hint {
            Hint::Moved { conversation, division, seq, feed_seq } => {
                for (key, number) in
                    [(TopicKey::Conversation(conversation), seq), (TopicKey::Feed(division), feed_seq)]
                {
                    if self.topics.note(key, number) {
                        moved.add(key);
                    }
                }
            }
            Hint::Begun { contact, conversation } => {
                let key = TopicKey::Conversation(conversation);
                for session in self.everybody() {
                    if session.visitor().is_some_and(|seat| seat.contact == contact)
                        && self.topics.follow_from_beginning(key, &session)
                    {
                        self.bus.follow(key.into());
                    }
                }
                moved.add(key);
            }
            Hint::Typing { conversation, division, on, mut who } => {
                // Names do not travel between nodes.
                if who.name.is_none() && who.side == protocol::message::Side::Agent {
                    who.name = who.id.as_deref().and_then(|id| self.name_of(id));
                }
                let frame = ServerFrame::Typing(Typing { conv: conversation, on, who });
                self.offer_to(TopicKey::Conversation(conversation), &frame);
                self.offer_to(TopicKey::Feed(division), &frame);
            }
            Hint::PersonPresence { workspace, person, state } => {
                let change = PresenceChange { person: Some(person), contact: None, state };
                self.tell_agents(workspace, &ServerFrame::Presence(change), None);
            }
            Hint::ContactPresence { workspace, contact, state, .. } => {
                let change = PresenceChange { person: None, contact: Some(contact), state };
                self.tell_agents(workspace, &ServerFrame::Presence(change), None);
            }
            Hint::PeopleNoted => self.roll_call.notify_one(),
            Hint::Missed { topics } => {
                if topics.is_none() {
                    self.campaign_change.notify_one();
                }
                self.suspicion.add(topics);
            }
            Hint::PersonChanged { person, but_session } => {
                self.close_where(protocol::close::NOT_AUTHENTICATED, "signed out", |s| match &s.who {
                    super::Who::Agent(seat) => {
                        seat.person == person && Some(seat.session_digest) != but_session
                    }
                    super::Who::Visitor(_) => false,
                });
            }
            Hint::SessionEnded { session } => self.end_session(session),
            // Needs the rules of origins and keys, which the hub does not know: `jobs::campaigns` does it.
            Hint::CampaignChanged { .. } => self.campaign_change.notify_one(),
        }
    }

    fn offer_to(&self, key: TopicKey, frame: &ServerFrame) {
        let shard = self.topics.shard(key);
        let Some(topic) = shard.get(&key) else { return };
        let ServerFrame::Typing(typing) = frame else { return };
        let for_visitor = Typing {
            who: crate::inbox::visibility::actor_for(Audience::Visitor, &typing.who),
            ..typing.clone()
        };
        let (inside, outside) = (super::encode(frame), super::encode(&ServerFrame::Typing(for_visitor)));
        for follower in &topic.followers {
            let is_visitor = follower.session.audience() == Audience::Visitor;
            let is_self = match (&typing.who.id, follower.session.person()) {
                (Some(id), Some(person)) => *id == person.text(),
                _ => is_visitor && typing.who.side == protocol::message::Side::Contact,
            };
            if !is_self {
                follower.session.offer(if is_visitor { outside.clone() } else { inside.clone() });
            }
        }
    }

    /// Brings all live followers of a topic up to date.
    async fn serve(&self, key: TopicKey) {
        loop {
            let behind = {
                let mut shard = self.topics.shard(key);
                let Some(topic) = shard.get_mut(&key) else { return };
                let Some(from) = topic.followers.iter().filter(|f| f.is_live).map(|f| f.position).min()
                else {
                    return;
                };
                if from >= topic.hinted {
                    return;
                }
                let recent = match key {
                    TopicKey::Conversation(conversation) => {
                        self.store.recent_events_after(conversation, from)
                    }
                    TopicKey::Feed(division) => self.store.recent_feed_after(division, from),
                };
                // What is at hand is what this node wrote; others may have written more.
                let hinted = topic.hinted;
                match recent.filter(|events| events.last().is_some_and(|last| key.number(last) >= hinted)) {
                    Some(events) => {
                        self.hand_out(key, topic, &events);
                        return;
                    }
                    None => from,
                }
            };
            if !self.serve_from_store(key, behind).await {
                return;
            }
        }
    }

    /// Reads one page and hands it out; true when there may be more.
    async fn serve_from_store(&self, key: TopicKey, from: u64) -> bool {
        const PAGE: u32 = 100;
        let read = match key {
            TopicKey::Conversation(conversation) => {
                self.store.events_after(conversation, from, PAGE).await.map(|s| s.events)
            }
            TopicKey::Feed(division) => self.store.feed_after(division, from, PAGE).await,
        };
        match read {
            Ok(events) => {
                let mut shard = self.topics.shard(key);
                if let Some(topic) = shard.get_mut(&key) {
                    self.hand_out(key, topic, &events);
                }
                events.len() == PAGE as usize
            }
            Err(error) => {
                tracing::warn!(%error, "events could not be read for delivery; the next sweep tries again");
                false
            }
        }
    }

    fn hand_out(&self, key: TopicKey, topic: &mut Topic, events: &[Arc<StoredEvent>]) {
        let mut deliveries = 0;
        for event in events {
            let number = key.number(event);
            let mut frames: [Option<Option<Bytes>>; 2] = [None, None];
            for follower in topic.followers.iter_mut().filter(|f| f.is_live && f.position + 1 == number) {
                let audience = follower.session.audience();
                let [for_agents, for_visitors] = &mut frames;
                let slot = if audience == Audience::Agents { for_agents } else { for_visitors };
                let frame = slot.get_or_insert_with(|| event_frame(audience, self.store.epoch(), event));
                if let Some(frame) = frame {
                    follower.session.push(frame.clone());
                    deliveries += 1;
                }
                follower.position = number;
            }
        }
        metrics::counter!("roost_deliveries_total").increment(deliveries);
    }

    /// Asks the store where topics stand, a few queries for all of them, and serves those whose followers are behind: the answer
    /// to lost hints.
    pub(super) async fn look_after(&self, keys: &[TopicKey]) {
        const AT_ONCE: usize = 5_000;
        for some in keys.chunks(AT_ONCE) {
            let (mut conversations, mut feeds) = (Vec::new(), Vec::new());
            for key in some {
                match key {
                    TopicKey::Conversation(conversation) => conversations.push(*conversation),
                    TopicKey::Feed(division) => feeds.push(*division),
                }
            }
            let positions = match self.store.positions(conversations, feeds).await {
                Ok(positions) => positions,
                Err(error) => {
                    tracing::warn!(%error, "positions could not be read; the next sweep tries again");
                    return;
                }
            };
            let conversations =
                positions.conversations.into_iter().map(|(id, seq)| (TopicKey::Conversation(id), seq));
            let feeds = positions.feeds.into_iter().map(|(id, seq)| (TopicKey::Feed(id), seq));
            for (key, number) in conversations.chain(feeds) {
                if self.topics.note(key, number) {
                    metrics::counter!("roost_hints_missed_total").increment(1);
                    self.serve(key).await;
                }
            }
        }
    }

    /// The position of a session in a topic, for heartbeats.
    pub(super) fn position_of(&self, session: &Session, key: TopicKey) -> Option<u64> {
        self.topics.position(key, session.id)
    }
}
