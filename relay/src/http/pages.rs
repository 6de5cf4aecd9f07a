//! The admin app: one page for every address that is nothing else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::assets::{Keep, serve, text};
use crate::app::App;

const NOT_BUILT: &str = "The browser apps are not built into this program. Build them with `cargo xtask dist`, then build roost again.\n";

pub(super) async fn admin(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    // Something with an ending is a file, and files are elsewhere.
    if uri.path().rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    }
    if text("admin/index.html").is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response();
    }
    let mut response = serve("admin/index.html", &headers, Keep::AskAgain);
    let out = response.headers_mut();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {}; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        socket_source(&app.public_url)
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        out.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    out.insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if app.public_url.starts_with("https://") {
        out.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// The socket's address as a source of a content security policy: `'self'` does not cover it everywhere.
pub(super) fn socket_source(public_url: &str) -> String {
    public_url.replacen("http", "ws", 1)
}
