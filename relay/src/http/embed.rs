//! What other people's pages load: the loader with a widget's settings, and the frame with its policy.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::assets::{Keep, serve, text};
use super::extract::Query;
use super::pages::socket_source;
use super::problem::ApiError;
use crate::app::App;
use crate::auth::origins::frame_ancestors;
use crate::store::KeyHit;

#[derive(Debug, Deserialize)]
pub(super) struct KeyQuery {
    key: Option<String>,
}

/// Stands in the built loader where the settings go.
const PLACE: &str = "__ROOST_SETTINGS__";
/// A page may keep the loader this long; so a revoked key is gone everywhere soon after.
const LOADER_CACHE: &str = "public, max-age=60, stale-while-revalidate=600";
/// Compressed loaders kept at most.
const MOST_LOADERS: usize = 1_000;

/// Compressed loaders by what is in them.
static LOADERS: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// `GET /embed.js?key=pk_…`
pub(super) async fn loader(
    State(app): State<Arc<App>>,
    Query(query): Query<KeyQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let key = match query.key.as_deref() {
        None => None,
        Some(key) => match find_key(&app, key).await? {
            Some(hit) => Some((key, hit)),
            None => return Ok(script("console.error(\"Roost: this widget key is unknown or no longer works. Copy the snippet again.\")".into(), &headers)),
        },
    };
    let Some(template) = text("embed.js") else {
        return Ok((
            StatusCode::SERVICE_UNAVAILABLE,
            "The widget is not built into this program. Run `cargo xtask dist`.\n",
        )
            .into_response());
    };
    let bridge = text("manifest.json")
        .and_then(|m| serde_json::from_str::<serde_json::Value>(&m).ok())
        .and_then(|m| m.get("bridge").cloned());
    let settings = json!({
        "base": app.public_url,
        "key": key.as_ref().map(|(key, _)| key),
        "bridge": bridge,
        "appearance": key.as_ref().map(|(_, hit)| &hit.appearance),
    });
    // The settings become part of a script: nothing in them may end it or start markup.
    let settings = settings
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    Ok(script(template.replacen(PLACE, &settings, 1), &headers))
}

async fn find_key(app: &App, key: &str) -> Result<Option<KeyHit>, ApiError> {
    let Some(digest) = app.keys.recognise(key) else { return Ok(None) };
    Ok(app.ports.store.find_key(digest, app.ports.clock.now_ms()).await?)
}

fn script(text: String, headers: &HeaderMap) -> Response {
    let takes_brotli = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|a| a.split(',').any(|e| e.trim() == "br"));
    let mut response = if takes_brotli { compressed(&text).into_response() } else { text.into_response() };
    let out = response.headers_mut();
    if takes_brotli {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(LOADER_CACHE));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn compressed(text: &str) -> Bytes {
    let mut loaders = LOADERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = loaders.get(text) {
        return known.clone();
    }
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 16, ..Default::default() };
    if brotli::BrotliCompress(&mut text.as_bytes(), &mut out, &params).is_err() {
        unreachable!("compressing memory into memory does not fail");
    }
    if loaders.len() >= MOST_LOADERS {
        loaders.clear();
    }
    let out = Bytes::from(out);
    loaders.insert(text.to_owned(), out.clone());
    out
}

/// `GET /widget/frame?key=pk_…`: the panel's page, for the allowed origins only.
pub(super) async fn frame(
    State(app): State<Arc<App>>,
    Query(query): Query<KeyQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let hit = match query.key.as_deref() {
        Some(key) => find_key(&app, key).await?,
        None => None,
    };
    let mut response = match &hit {
        Some(_) => serve("widget/index.html", &headers, Keep::AskAgain),
        None => (StatusCode::NOT_FOUND, "This widget key is unknown or no longer works.\n").into_response(),
    };
    let ancestors = hit.map_or_else(|| "'none'".to_owned(), |hit| frame_ancestors(&hit.allowed_origins));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {}; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}",
        socket_source(&app.public_url)
    );
    let out = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        out.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
