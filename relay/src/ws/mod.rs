//! The sockets: bytes to frames, frames to verbs, and the hub's queue back to bytes. No SQL, no rules.

mod agent;
mod connection;
mod side;
mod upgrade;
mod visitor;

pub use upgrade::limited;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// Both sockets.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/ws/visitor", get(upgrade::visitor_socket))
        .route("/ws/agent", get(upgrade::agent_socket))
}
