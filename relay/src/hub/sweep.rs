//! One clock for all sockets instead of a timer each: heartbeats, dead peers, lost hints, departures.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::frame::{Heartbeat, HeartbeatPosition, ServerFrame};

use super::{Hub, Session, TopicKey, encode};
use crate::shutdown::Shutdown;

/// How often every socket hears something.
pub const HEARTBEAT_MS: u64 = 25_000;
const HEARTBEAT_S: u32 = 25;
/// A peer that has not even answered a ping for this long is gone.
const DEAD_S: u32 = HEARTBEAT_S + 8;
/// How often topics are checked for hints that never came; each second while no hints of other nodes arrive.
const SWEEP_S: u32 = 5;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Seconds since the process first asked.
pub(super) fn now_s() -> u32 {
    u32::try_from(START.elapsed().as_secs()).unwrap_or(u32::MAX)
}

impl Hub {
    pub(super) fn start_sweep(self: &Arc<Self>, shutdown: &Shutdown) {
        let (hub, stop) = (Arc::clone(self), shutdown.clone());
        shutdown.spawn("hub-sweep", async move {
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            let idle = encode(&ServerFrame::Hb(Heartbeat { positions: Vec::new() }));
            loop {
                tokio::select! {
                    () = stop.stopped() => return,
                    () = hub.suspicion.arises() => {
                        let suspects = hub.suspicion.take(|| hub.topics.keys());
                        hub.look_after(&suspects).await;
                        continue;
                    }
                    _ = tick.tick() => {}
                }
                let now = now_s();
                hub.heartbeats(now, &idle);
                hub.sweep_presence();
                if now.is_multiple_of(SWEEP_S) || !hub.bus.is_whole() {
                    hub.look_after(&hub.topics.keys()).await;
                }
            }
        });
    }

    /// Each second serves one part of the sessions, so that they do not all wake together.
    fn heartbeats(&self, now: u32, idle: &Bytes) {
        for session in self.everybody() {
            if session.silent_for_s() > DEAD_S {
                session.close(protocol::close::RESTART, "no answer to a ping");
                continue;
            }
            let [.., last] = session.id.0;
            if u32::from(last) % HEARTBEAT_S == now % HEARTBEAT_S {
                session.offer(self.heartbeat(&session, idle));
                session.ping();
            }
        }
    }

    fn heartbeat(&self, session: &Session, idle: &Bytes) -> Bytes {
        let positions: Vec<HeartbeatPosition> = session
            .topics()
            .into_iter()
            .filter_map(|key| match key {
                TopicKey::Conversation(conv) => {
                    self.position_of(session, key).map(|seq| HeartbeatPosition { conv, seq })
                }
                TopicKey::Feed(_) => None,
            })
            .collect();
        if positions.is_empty() { idle.clone() } else { encode(&ServerFrame::Hb(Heartbeat { positions })) }
    }
}
