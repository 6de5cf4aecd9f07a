//! What the loader and the panel ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::api::{Boot, BootDone, EventPage};
use protocol::ids::ConversationId;

use super::conversations::{EventsQuery, page};
use crate::app::{App, BOOT_S};
use crate::auth::origins;
use crate::auth::visitors::{Knock, admit};
use crate::crypto::digest_of;
use crate::http::extract::{Body, ClientAddress, Id, Query};
use crate::http::limits;
use crate::http::problem::ApiError;
use crate::inbox::visibility::Audience;

/// How often a campaign's "last seen" is written at most.
const SEEN_EVERY_MS: i64 = 60_000;

/// Lets a visitor's page in: checks key, origin and proof of who it is, gives a single-use boot token.
#[utoipa::path(post, path = "/api/widget/boot", request_body = Boot, responses((status = 200, body = BootDone), (status = 403, description = "`key_unknown`, `origin_not_allowed` or `identity_required`")))]
pub(super) async fn boot(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    body: Result<Body<Boot>, ApiError>,
) -> Response {
    let answer = match body {
        Ok(Body(boot)) if limits::admits(&app, &app.boot_limit, address).await => {
            let_in(&app, &headers, boot).await.map(Json)
        }
        Ok(_) => Err(ApiError::too_many()),
        Err(error) => Err(error),
    };
    let mut response = answer.into_response();
    allow_origin(&headers, &mut response);
    response
}

async fn let_in(app: &App, headers: &HeaderMap, boot: Boot) -> Result<BootDone, ApiError> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let origin = text(header::ORIGIN);
    let knock = Knock {
        key: &boot.key,
        origin,
        visitor: boot.visitor.as_deref(),
        identity_token: boot.identity_token.as_deref(),
        page: boot.page,
        user_agent: text(header::USER_AGENT),
    };
    let admitted = admit(
        app.ports.store.as_ref(),
        &app.keys,
        &app.key_cache,
        &app.vault,
        &app.boots,
        app.ports.clock.as_ref(),
        knock,
    )
    .await?;
    if app.seen.is_due(admitted.key.campaign, app.ports.clock.now_ms(), SEEN_EVERY_MS) {
        app.ports.store.note_seen(admitted.key.campaign, origin.to_owned(), app.ports.clock.now_ms()).await?;
    }
    Ok(BootDone {
        boot: admitted.boot,
        expires_in: BOOT_S,
        appearance: admitted.key.appearance.clone(),
        availability: app.hub.availability(admitted.key.workspace),
        visitor_id: admitted.contact,
        unread: admitted.unread,
        identity: admitted.identity,
        visitor: admitted.visitor,
        is_known: admitted.keeps_token,
    })
}

/// What a browser asks before it lets a page send JSON to another origin.
#[utoipa::path(options, path = "/api/widget/boot", responses((status = 204)))]
pub(super) async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    allow_origin(&headers, &mut response);
    response
}

/// Any site may read the answer, because a refusal must say why; what is let in is decided by the campaign's list. No cookie is
/// involved, so there is nothing to ride on.
fn allow_origin(headers: &HeaderMap, response: &mut Response) {
    let out = response.headers_mut();
    out.insert(header::VARY, HeaderValue::from_static("origin"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let origin = headers
        .get(header::ORIGIN)
        .filter(|v| v.to_str().is_ok_and(|text| origins::from_header(text).is_some()));
    if let Some(origin) = origin {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// A visitor's own conversation: the snapshot after `resync`, and older history.
#[utoipa::path(get, path = "/api/widget/conversations/{id}/events", params(("id" = String, Path), EventsQuery), responses((status = 200, body = EventPage)))]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Id(id): Id<ConversationId>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventPage>, ApiError> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let token = bearer.ok_or_else(ApiError::not_signed_in)?;
    let visitor =
        app.ports.store.find_visitor(digest_of(token)).await?.ok_or_else(ApiError::not_signed_in)?;
    let own = app.ports.store.conversations_of(visitor.campaign, visitor.contact).await?;
    if !own.contains(&id) {
        return Err(ApiError::not_found("conversation"));
    }
    Ok(Json(page(&app, id, Audience::Visitor, &query).await?))
}
