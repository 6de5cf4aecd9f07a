//! Sends hints to Redis: whatever has gathered, in one go.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::sync::mpsc;

use super::{Shared, in_time, pause, wire};
use crate::bus::Hint;
use crate::shutdown::Shutdown;

const BATCH: usize = 512;
/// How often a connection with nothing to do is tried.
const IDLE: Duration = Duration::from_secs(5);

pub(super) async fn run(shared: Arc<Shared>, mut outgoing: mpsc::Receiver<Hint>, shutdown: Shutdown) {
    let mut tries = 0;
    loop {
        let ended = tokio::select! {
            () = shutdown.stopped() => return,
            ended = publish(&shared, &mut outgoing, &mut tries) => ended,
        };
        let Err(reason) = ended else { return };
        if shared.is_publishing.swap(false, Ordering::Relaxed) {
            tracing::warn!(reason, "hints do not reach Redis; other nodes find what happened by themselves");
        }
        tokio::select! {
            () = shutdown.stopped() => return,
            () = pause(&mut tries) => {}
        }
        // What waited meanwhile is old by now.
        while outgoing.try_recv().is_ok() {}
    }
}

/// Publishes until something fails; `Ok` when there will be no more hints.
async fn publish(
    shared: &Shared,
    outgoing: &mut mpsc::Receiver<Hint>,
    tries: &mut u32,
) -> Result<(), String> {
    let mut connection = in_time(shared.client.get_multiplexed_async_connection()).await?;
    let mut ping = redis::pipe();
    ping.cmd("PING").ignore();
    send(&mut connection, &ping).await?;
    *tries = 0;
    if !shared.is_publishing.swap(true, Ordering::Relaxed) {
        tracing::info!("hints reach Redis");
    }
    let mut hints = Vec::with_capacity(BATCH);
    loop {
        match tokio::time::timeout(IDLE, outgoing.recv_many(&mut hints, BATCH)).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(_) => {
                send(&mut connection, &ping).await?;
                continue;
            }
        }
        let mut pipe = redis::pipe();
        for hint in hints.drain(..) {
            let Some(channels) = wire::channels(&shared.names, &hint) else { continue };
            let text = wire::write(&shared.names, hint);
            for channel in channels {
                pipe.cmd("PUBLISH").arg(channel).arg(&text).ignore();
            }
        }
        // Some hints concern this node only.
        if !pipe.is_empty() {
            send(&mut connection, &pipe).await?;
        }
    }
}

async fn send(connection: &mut MultiplexedConnection, pipe: &redis::Pipeline) -> Result<(), String> {
    in_time(pipe.query_async::<()>(connection)).await
}
