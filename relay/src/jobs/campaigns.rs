//! Closes the sockets of visitors whose site or key is no longer allowed, or who must prove anew who they are.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::auth::origins;
use crate::store::{KeyHit, StoreError};

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

async fn enforce(app: &App) -> Result<(), StoreError> {
    let mut seen: BTreeSet<([u8; 32], String, Option<i64>)> = BTreeSet::new();
    app.hub.each_visitor(|seat| {
        seen.insert((seat.key_digest, seat.origin.to_string(), seat.secret_at_ms));
    });
    for (digest, origin, secret_at_ms) in seen {
        let key = app.ports.store.find_key(digest, app.ports.clock.now_ms()).await?;
        let parsed = origins::from_header(&origin);
        let allowed = key.filter(|key| parsed.is_some_and(|o| origins::is_allowed(&key.allowed_origins, &o)));
        let (code, reason) = match allowed {
            Some(key) if is_still_verified(&key, secret_at_ms) => continue,
            Some(_) => (protocol::close::NOT_AUTHENTICATED, "who this is has to be proven again"),
            None => (protocol::close::FORBIDDEN, "this site or key is no longer allowed"),
        };
        app.hub.close_where(code, reason, |session| {
            session.visitor().is_some_and(|seat| {
                seat.key_digest == digest && *seat.origin == *origin && seat.secret_at_ms == secret_at_ms
            })
        });
    }
    Ok(())
}

/// Whether a visitor who was verified by the secret of that time, or was not, may stay.
fn is_still_verified(key: &KeyHit, secret_at_ms: Option<i64>) -> bool {
    match secret_at_ms {
        Some(at) => key.secret.as_ref().is_some_and(|secret| secret.set_at_ms == at),
        None => !key.identity_required,
    }
}
