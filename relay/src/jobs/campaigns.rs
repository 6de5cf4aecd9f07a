//! Closes the sockets of visitors whose site or key is no longer allowed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::auth::origins;

/// Expired keys are noticed this late at most; changes by an admin at once.
const CHECK: Duration = Duration::from_secs(5);

pub(super) fn start(app: &Arc<App>) {
    let task_app = Arc::clone(app);
    app.shutdown.spawn("campaigns", async move {
        let mut tick = tokio::time::interval(CHECK);
        loop {
            tokio::select! {
                () = task_app.shutdown.stopped() => return,
                _ = tick.tick() => {}
                () = task_app.hub.campaigns_changed() => {}
            }
            task_app.key_cache.forget();
            if let Err(error) = enforce(&task_app).await {
                tracing::warn!(%error, "keys and origins could not be checked; trying again");
            }
        }
    });
}

async fn enforce(app: &App) -> Result<(), crate::store::StoreError> {
    let mut seen: BTreeSet<([u8; 32], String)> = BTreeSet::new();
    app.hub.each_visitor(|seat| {
        seen.insert((seat.key_digest, seat.origin.to_string()));
    });
    for (digest, origin) in seen {
        let key = app.ports.store.find_key(digest, app.ports.clock.now_ms()).await?;
        let parsed = origins::from_header(&origin);
        let is_allowed =
            key.is_some_and(|key| parsed.is_some_and(|o| origins::is_allowed(&key.allowed_origins, &o)));
        if !is_allowed {
            app.hub.close_where(
                protocol::close::FORBIDDEN,
                "this site or key is no longer allowed",
                |session| {
                    session.visitor().is_some_and(|seat| seat.key_digest == digest && *seat.origin == *origin)
                },
            );
        }
    }
    Ok(())
}
