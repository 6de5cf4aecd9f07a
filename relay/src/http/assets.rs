//! The built browser apps, inside the binary, already compressed.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::tag::Tag;

#[derive(RustEmbed)]
#[folder = "../static/dist"]
#[allow_missing = true]
struct Dist;

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The name changes with the content.
    Forever,
    /// Ask each time whether it changed.
    AskAgain,
}

/// `GET /assets/…`
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let mut response = serve(&format!("assets/{name}"), &headers, Keep::Forever);
    // The bridge is loaded by other people's pages.
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// A file of the built apps, in the best encoding the client takes.
pub(super) fn serve(path: &str, headers: &HeaderMap, keep: Keep) -> Response {
    // Debug builds read the folder itself, where a path could climb out of its part of it.
    if path.split('/').any(|part| part == "..") || Dist::get(path).is_none() {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    }
    let Some((file, encoding)) = best(path, headers) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let tag = Tag::of(&file.metadata.sha256_hash());
    let mut response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_response()
    };
    let out = response.headers_mut();
    let kind = kind_of(path);
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    tag.put(out);
    let cache = match keep {
        Keep::Forever => "public, max-age=31536000, immutable",
        Keep::AskAgain => "no-cache",
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// The text of a file of the built apps.
pub(super) fn text(path: &str) -> Option<String> {
    String::from_utf8(Dist::get(path)?.data.into_owned()).ok()
}

fn best(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let accepts = |name: &str| accepted.split(',').any(|e| e.trim().split(';').next() == Some(name));
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(encoding)
            && let Some(file) = Dist::get(&format!("{path}{ending}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Dist::get(path).map(|file| (file, None))
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
