//! The bus of many nodes: Redis pub/sub, one channel a conversation, feed or contact that somebody here follows.
//!
//! Two tasks, each with a connection of its own and a loop around it that never ends: [`publisher`] and [`listener`]. Whatever
//! happens to Redis, hints between the parts of this node go on; what other nodes did meanwhile is found by the hub's sweep,
//! which [`Hint::Missed`] starts.

mod counter;
mod listener;
mod publisher;
mod wire;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, mpsc};

use self::counter::Counter;
use self::wire::Names;
use super::{Bus, Hint, LocalBus, Tally, Topic};
use crate::shutdown::Shutdown;

/// Hints waiting for Redis at most; what does not fit is lost, as any hint may be.
const QUEUE: usize = 16_384;
/// How long Redis may take for anything.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
#[error("redis_url is not an address like redis://user:password@host:6379 or rediss://host ({0})")]
pub struct AddressError(String);

/// What the tasks share.
struct Shared {
    local: LocalBus,
    names: Names,
    client: redis::Client,
    /// Topics somebody here follows, and how often.
    followed: Mutex<HashMap<Topic, u32>>,
    is_publishing: AtomicBool,
    is_listening: AtomicBool,
}

pub struct RedisBus {
    shared: Arc<Shared>,
    hints: mpsc::Sender<Hint>,
    interest: mpsc::UnboundedSender<listener::Interest>,
    counter: Counter,
}

impl RedisBus {
    /// `installation` keeps installations that share a Redis apart; `node` is this process.
    ///
    /// # Errors
    /// When the address cannot be read. A Redis that does not answer is no error: it is waited for.
    pub fn start(
        url: &str,
        installation: &str,
        node: &str,
        shutdown: &Shutdown,
    ) -> Result<Self, AddressError> {
        let client = redis::Client::open(url).map_err(|e| AddressError(e.to_string()))?;
        let shared = Arc::new(Shared {
            local: LocalBus::default(),
            names: Names::new(installation, node),
            client,
            followed: Mutex::default(),
            is_publishing: AtomicBool::new(false),
            is_listening: AtomicBool::new(false),
        });
        let (hints, outgoing) = mpsc::channel(QUEUE);
        let (interest, changes) = mpsc::unbounded_channel();
        shutdown.spawn("redis-publisher", publisher::run(Arc::clone(&shared), outgoing, shutdown.clone()));
        shutdown.spawn("redis-listener", listener::run(Arc::clone(&shared), changes, shutdown.clone()));
        Ok(Self { shared, hints, interest, counter: Counter::default() })
    }
}

impl Bus for RedisBus {
    fn publish(&self, hint: Hint) {
        if self.hints.try_send(hint.clone()).is_err() {
            metrics::counter!("roost_bus_hints_dropped_total").increment(1);
        }
        self.shared.local.publish(hint);
    }

    fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.shared.local.subscribe()
    }

    fn follow(&self, topic: Topic) {
        let mut followed = self.shared.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let count = followed.entry(topic).or_default();
        *count += 1;
        if *count == 1 {
            // Told under the lock, so that it cannot arrive after the word that it is over. The listener lives as long as we do.
            let _ = self.interest.send(listener::Interest::Begins(topic));
        }
    }

    fn unfollow(&self, topic: Topic) {
        let mut followed = self.shared.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = followed.get_mut(&topic) else { return };
        *count -= 1;
        if *count == 0 {
            followed.remove(&topic);
            let _ = self.interest.send(listener::Interest::Ends(topic));
        }
    }

    fn tally<'a>(&'a self, name: &'a str, window: Duration) -> BoxFuture<'a, Tally> {
        Box::pin(self.counter.tally(&self.shared, name, window))
    }

    fn is_whole(&self) -> bool {
        self.shared.is_publishing.load(Ordering::Relaxed) && self.shared.is_listening.load(Ordering::Relaxed)
    }
}

/// Whether a Redis answers under an address.
pub async fn check_redis(url: &str) -> Result<(), String> {
    let client = redis::Client::open(url).map_err(|e| AddressError(e.to_string()).to_string())?;
    let mut connection = in_time(client.get_multiplexed_async_connection()).await?;
    in_time(redis::cmd("PING").query_async::<()>(&mut connection)).await
}

/// Waits before the next try, longer each time, never at the same moment as the other nodes.
async fn pause(tries: &mut u32) {
    let longest = (Duration::from_millis(50) * 2_u32.pow((*tries).min(8))).min(LONGEST_PAUSE);
    *tries += 1;
    let [byte] = crate::crypto::random_bytes::<1>();
    tokio::time::sleep(longest / 2 + longest * u32::from(byte) / 512).await;
}

/// Gives up on a Redis that does not answer in time.
async fn in_time<T>(what: impl Future<Output = redis::RedisResult<T>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, what).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}
