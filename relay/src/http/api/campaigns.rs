//! Web chat campaigns and their keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::api::{
    Campaign, CampaignChange, CampaignIdentity, IdentitySecret, KeyRotation, LastSeen, NewCampaign,
    OriginCheck, OriginVerdict, Page, RetiringKey,
};
use protocol::ids::CampaignId;

use crate::actions::campaigns;
use crate::app::App;
use crate::auth::origins;
use crate::clock::rfc3339;
use crate::http::extract::{Body, Id, Paging, Query, cursor};
use crate::http::problem::ApiError;
use crate::http::signed_in::{Admin, AdminInBrowser, Supervisor};
use crate::store::CampaignRecord;

pub(super) fn campaign_of(app: &App, record: CampaignRecord) -> Campaign {
    let now_ms = app.ports.clock.now_ms();
    let open = |key: &crate::store::KeyRecord| app.keys.open(&key.digest, &key.sealed);
    let key = record.keys.iter().find(|k| k.expires_at_ms.is_none()).and_then(open);
    let retiring = record.keys.iter().filter_map(|k| {
        let expires = k.expires_at_ms.filter(|at| *at > now_ms)?;
        Some(RetiringKey { key: open(k)?, expires_at: rfc3339(expires) })
    });
    Campaign {
        id: record.id,
        name: record.name,
        channel: record.channel,
        allowed_origins: record.allowed_origins,
        appearance: record.appearance,
        snippet: key.as_deref().map(|key| snippet(&app.public_url, key)),
        retiring_keys: retiring.collect(),
        key,
        last_seen: record.seen.map(|(origin, at)| LastSeen { origin, at: rfc3339(at) }),
        identity: CampaignIdentity {
            is_set: record.secret_at_ms.is_some(),
            is_required: record.identity_required,
        },
        created_at: rfc3339(record.created_at_ms),
        updated_at: rfc3339(record.updated_at_ms),
    }
}

/// The line a site owner pastes.
pub fn snippet(public_url: &str, key: &str) -> String {
    format!("<script async src=\"{public_url}/embed.js?key={key}\"></script>")
}

/// All campaigns, newest first (supervisor).
#[utoipa::path(get, path = "/api/campaigns", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<Campaign>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Supervisor(by): Supervisor,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Campaign>>, ApiError> {
    let after = paging.after()?.map(|(at, id)| (at, CampaignId(id)));
    let limit = paging.limit();
    let mut records = app.ports.store.list_campaigns(by.member.workspace, after, limit + 1).await?;
    let has_more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next_cursor = records.last().filter(|_| has_more).map(|c| cursor(c.created_at_ms, c.id.0));
    Ok(Json(Page { items: records.into_iter().map(|c| campaign_of(&app, c)).collect(), next_cursor }))
}

/// Makes a campaign; its key is generated now (admin).
#[utoipa::path(post, path = "/api/campaigns", request_body = NewCampaign, responses((status = 201, body = Campaign)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Body(new): Body<NewCampaign>,
) -> Result<Response, ApiError> {
    let record = campaigns::create(&app.ports, &app.keys, by.member.workspace, new).await?;
    Ok((StatusCode::CREATED, Json(campaign_of(&app, record))).into_response())
}

/// One campaign (supervisor).
#[utoipa::path(get, path = "/api/campaigns/{id}", params(("id" = String, Path)), responses((status = 200, body = Campaign)))]
pub(super) async fn find(
    State(app): State<Arc<App>>,
    Supervisor(by): Supervisor,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, ApiError> {
    let record = campaigns::find(&app.ports, by.member.workspace, id).await?;
    Ok(Json(campaign_of(&app, record)))
}

/// Changes a campaign. An origin taken away closes its visitors' sockets (admin).
#[utoipa::path(patch, path = "/api/campaigns/{id}", params(("id" = String, Path)), request_body = CampaignChange, responses((status = 200, body = Campaign)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<CampaignId>,
    Body(wish): Body<CampaignChange>,
) -> Result<Json<Campaign>, ApiError> {
    let record = campaigns::change(&app.ports, by.member.workspace, id, wish).await?;
    app.key_cache.forget();
    Ok(Json(campaign_of(&app, record)))
}

