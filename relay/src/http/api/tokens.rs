//! Tokens with which programs use the API.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::api::{ApiToken, NewApiToken, Page};
use protocol::ids::ApiTokenId;

use crate::actions::api_tokens;
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::extract::{Body, Id};
use crate::http::problem::ApiError;
use crate::http::signed_in::AdminInBrowser;
use crate::store::ApiTokenRecord;

fn token_of(record: ApiTokenRecord, token: Option<String>) -> ApiToken {
    ApiToken {
        id: record.id,
        name: record.name,
        scopes: record.scopes,
        hint: record.hint,
        made_by: record.member.name,
        created_at: rfc3339(record.created_at_ms),
        expires_at: record.expires_at_ms.map(rfc3339),
        last_used_at: record.seen_at_ms.map(rfc3339),
        token,
    }
}

/// Tokens that are good, newest first (admin, in a browser).
#[utoipa::path(get, path = "/api/tokens", responses((status = 200, body = Page<ApiToken>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
) -> Result<Json<Page<ApiToken>>, ApiError> {
    let records = app.ports.store.list_api_tokens(by.member.workspace, app.ports.clock.now_ms()).await?;
    let items = records.into_iter().map(|record| token_of(record, None)).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// Makes a token; its text is nowhere but in this answer (admin, in a browser).
#[utoipa::path(post, path = "/api/tokens", request_body = NewApiToken, responses((status = 201, body = ApiToken)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
    Body(wish): Body<NewApiToken>,
) -> Result<Response, ApiError> {
    let (record, token) = api_tokens::create(&app.ports, &by.member, wish).await?;
    Ok((StatusCode::CREATED, Json(token_of(record, Some(token)))).into_response())
}

/// Ends a token and the sockets it opened (admin, in a browser).
#[utoipa::path(delete, path = "/api/tokens/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
    Id(id): Id<ApiTokenId>,
) -> Result<StatusCode, ApiError> {
    api_tokens::revoke(&app.ports, by.member.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
