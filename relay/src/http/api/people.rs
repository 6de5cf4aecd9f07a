//! People who work here, and invitations.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use protocol::api::{
    Invite, InviteAcceptance, InviteView, Me, NewInvite, Page, PasswordReset, Person, PersonChange, ResetLink,
};
use protocol::ids::{InviteId, PersonId};

use super::auth::me_of;
use crate::actions::password_reset::{self, RESET_MS};
use crate::actions::people;
use crate::app::App;
use crate::auth::sessions;
use crate::clock::rfc3339;
use crate::crypto::digest_of;
use crate::http::extract::{Body, ClientAddress, Id, Paging, Query, cursor};
use crate::http::limits;
use crate::http::problem::ApiError;
use crate::http::signed_in::{Admin, AdminInBrowser, OwnPage, SignedIn};
use crate::store::{AcceptError, InviteRecord, Member};

fn person_of(app: &App, member: Member) -> Person {
    Person {
        presence: app.hub.presence_of(member.workspace, member.id),
        id: member.id,
        name: member.name,
        email: member.email,
        role: member.role,
        membership: member.membership,
        created_at: rfc3339(member.created_at_ms),
    }
}

fn invite_of(record: InviteRecord) -> Invite {
    Invite {
        id: record.id,
        email: record.email,
        role: record.role,
        created_at: rfc3339(record.created_at_ms),
        expires_at: rfc3339(record.expires_at_ms),
        link: None,
    }
}

/// Everybody in the workspace.
#[utoipa::path(get, path = "/api/people", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<Person>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Person>>, ApiError> {
    let after = paging.after()?.map(|(at, id)| (at, PersonId(id)));
    let limit = paging.limit();
    let mut members = app.ports.store.list_members(signed_in.member.workspace, after, limit + 1).await?;
    let has_more = members.len() > limit as usize;
    members.truncate(limit as usize);
    let next_cursor = members.last().filter(|_| has_more).map(|m| cursor(m.created_at_ms, m.id.0));
    Ok(Json(Page { items: members.into_iter().map(|m| person_of(&app, m)).collect(), next_cursor }))
}

/// Changes somebody's role or membership and ends their sessions (admin).
#[utoipa::path(patch, path = "/api/people/{id}", params(("id" = String, Path)), request_body = PersonChange, responses((status = 200, body = Person)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<PersonId>,
    Body(wish): Body<PersonChange>,
) -> Result<Json<Person>, ApiError> {
    let member = people::change(&app.ports, &by.member, id, wish).await?;
    Ok(Json(person_of(&app, member)))
}

/// A link with which somebody sets a new password, for whoever asks to hand over (admin, in a browser).
#[utoipa::path(post, path = "/api/people/{id}/reset-link", params(("id" = String, Path)), responses((status = 201, body = ResetLink)))]
pub(super) async fn reset_link(
    State(app): State<Arc<App>>,
    AdminInBrowser(by): AdminInBrowser,
    Id(id): Id<PersonId>,
) -> Result<Response, ApiError> {
    let token = password_reset::by_member(&app.ports, &app.resets, &by.member, id).await?;
    let expires_at = rfc3339(app.ports.clock.now_ms() + RESET_MS);
    let link = ResetLink { link: format!("{}/reset#token={token}", app.public_url), expires_at };
    Ok((StatusCode::CREATED, Json(link)).into_response())
}

/// Sets a new password by a link's token and ends all sessions of the person.
#[utoipa::path(post, path = "/api/password-reset", request_body = PasswordReset, responses((status = 204)))]
pub(super) async fn reset_password(
    State(app): State<Arc<App>>,
    _own: OwnPage,
    ClientAddress(address): ClientAddress,
    Body(wish): Body<PasswordReset>,
) -> Result<StatusCode, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    password_reset::reset(&app.ports, &app.passwords, &app.resets, &wish.token, wish.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invitations that still wait (admin).
#[utoipa::path(get, path = "/api/people/invites", responses((status = 200, body = Page<Invite>)))]
pub(super) async fn invites(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
) -> Result<Json<Page<Invite>>, ApiError> {
    let records = app.ports.store.list_invites(by.member.workspace, app.ports.clock.now_ms()).await?;
    Ok(Json(Page { items: records.into_iter().map(invite_of).collect(), next_cursor: None }))
}

/// Invites somebody; the link in the answer is nowhere else (admin).
#[utoipa::path(post, path = "/api/people/invites", request_body = NewInvite, responses((status = 201, body = Invite)))]
pub(super) async fn invite(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Body(new): Body<NewInvite>,
) -> Result<Response, ApiError> {
    let (id, token, expires_at_ms) = people::invite(&app.ports, &by.member, &new.email, new.role).await?;
    let invite = Invite {
        id,
        email: new.email.trim().to_lowercase(),
        role: new.role,
        created_at: rfc3339(app.ports.clock.now_ms()),
        expires_at: rfc3339(expires_at_ms),
        link: Some(format!("{}/join#token={token}", app.public_url)),
    };
    Ok((StatusCode::CREATED, Json(invite)).into_response())
}

/// Withdraws an invitation (admin).
#[utoipa::path(delete, path = "/api/people/invites/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Admin(by): Admin,
    Id(id): Id<InviteId>,
) -> Result<StatusCode, ApiError> {
    match app.ports.store.withdraw_invite(by.member.workspace, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("invitation")),
    }
}

/// What an invited person sees.
#[utoipa::path(get, path = "/api/invites/{token}", params(("token" = String, Path)), responses((status = 200, body = InviteView)))]
pub(super) async fn view_invite(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Id(token): Id<String>,
) -> Result<Json<InviteView>, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    let record = app.ports.store.find_invite(digest_of(&token), app.ports.clock.now_ms()).await?;
    let record = record.ok_or_else(|| ApiError::from(people::MemberError::from(AcceptError::NotValid)))?;
    Ok(Json(InviteView { workspace: record.workspace_name, email: record.email, role: record.role }))
}

/// Joins by invitation and signs in.
#[utoipa::path(post, path = "/api/invites/{token}", params(("token" = String, Path)), request_body = InviteAcceptance, responses((status = 200, body = Me)))]
pub(super) async fn accept_invite(
    State(app): State<Arc<App>>,
    _own: OwnPage,
    ClientAddress(address): ClientAddress,
    Id(token): Id<String>,
    Body(acceptance): Body<InviteAcceptance>,
) -> Result<Response, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    let member = people::accept(&app.ports, &app.passwords, &token, acceptance).await?;
    let session = sessions::start(app.ports.store.as_ref(), &member, app.ports.clock.now_ms()).await?;
    Ok(([(SET_COOKIE, app.cookie.set(&session))], Json(me_of(&member))).into_response())
}
