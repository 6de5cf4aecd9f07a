//! The bus of a single node.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::{Bus, Hint, Tally, Topic};

/// Hints a slow receiver may be behind before it must assume loss.
const BACKLOG: usize = 16_384;

#[derive(Debug)]
pub struct LocalBus {
    sender: broadcast::Sender<Hint>,
}

impl Default for LocalBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0 }
    }
}

impl Bus for LocalBus {
    fn publish(&self, hint: Hint) {
        // No receiver means nobody is connected, so nobody misses it.
        let _ = self.sender.send(hint);
    }

    fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.sender.subscribe()
    }

    fn follow(&self, _topic: Topic) {}

    fn unfollow(&self, _topic: Topic) {}

    fn tally<'a>(&'a self, _name: &'a str, _window: Duration) -> BoxFuture<'a, Tally> {
        Box::pin(std::future::ready(Tally::Alone))
    }

    fn is_whole(&self) -> bool {
        true
    }
}
