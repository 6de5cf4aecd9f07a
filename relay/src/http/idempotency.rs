//! `Idempotency-Key`: a write that names itself is done once, however often it is sent.
//!
//! The answer to a write that succeeded is kept for a day and given again. A write that failed has changed nothing and may be
//! sent again under the same key. While one is worked on, the same key is refused. A server that dies between doing the work and
//! keeping its answer leaves the key to be claimed anew after a minute; messages are safe even then, by their `cmid`.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::MOST_BODY;
use super::problem::ApiError;
use super::signed_in::Caller;
use crate::app::App;
use crate::crypto::Digest;
use crate::store::{self, Claim, StoreError};

const NAME: &str = "idempotency-key";
/// Longer than any request may take.
const ABANDONED_MS: i64 = 60_000;
const LONGEST_KEY: usize = 255;
/// Answers to writes are single things.
const MOST_ANSWER: usize = 256 * 1024;
/// What sealed answers are sealed for.
const PLACE: &str = "idempotent_request";

/// An answer, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

/// Lets a request through once for each key.
pub(super) async fn once(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_asked = !request.method().is_safe() && request.headers().contains_key(NAME);
    if !is_asked {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // Whoever is not signed in is told so by the handler; signing in itself needs no key.
    let Ok(caller) = Caller::of(&mut parts, &app).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    answer(app, caller, parts, body, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
    app: Arc<App>,
    caller: Caller,
    parts: Parts,
    body: Body,
    next: Next,
) -> Result<Response, ApiError> {
    let body = to_bytes(body, MOST_BODY).await.map_err(|_| {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large or did not arrive.")
    })?;
    let request = store::Request {
        workspace: caller.member.workspace,
        digest: name_of(&caller, key(&parts)?),
        fingerprint: fingerprint(&parts, &body),
        now_ms: app.ports.clock.now_ms(),
    };
    match app.ports.store.claim_request(request.clone(), request.now_ms - ABANDONED_MS).await? {
        Claim::Known { fingerprint, .. } if fingerprint != request.fingerprint => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a fresh one.",
        )),
        Claim::Known { answer: None, .. } => Err(ApiError::new(
            StatusCode::CONFLICT,
            "idempotency_key_in_use",
            "A request with this Idempotency-Key is being worked on. Try again in a moment.",
        )),
        Claim::Known { answer: Some(sealed), .. } => again(&app, &sealed),
        Claim::Yours => {
            let request_again = Request::from_parts(parts, Body::from(body));
            let (tell, told) = oneshot::channel();
            // A task of its own: a client that hangs up must not leave the work half noted.
            app.shutdown.clone().spawn("request", async move {
                // Nobody may be waiting any more.
                let _ = tell.send(work(app, request, request_again, next).await);
            });
            told.await.unwrap_or_else(|_| Err(StoreError::Closing.into()))
        }
    }
}

async fn work(
    app: Arc<App>,
    claimed: store::Request,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let response = next.run(request).await;
    let store = &app.ports.store;
    if !response.status().is_success() {
        store.release_request(claimed.workspace, claimed.digest).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MOST_ANSWER).await.map_err(|error| StoreError::Failed(error.to_string()))?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kept = Kept {
        status: parts.status.as_u16(),
        content_type: content_type.map(str::to_owned),
        body: body.to_vec(),
    };
    let plain = serde_json::to_vec(&kept).unwrap_or_default();
    // Answers may hold what is shown only once, such as a fresh token.
    store.answer_request(claimed.workspace, claimed.digest, app.vault.seal(PLACE, &plain)).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(app: &App, sealed: &[u8]) -> Result<Response, ApiError> {
    let kept: Option<Kept> =
        app.vault.open(PLACE, sealed).ok().and_then(|plain| serde_json::from_slice(&plain).ok());
    let kept = kept.ok_or_else(|| StoreError::Failed("a kept answer cannot be read".to_owned()))?;
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(content_type) = kept.content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

fn key(parts: &Parts) -> Result<&str, ApiError> {
    let text = parts.headers.get(NAME).and_then(|v| v.to_str().ok()).map(str::trim).unwrap_or_default();
    if (1..=LONGEST_KEY).contains(&text.len()) {
        return Ok(text);
    }
    let detail = "Idempotency-Key is 1 to 255 plain characters; a random UUID is good.";
    Err(ApiError::new(StatusCode::BAD_REQUEST, "invalid_idempotency_key", detail))
}

/// Keys of one person are nobody else's.
fn name_of(caller: &Caller, key: &str) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(caller.member.workspace.0);
    hasher.update(caller.member.id.0);
    hasher.update(key);
    hasher.finalize().into()
}

fn fingerprint(parts: &Parts, body: &Bytes) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(parts.method.as_str());
    hasher.update([0]);
    hasher.update(parts.uri.to_string());
    hasher.update([0]);
    hasher.update(body);
    hasher.finalize().into()
}
