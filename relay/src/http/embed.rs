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
use super::encoding::Encoding;
use super::extract::Query;
use super::pages::socket_source;
use super::problem::ApiError;
use super::tag::Tag;
use crate::app::App;
use crate::auth::origins::frame_ancestors;
use crate::crypto::{Digest, digest_of};
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

/// Compressed loaders by encoding and what is in them.
static LOADERS: LazyLock<Mutex<HashMap<(Encoding, Digest), Bytes>>> = LazyLock::new(Mutex::default);

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
            None => {
                return Ok(script(
                    "console.error(\"Roost: this widget key is unknown or no longer works. Copy the snippet again.\")",
                    &headers,
                ));
            }
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
    Ok(script(&template.replacen(PLACE, &settings, 1), &headers))
}

async fn find_key(app: &App, key: &str) -> Result<Option<Arc<KeyHit>>, ApiError> {
    let Some(digest) = app.keys.recognise(key) else { return Ok(None) };
    Ok(app.key_cache.find(app.ports.store.as_ref(), digest, app.ports.clock.now_ms()).await?)
}

/// A script in the best encoding the client takes, or word that it is the one the client has.
fn script(text: &str, headers: &HeaderMap) -> Response {
    let encoding = Encoding::best(headers);
    let tag = Tag::of(&digest_of(text));
    let mut response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        encoded(text, encoding).into_response()
    };
    let out = response.headers_mut();
    if let Some(name) = encoding.name() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    tag.put(out);
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(LOADER_CACHE));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn encoded(text: &str, encoding: Encoding) -> Bytes {
    let mut loaders = LOADERS.lock().unwrap_or_else(PoisonError::into_inner);
    let name = (encoding, digest_of(text));
    if let Some(known) = loaders.get(&name) {
        return known.clone();
    }
    if loaders.len() >= MOST_LOADERS {
        loaders.clear();
    }
    let out = encoding.encode(text);
    loaders.insert(name, out.clone());
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
