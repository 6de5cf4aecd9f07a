//! Work in the background: named, stopped in order.

mod campaigns;
mod requests;
pub(crate) mod search;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use crate::actions::change_conversation::wake_due;
use crate::app::App;

/// Starts every job.
pub fn start(app: &Arc<App>) {
    campaigns::start(app);
    requests::start(app);
    search::start(app);
    sessions::start(app);
    start_snooze(app);
}

/// Wakes snoozed conversations.
fn start_snooze(app: &Arc<App>) {
    let (ports, stop) = (app.ports.clone(), app.shutdown.clone());
    app.shutdown.spawn("snooze", async move {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = stop.stopped() => return,
                _ = tick.tick() => {}
            }
            if let Err(error) = wake_due(&ports).await {
                tracing::warn!(%error, "snoozed conversations could not be woken; trying again");
            }
        }
    });
}
