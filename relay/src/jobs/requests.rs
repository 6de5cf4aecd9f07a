//! Forgets the answers kept for requests that are tried again.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

const CHECK: Duration = Duration::from_secs(10 * 60);
/// Nobody tries again after a day.
const KEEP_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) fn start(app: &Arc<App>) {
    let task_app = Arc::clone(app);
    app.shutdown.spawn("requests", async move {
        let mut tick = tokio::time::interval(CHECK);
        loop {
            tokio::select! {
                () = task_app.shutdown.stopped() => return,
                _ = tick.tick() => {}
            }
            let before_ms = task_app.ports.clock.now_ms() - KEEP_MS;
            if let Err(error) = task_app.ports.store.forget_requests(before_ms).await {
                tracing::warn!(%error, "old requests could not be forgotten; trying again");
            }
        }
    });
}
