//! One open socket as the hub knows it: who it is, what it follows, and a bounded queue of what it shall hear.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use protocol::api::Role;
use protocol::ids::{CampaignId, ContactId, DivisionId, PersonId, SessionId, WorkspaceId};
use tokio::sync::Notify;

use super::{TopicKey, lock};

/// Somebody on a site. Comes to be as a contact only with the first message.
#[derive(Debug)]
pub struct VisitorSeat {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub campaign: CampaignId,
    pub contact: ContactId,
    pub visitor_digest: [u8; 32],
    pub key_digest: [u8; 32],
    /// The visitor is verified: when the secret was set by which they are.
    pub secret_at_ms: Option<i64>,
    /// The site the widget is embedded in.
    pub origin: Box<str>,
    pub name: Option<Box<str>>,
    /// JSON of the contact's details, until the store has them.
    pub details: Mutex<Box<str>>,
    /// The store knows this visitor.
    pub is_known: std::sync::atomic::AtomicBool,
}

/// Somebody who works here.
#[derive(Debug)]
pub struct AgentSeat {
    pub workspace: WorkspaceId,
    pub person: PersonId,
    pub name: Box<str>,
    pub role: Role,
    /// The browser session the socket belongs to, by digest.
    pub session_digest: [u8; 32],
    pub divisions: Vec<DivisionId>,
}

#[derive(Debug)]
pub enum Who {
    Visitor(Box<VisitorSeat>),
    Agent(Box<AgentSeat>),
}

/// What a socket has to write next.
#[derive(Debug)]
pub enum Outgoing {
    Text(Bytes),
    Ping,
    Close(u16, &'static str),
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Outgoing>,
    bytes: usize,
    is_closing: bool,
    topics: Vec<TopicKey>,
}

/// Frames a visitor's queue holds at most; an agent's eight times as many bytes.
const MOST_FRAMES: usize = 512;
const VISITOR_BYTES: usize = 64 * 1024;
const AGENT_BYTES: usize = 512 * 1024;

#[derive(Debug)]
pub struct Session {
    pub id: SessionId,
    pub who: Who,
    queue: Mutex<Queue>,
    wake: Notify,
    /// When something was last heard, in seconds of the hub's own count.
    heard_at: AtomicU32,
}

impl Session {
    pub fn new(id: SessionId, who: Who) -> Self {
        Self {
            id,
            who,
            queue: Mutex::default(),
            wake: Notify::new(),
            heard_at: AtomicU32::new(super::sweep::now_s()),
        }
    }

    pub fn workspace(&self) -> WorkspaceId {
        match &self.who {
            Who::Visitor(seat) => seat.workspace,
            Who::Agent(seat) => seat.workspace,
        }
    }

    pub fn person(&self) -> Option<PersonId> {
        match &self.who {
            Who::Visitor(_) => None,
            Who::Agent(seat) => Some(seat.person),
        }
    }

    pub fn visitor(&self) -> Option<&VisitorSeat> {
        match &self.who {
            Who::Visitor(seat) => Some(seat),
            Who::Agent(_) => None,
        }
    }

    pub(super) fn audience(&self) -> crate::inbox::visibility::Audience {
        match &self.who {
            Who::Visitor(_) => crate::inbox::visibility::Audience::Visitor,
            Who::Agent(_) => crate::inbox::visibility::Audience::Agents,
        }
    }

    fn most_bytes(&self) -> usize {
        match &self.who {
            Who::Visitor(_) => VISITOR_BYTES,
            Who::Agent(_) => AGENT_BYTES,
        }
    }

    /// Queues something that must arrive. A queue that cannot take it belongs to a reader that is too slow: the socket is
    /// closed, and the client resumes from where it was.
    pub fn push(&self, frame: Bytes) {
        let mut queue = lock(&self.queue);
        if queue.is_closing {
            return;
        }
        if queue.items.len() >= MOST_FRAMES || queue.bytes + frame.len() > self.most_bytes() {
            queue.items.clear();
            queue.bytes = 0;
            queue.is_closing = true;
            queue.items.push_back(Outgoing::Close(protocol::close::TOO_SLOW, "too slow"));
            metrics::counter!("roost_sessions_closed_slow_total").increment(1);
        } else {
            queue.bytes += frame.len();
            queue.items.push_back(Outgoing::Text(frame));
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Queues something that may be lost: dropped when the queue is half full.
    pub fn offer(&self, frame: Bytes) {
        let mut queue = lock(&self.queue);
        if queue.is_closing
            || queue.items.len() >= MOST_FRAMES / 2
            || queue.bytes + frame.len() > self.most_bytes() / 2
        {
            return;
        }
        queue.bytes += frame.len();
        queue.items.push_back(Outgoing::Text(frame));
        drop(queue);
        self.wake.notify_one();
    }

    pub(super) fn ping(&self) {
        let mut queue = lock(&self.queue);
        if !queue.is_closing && !matches!(queue.items.back(), Some(Outgoing::Ping)) {
            queue.items.push_back(Outgoing::Ping);
            drop(queue);
            self.wake.notify_one();
        }
    }

    /// Closes after what is queued already.
    pub fn close(&self, code: u16, reason: &'static str) {
        let mut queue = lock(&self.queue);
        if !queue.is_closing {
            queue.is_closing = true;
            queue.items.push_back(Outgoing::Close(code, reason));
            drop(queue);
            self.wake.notify_one();
        }
    }

    pub fn next(&self) -> Option<Outgoing> {
        let mut queue = lock(&self.queue);
        let item = queue.items.pop_front();
        if let Some(Outgoing::Text(frame)) = &item {
            queue.bytes -= frame.len();
        }
        if queue.items.is_empty() && queue.items.capacity() > 8 {
            // Most sockets are idle most of the time: their queues should weigh nothing.
            queue.items = VecDeque::new();
        }
        item
    }

    /// Resolves when there may be something to write.
    pub async fn has_more(&self) {
        self.wake.notified().await;
    }

    pub fn heard(&self) {
        self.heard_at.store(super::sweep::now_s(), Ordering::Relaxed);
    }

    pub(super) fn silent_for_s(&self) -> u32 {
        super::sweep::now_s().saturating_sub(self.heard_at.load(Ordering::Relaxed))
    }

    pub fn topics(&self) -> Vec<TopicKey> {
        lock(&self.queue).topics.clone()
    }

    pub fn follows(&self, key: TopicKey) -> bool {
        lock(&self.queue).topics.contains(&key)
    }

    pub(super) fn remember_topic(&self, key: TopicKey) {
        let mut queue = lock(&self.queue);
        if !queue.topics.contains(&key) {
            queue.topics.push(key);
        }
    }

    pub(super) fn forget_topic(&self, key: TopicKey) {
        lock(&self.queue).topics.retain(|k| *k != key);
    }
}
