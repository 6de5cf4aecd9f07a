//! From an HTTP request to a socket: only our own pages may open one, and only with limits set.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::frame::MAX_FRAME_BYTES;

use super::agent::AgentSide;
use super::connection::Connection;
use super::side::{Side, run};
use super::visitor::VisitorSide;
use crate::app::App;
use crate::auth::census::Counted;

/// Small on purpose: a socket keeps this and the length of its longest frame, and most have said no more than hello.
const READ_BUFFER: usize = 512;
/// So much is put together before it is sent without being asked.
const WRITE_BUFFER: usize = 2048;
/// Unwritten bytes before writing fails; the hub's queue closes slow readers long before.
const MOST_UNWRITTEN: usize = 256 * 1024;

/// `GET /ws/visitor`
pub(super) async fn visitor_socket(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open::<VisitorSide>(app, &headers, place, upgrade)
}

/// `GET /ws/agent`
pub(super) async fn agent_socket(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    open::<AgentSide>(app, &headers, place, upgrade)
}

fn open<S: Side + 'static>(
    app: Arc<App>,
    headers: &HeaderMap,
    place: Option<Extension<Arc<Counted>>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    if !origin.is_some_and(|origin| app.own_origins.has(origin)) {
        return (StatusCode::FORBIDDEN, "this socket is for Roost's own pages").into_response();
    }
    if app.shutdown.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "restarting").into_response();
    }
    limited(upgrade).on_upgrade(move |socket| async move {
        let connection = Connection::new(socket, S::frames_per_10s(&app));
        let tasks = app.shutdown.clone();
        tasks.spawn("socket", run::<S>(app, connection, place.map(|Extension(place)| place)));
    })
}

/// Every socket's buffers and limits.
pub fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MOST_UNWRITTEN)
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
}
