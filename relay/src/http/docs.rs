//! The API described: as OpenAPI for programs, as a plain page for people.

use std::fmt::Write;
use std::sync::Arc;

use axum::Extension;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use utoipa::openapi::OpenApi;

/// The description, rendered once.
pub(super) struct Document {
    json: String,
    page: String,
}

impl Document {
    pub(super) fn new(openapi: &OpenApi) -> Arc<Self> {
        let json = openapi.to_pretty_json().unwrap_or_default();
        Arc::new(Self { page: page_of(&json), json })
    }
}

/// `GET /api/openapi.json`
pub(super) async fn json(Extension(document): Extension<Arc<Document>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document.json.clone())
}

/// `GET /api/docs`
pub(super) async fn page(Extension(document): Extension<Arc<Document>>) -> impl IntoResponse {
    let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(document.page.clone()))
}

fn page_of(json: &str) -> String {
    let document: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roost API</title><h1>Roost API</h1>",
    );
    out.push_str("<p>The same as <a href=\"/api/openapi.json\">OpenAPI</a>, to read.</p>");
    let empty = serde_json::Map::new();
    for (path, methods) in document.get("paths").and_then(|p| p.as_object()).unwrap_or(&empty) {
        for (method, operation) in methods.as_object().unwrap_or(&empty) {
            let summary = operation
                .get("summary")
                .or_else(|| operation.get("description"))
                .and_then(|s| s.as_str())
                .unwrap_or("");
            let details = serde_json::to_string_pretty(operation).unwrap_or_default();
            // Writing to a string does not fail.
            let _ = write!(
                out,
                "<h2>{} {}</h2><p>{}</p><details><summary>Parameters, body and answers</summary><pre>{}</pre></details>",
                method.to_uppercase(),
                escape(path),
                escape(summary),
                escape(&details)
            );
        }
    }
    let schemas = document.pointer("/components/schemas").and_then(|s| s.as_object()).unwrap_or(&empty);
    for (name, schema) in schemas {
        let _ = write!(
            out,
            "<h3>{}</h3><pre>{}</pre>",
            escape(name),
            escape(&serde_json::to_string_pretty(schema).unwrap_or_default())
        );
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
