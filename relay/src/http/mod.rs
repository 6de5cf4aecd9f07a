//! The HTTP edge: decode, authorise, call one verb, encode.

pub mod api;
mod assets;
mod docs;
mod embed;
mod encoding;
mod extract;
mod health;
mod idempotency;
mod limits;
mod pages;
mod problem;
pub mod server;
mod signed_in;
mod tag;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;

pub use health::metrics_router;

/// The largest request body, in bytes. Nothing but text comes in here.
const MOST_BODY: usize = 128 * 1024;
/// How long a request may take, its body included.
const MOST_TIME: Duration = Duration::from_secs(30);

/// Every route of the server, with the sockets it is given.
pub fn router(app: Arc<App>, sockets: Router<Arc<App>>) -> Router {
    let (api, openapi) = api::router();
    let openapi = docs::Document::new(openapi);
    let api = api.layer(axum::middleware::from_fn_with_state(Arc::clone(&app), idempotency::once));
    let quick = Router::new()
        // Answers to somebody signed in are nobody else's, and no cache's.
        .merge(api.layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        )))
        .route("/api/openapi.json", get(docs::json))
        .route("/api/docs", get(docs::page))
        .layer(axum::Extension(openapi))
        .route("/api/{*rest}", axum::routing::any(problem::no_such_endpoint))
        .route("/embed.js", get(embed::loader))
        .route("/widget/frame", get(embed::frame))
        .route("/assets/{*name}", get(assets::asset))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(get(pages::admin))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MOST_TIME))
        .layer(axum::middleware::map_response(problem::explain));
    Router::new()
        .merge(quick)
        // Sockets live longer than requests.
        .merge(sockets)
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ))
        .with_state(app)
}
