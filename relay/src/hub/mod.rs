//! Who is connected to this node, and getting to each of them what they may see.
//!
//! Sessions follow topics: visitors their conversations, agents the feed of their divisions. Each follower has a position; a
//! hint makes the topic's followers catch up from the store. Knows no frames' meaning, no axum, no rules.

mod encode;
mod fanout;
mod presence;
mod resume;
mod roll_call;
mod session;
mod suspicion;
mod sweep;
mod topics;

use encode::event_frame;
pub use encode::{encode, event_for};
pub use resume::{Resume, ResumeStep};
pub use session::{AgentSeat, Outgoing, Session, VisitorSeat, Who};
pub use sweep::HEARTBEAT_MS;
pub use topics::TopicKey;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::frame::ServerFrame;
use protocol::ids::{PersonId, SessionId, WorkspaceId};
use tokio::sync::Notify;

use self::presence::PresenceBook;
use self::suspicion::Suspicion;
use self::topics::Topics;
use crate::bus::{Bus, Topic};
use crate::store::Store;

/// The hub of one node. Shared by reference.
pub struct Hub {
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    sessions: Mutex<HashMap<SessionId, Arc<Session>>>,
    agents: Mutex<HashMap<WorkspaceId, Vec<Arc<Session>>>>,
    topics: Topics,
    presence: Mutex<PresenceBook>,
    suspicion: Suspicion,
    /// Something changed in who is connected, here or elsewhere.
    roll_call: Notify,
    /// Some campaign's keys or origins changed, here or elsewhere.
    campaign_change: Notify,
}

impl Hub {
    pub fn new(store: Arc<dyn Store>, bus: Arc<dyn Bus>) -> Self {
        Self {
            store,
            bus,
            sessions: Mutex::default(),
            agents: Mutex::default(),
            topics: Topics::default(),
            presence: Mutex::default(),
            suspicion: Suspicion::default(),
            roll_call: Notify::new(),
            campaign_change: Notify::new(),
        }
    }

    /// Resolves when keys or origins may have changed since the last time.
    pub async fn campaigns_changed(&self) {
        self.campaign_change.notified().await;
    }

    pub fn session_count(&self) -> usize {
        lock(&self.sessions).len()
    }

    /// Takes a session in. It hears nothing yet but what is said to everybody.
    pub fn join(&self, session: Arc<Session>) {
        lock(&self.sessions).insert(session.id, Arc::clone(&session));
        if let Who::Agent(seat) = &session.who {
            lock(&self.agents).entry(seat.workspace).or_default().push(Arc::clone(&session));
        }
        if let Some(seat) = session.visitor() {
            self.bus.follow(Topic::Contact(seat.contact));
        }
        self.came(&session);
    }

    /// Lets a session go; it hears nothing any more.
    pub fn leave(&self, session: &Arc<Session>) {
        lock(&self.sessions).remove(&session.id);
        if let Who::Agent(seat) = &session.who {
            let mut agents = lock(&self.agents);
            if let Some(colleagues) = agents.get_mut(&seat.workspace) {
                colleagues.retain(|s| s.id != session.id);
                if colleagues.is_empty() {
                    agents.remove(&seat.workspace);
                }
            }
        }
        for key in session.topics() {
            self.let_go(key, session);
        }
        if let Some(seat) = session.visitor() {
            self.bus.unfollow(Topic::Contact(seat.contact));
        }
        self.went(session);
    }

    /// Stops following a topic.
    pub fn unfollow(&self, session: &Arc<Session>, key: TopicKey) {
        self.let_go(key, session);
        session.forget_topic(key);
    }

    fn let_go(&self, key: TopicKey, session: &Session) {
        if self.topics.remove(key, session.id) {
            self.bus.unfollow(key.into());
        }
    }

    /// Every session of this node.
    fn everybody(&self) -> Vec<Arc<Session>> {
        lock(&self.sessions).values().cloned().collect()
    }

    /// Looks at every visitor connected here.
    pub fn each_visitor(&self, mut look: impl FnMut(&VisitorSeat)) {
        for session in lock(&self.sessions).values() {
            if let Some(seat) = session.visitor() {
                look(seat);
            }
        }
    }

    /// Looks at everybody who works here and is connected here.
    pub fn each_agent(&self, mut look: impl FnMut(&AgentSeat)) {
        for session in lock(&self.sessions).values() {
            if let Who::Agent(seat) = &session.who {
                look(seat);
            }
        }
    }

    /// Closes the sockets that belong to a browser session which is over.
    pub fn end_session(&self, digest: [u8; 32]) {
        self.close_where(protocol::close::NOT_AUTHENTICATED, "signed out", |session| match &session.who {
            Who::Agent(seat) => seat.session_digest == digest,
            Who::Visitor(_) => false,
        });
    }

    /// Closes the sessions that match.
    pub fn close_where(&self, code: u16, reason: &'static str, matches: impl Fn(&Session) -> bool) {
        for session in self.everybody() {
            if matches(&session) {
                session.close(code, reason);
            }
        }
    }

    /// Sends everybody away for a restart: a last word with a time to come back, spread out, then a close.
    pub fn dismiss(&self, last_word: impl Fn(u64) -> bytes::Bytes) {
        const SPREAD_MS: u64 = 15_000;
        for session in self.everybody() {
            let [.., high, low] = session.id.0;
            let after_ms = u64::from(u16::from_be_bytes([high, low])) * SPREAD_MS / u64::from(u16::MAX);
            session.push(last_word(after_ms));
            session.close(protocol::close::RESTART, "restart");
        }
    }

    /// Says something unstored to all agents of a workspace.
    fn tell_agents(&self, workspace: WorkspaceId, frame: &ServerFrame, but: Option<PersonId>) {
        let agents = lock(&self.agents).get(&workspace).cloned().unwrap_or_default();
        if agents.is_empty() {
            return;
        }
        let bytes = encode(frame);
        for session in agents {
            if but.is_none() || session.person() != but {
                session.offer(bytes.clone());
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing here panics while holding a lock; if it did, the data is still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
