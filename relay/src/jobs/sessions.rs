//! Closes the sockets of people whose session or API token is over. Whoever ends one says so at once; this finds what was not heard.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::auth::sessions;
use crate::store::StoreError;

const CHECK: Duration = Duration::from_secs(5);

pub(super) fn start(app: &Arc<App>) {
    let task_app = Arc::clone(app);
    app.shutdown.spawn("sessions", async move {
        let mut tick = tokio::time::interval(CHECK);
        loop {
            tokio::select! {
                () = task_app.shutdown.stopped() => return,
                _ = tick.tick() => {}
            }
            if let Err(error) = enforce(&task_app).await {
                tracing::warn!(%error, "sessions could not be checked; trying again");
            }
        }
    });
}

async fn enforce(app: &App) -> Result<(), StoreError> {
    let mut seen: BTreeSet<[u8; 32]> = BTreeSet::new();
    app.hub.each_agent(|seat| {
        seen.insert(seat.session_digest);
    });
    for digest in seen {
        let holder = sessions::holder(app.ports.store.as_ref(), digest, app.ports.clock.now_ms()).await?;
        if holder.is_none() {
            app.hub.end_session(digest);
        }
    }
    Ok(())
}
