//! The API described: as OpenAPI for programs, as a plain page for people.

use std::fmt::Write;
use std::sync::Arc;

use axum::Extension;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use protocol::problem::Problem;
use utoipa::PartialSchema;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, OpenApi, Ref, ResponseBuilder};

/// The description, rendered once.
pub(super) struct Document {
    json: String,
    page: String,
}

impl Document {
    pub(super) fn new(mut openapi: OpenApi) -> Arc<Self> {
        describe_errors(&mut openapi);
        describe_callers(&mut openapi);
        let json = openapi.to_pretty_json().unwrap_or_default();
        Arc::new(Self { page: page_of(&json), json })
    }
}

/// Every operation may answer with a problem.
fn describe_errors(openapi: &mut OpenApi) {
    let problem = ResponseBuilder::new()
        .description("A problem: see its `code` and `detail`.")
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
        .build();
    for item in openapi.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), problem.clone().into());
        }
    }
    let components = openapi.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), Problem::schema());
}

/// A person's cookie, or a program's token.
fn describe_callers(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_default();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-sid")));
    let bearer = SecurityScheme::Http(
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rst_…").build(),
    );
    components.add_security_scheme("session", cookie);
    components.add_security_scheme("token", bearer);
    let needs = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    openapi.security = Some(vec![needs("session"), needs("token")]);
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