/// Deletes a campaign and ends its keys; its conversations stay (admin).
#[utoipa::path(delete, path = "/api/campaigns/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<CampaignId>,
) -> Result<StatusCode, ApiError> {
    campaigns::delete(&app.ports, by.member.workspace, id).await?;
    app.key_cache.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the campaign a new key; the old one works for the overlap (admin).
#[utoipa::path(post, path = "/api/campaigns/{id}/key/rotate", params(("id" = String, Path)), request_body = KeyRotation, responses((status = 200, body = Campaign)))]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<CampaignId>,
    Body(rotation): Body<KeyRotation>,
) -> Result<Json<Campaign>, ApiError> {
    let record =
        campaigns::rotate_key(&app.ports, &app.keys, by.member.workspace, id, rotation.overlap_seconds)
            .await?;
    app.key_cache.forget();
    Ok(Json(campaign_of(&app, record)))
}

/// Ends all keys of the campaign at once (admin).
#[utoipa::path(post, path = "/api/campaigns/{id}/key/revoke", params(("id" = String, Path)), responses((status = 200, body = Campaign)))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, ApiError> {
    let record = campaigns::revoke_keys(&app.ports, by.member.workspace, id).await?;
    app.key_cache.forget();
    Ok(Json(campaign_of(&app, record)))
}

/// Gives the campaign a secret to prove with who visitors are, in place of any before. Its text is nowhere but in this answer
/// (admin, in a browser).
#[utoipa::path(post, path = "/api/campaigns/{id}/identity-secret", params(("id" = String, Path)), responses((status = 201, body = IdentitySecret)))]
pub(super) async fn make_identity_secret(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
    Id(id): Id<CampaignId>,
) -> Result<Response, ApiError> {
    let secret = campaigns::make_identity_secret(&app.ports, &app.vault, by.member.workspace, id).await?;
    app.key_cache.forget();
    Ok((StatusCode::CREATED, Json(IdentitySecret { secret })).into_response())
}

/// Takes the identity secret away: nobody is verified any more (admin, in a browser).
#[utoipa::path(delete, path = "/api/campaigns/{id}/identity-secret", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn end_identity_secret(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
    Id(id): Id<CampaignId>,
) -> Result<StatusCode, ApiError> {
    campaigns::end_identity_secret(&app.ports, by.member.workspace, id).await?;
    app.key_cache.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Would a page at this address be allowed by this list? (supervisor)
#[utoipa::path(post, path = "/api/origins/check", request_body = OriginCheck, responses((status = 200, body = OriginVerdict)))]
pub(super) async fn check_origin(
    Supervisor(_by): Supervisor,
    Body(check): Body<OriginCheck>,
) -> Json<OriginVerdict> {
    let refuse =
        |origin: Option<String>, reason: String| Json(OriginVerdict { allowed: false, origin, reason });
    let list = match origins::parse_list(&check.allowed_origins) {
        Ok(list) => list,
        Err(error) => return refuse(None, format!("The list has a mistake: {error}.")),
    };
    let parsed = url::Url::parse(check.address.trim()).ok().map(|url| url.origin().ascii_serialization());
    let Some((text, origin)) =
        parsed.and_then(|text| origins::from_header(&text).map(|origin| (text, origin)))
    else {
        return refuse(
            None,
            "This is not a page's address. Write it like https://www.example.com/shop.".to_owned(),
        );
    };
    if list.is_empty() {
        return refuse(Some(text), "The list is empty, so no site is allowed.".to_owned());
    }
    if origins::is_allowed(&list, &origin) {
        let reason = format!("{text} is on the list.");
        return Json(OriginVerdict { allowed: true, origin: Some(text), reason });
    }
    let reason = format!(
        "{text} is not on the list. Scheme, host and port must be the same: http and https differ, and so do www.example.com and example.com."
    );
    refuse(Some(text), reason)
}
