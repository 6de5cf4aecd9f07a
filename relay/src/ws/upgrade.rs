//! From an HTTP request to a socket: only our own pages may open one, and only with limits set.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::frame::MAX_FRAME_BYTES;

use super::{agent, visitor};
use crate::app::App;
use crate::auth::census::Counted;

/// Small on purpose: an idle socket costs little more than this.
const READ_BUFFER: usize = 1024;
/// Unwritten bytes before writing fails; the hub's queue closes slow readers long before.
const MOST_UNWRITTEN: usize = 256 * 1024;

/// `GET /ws/visitor`
pub(super) async fn visitor_socket(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(app, &headers, place, upgrade, |app, socket| async move { visitor::run(app, socket).await })
}

/// `GET /ws/agent`
pub(super) async fn agent_socket(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(app, &headers, place, upgrade, |app, socket| async move { agent::run(app, socket).await })
}

fn open<F>(
    app: Arc<App>,
    headers: &HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
    run: impl FnOnce(Arc<App>, WebSocket) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    if !origin.is_some_and(|origin| app.own_origins.has(origin)) {
        return (StatusCode::FORBIDDEN, "this socket is for Roost's own pages").into_response();
    }
    if app.shutdown.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "restarting").into_response();
    }
    let tasks = app.shutdown.clone();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(MOST_UNWRITTEN)
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| async move {
            tasks.spawn("socket", async move {
                run(app, socket).await;
                // The connection counts against its address as long as the socket lives.
                drop(place);
            });
        })
}
