//! What nodes count together: how often an address came, for limits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::sync::Mutex;

use super::Shared;
use crate::bus::Tally;

/// People wait for this; a Redis that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_millis(250);

#[derive(Default)]
pub(super) struct Counter {
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Counter {
    pub(super) async fn tally(&self, shared: &Shared, name: &str, window: Duration) -> Tally {
        if !shared.is_publishing.load(Ordering::Relaxed) {
            return Tally::Unknown;
        }
        let counted = tokio::time::timeout(PATIENCE, self.count(shared, name, window)).await;
        if let Ok(Ok(count)) = counted {
            return Tally::Count(count);
        }
        // It may be of no use any more; the next one to ask makes another.
        self.connection.lock().await.take();
        Tally::Unknown
    }

    async fn count(&self, shared: &Shared, name: &str, window: Duration) -> redis::RedisResult<u64> {
        let mut connection = self.connect(shared).await?;
        let key = shared.names.tally(name);
        let mut pipe = redis::pipe();
        pipe.atomic().cmd("SET").arg(&key).arg(0).arg("EX").arg(window.as_secs()).arg("NX").ignore();
        pipe.cmd("INCR").arg(&key);
        let (count,): (u64,) = pipe.query_async(&mut connection).await?;
        Ok(count)
    }

    async fn connect(&self, shared: &Shared) -> redis::RedisResult<MultiplexedConnection> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.as_ref() {
            return Ok(connection.clone());
        }
        let connection = shared.client.get_multiplexed_async_connection().await?;
        *kept = Some(connection.clone());
        Ok(connection)
    }
}
