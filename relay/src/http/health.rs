//! Is the process up, can it work, and how is it doing.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::App;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: store and bus work, and new work is taken.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    if app.shutdown.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    match tokio::time::timeout(Duration::from_secs(2), app.ports.store.is_set_up()).await {
        Ok(Ok(_)) if !app.ports.bus.is_whole() => "degraded:redis\n".into_response(),
        Ok(Ok(_)) => "ready\n".into_response(),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "store: no answer\n").into_response(),
    }
}

/// `/metrics`, on an address of its own.
pub fn metrics_router(app: Arc<App>, handle: PrometheusHandle) -> Router {
    let render = move || async move {
        metrics::gauge!("roost_sessions").set(u32::try_from(app.hub.session_count()).unwrap_or(u32::MAX));
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render())
    };
    Router::new().route("/metrics", get(render))
}
