//! The life of a socket, whoever is at its other end.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::connection::{Connection, End, unavailable};
use crate::app::App;
use crate::auth::census::Counted;
use crate::auth::tickets::{TicketError, Tickets};
use crate::hub::Session;

/// What differs between visitors and agents.
pub(super) trait Side {
    /// 0 = no limit.
    fn frames_per_10s(app: &App) -> u32;

    /// From hello to live.
    fn greet(
        app: &Arc<App>,
        connection: &mut Connection,
    ) -> impl Future<Output = Result<Arc<Session>, End>> + Send;

    /// Everything after the greeting.
    fn converse(
        app: &Arc<App>,
        connection: &mut Connection,
        session: &Arc<Session>,
    ) -> impl Future<Output = End> + Send;
}

/// Runs a socket to its end. `place`: what the connection counts as against its address, as long as the socket lives.
///
/// There are tens of thousands of these, nearly all idle: what an idle socket does not need is boxed and gone.
#[expect(clippy::manual_async_fn, reason = "an `async fn` would hold its arguments twice")]
pub(super) fn run<S: Side>(
    app: Arc<App>,
    mut connection: Connection,
    place: Option<Arc<Counted>>,
) -> impl Future<Output = ()> + Send {
    async move {
        let end = match Box::pin(S::greet(&app, &mut connection)).await {
            Ok(session) => {
                let end = S::converse(&app, &mut connection, &session).await;
                app.hub.leave(&session);
                end
            }
            Err(end) => end,
        };
        Box::pin(connection.end(end)).await;
        drop(place);
    }
}

/// Opens and spends the token a socket was opened with.
pub(super) async fn redeem<T: DeserializeOwned>(app: &App, tickets: &Tickets, token: &str) -> Result<T, End> {
    tickets.redeem(app.ports.store.as_ref(), token, app.ports.clock.now_ms()).await.map_err(|error| {
        match error {
            TicketError::Store(error) => unavailable(error),
            error => {
                tracing::debug!(%error, "a token was refused");
                refused()
            }
        }
    })
}

pub(super) const fn refused() -> End {
    End::Close(protocol::close::NOT_AUTHENTICATED, "the token is not valid; get a fresh one")
}
