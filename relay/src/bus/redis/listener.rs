//! Hears from Redis what other nodes did. It cannot die silently: whatever ends it, it begins anew, and says that hints may have
//! been missed. A connection that lives but has gone deaf is found out by a word to itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use redis::aio::PubSubSink;
use tokio::sync::mpsc;

use super::{Shared, in_time, pause, wire};
use crate::bus::{Bus, Hint, Topic};
use crate::shutdown::Shutdown;

/// Silence after which the listener says a word to itself.
const SILENCE: Duration = Duration::from_secs(5);
/// Silence after which it is deaf.
const DEAF: Duration = Duration::from_secs(10);
const BATCH: usize = 512;

/// Somebody here begins or ends to follow a topic.
pub(super) enum Interest {
    Begins(Topic),
    Ends(Topic),
}

pub(super) async fn run(
    shared: Arc<Shared>,
    mut changes: mpsc::UnboundedReceiver<Interest>,
    shutdown: Shutdown,
) {
    let mut tries = 0;
    loop {
        let ended = tokio::select! {
            () = shutdown.stopped() => return,
            ended = listen(&shared, &mut changes, &mut tries) => ended,
        };
        let Err(reason) = ended else { return };
        if shared.is_listening.swap(false, Ordering::Relaxed) {
            tracing::warn!(reason, "Redis is not heard; what other nodes do is looked for every second");
        }
        tokio::select! {
            () = shutdown.stopped() => return,
            () = pause(&mut tries) => {}
        }
    }
}

/// Listens until something fails; `Ok` when nobody is interested any more.
async fn listen(
    shared: &Shared,
    changes: &mut mpsc::UnboundedReceiver<Interest>,
    tries: &mut u32,
) -> Result<(), String> {
    let (mut sink, mut stream) = in_time(shared.client.get_async_pubsub()).await?.split();
    // What is followed now covers every change that waits.
    while changes.try_recv().is_ok() {}
    let topics: Vec<Topic> =
        shared.followed.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
    let own = [shared.names.everybody(), shared.names.probe()];
    in_time(sink.subscribe(&own[..])).await?;
    for some in topics.chunks(BATCH) {
        change(&shared.names, &mut sink, some, &[]).await?;
    }
    *tries = 0;
    if !shared.is_listening.swap(true, Ordering::Relaxed) {
        tracing::info!("Redis is heard");
    }
    shared.local.publish(Hint::Missed { topics: None });

    let mut heard_at = Instant::now();
    let mut tick = tokio::time::interval(SILENCE);
    let mut waiting = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            message = stream.next() => {
                let message = message.ok_or("the connection ended")?;
                heard_at = Instant::now();
                match wire::read(&shared.names, message.get_payload_bytes()) {
                    Some(hint) => shared.local.publish(hint),
                    None if message.get_channel_name() == own[1] => {}
                    None => metrics::counter!("roost_bus_hints_ignored_total").increment(1),
                }
            }
            count = changes.recv_many(&mut waiting, BATCH) => {
                if count == 0 {
                    return Ok(());
                }
                let (begun, ended) = settle(waiting.drain(..));
                change(&shared.names, &mut sink, &begun, &ended).await?;
                // What happened to them between the store and now was not heard.
                if !begun.is_empty() {
                    shared.local.publish(Hint::Missed { topics: Some(begun) });
                }
            }
            _ = tick.tick() => {
                if heard_at.elapsed() > DEAF {
                    return Err("its own words do not come back".to_owned());
                }
                if heard_at.elapsed() >= SILENCE / 2 {
                    probe(shared).await?;
                }
            }
        }
    }
}

/// The last word about each topic.
fn settle(changes: impl Iterator<Item = Interest>) -> (Vec<Topic>, Vec<Topic>) {
    let mut last = std::collections::HashMap::new();
    for change in changes {
        match change {
            Interest::Begins(topic) => last.insert(topic, true),
            Interest::Ends(topic) => last.insert(topic, false),
        };
    }
    let (begun, ended): (Vec<_>, Vec<_>) = last.into_iter().partition(|(_, begins)| *begins);
    (begun.into_iter().map(|(topic, _)| topic).collect(), ended.into_iter().map(|(topic, _)| topic).collect())
}

async fn change(
    names: &wire::Names,
    sink: &mut PubSubSink,
    begun: &[Topic],
    ended: &[Topic],
) -> Result<(), String> {
    let channels = |topics: &[Topic]| topics.iter().map(|topic| names.topic(*topic)).collect::<Vec<_>>();
    if !begun.is_empty() {
        in_time(sink.subscribe(channels(begun))).await?;
    }
    if !ended.is_empty() {
        in_time(sink.unsubscribe(channels(ended))).await?;
    }
    Ok(())
}

/// Says a word that only this node hears, on a connection of its own: it proves the whole way there and back.
async fn probe(shared: &Shared) -> Result<(), String> {
    let mut connection = in_time(shared.client.get_multiplexed_async_connection()).await?;
    let mut publish = redis::cmd("PUBLISH");
    in_time(publish.arg(shared.names.probe()).arg("probe").query_async::<()>(&mut connection)).await
}
