//! Signing in and out, and who am I.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use protocol::api::{Login, Me, MeChange, PasswordChange, Ticket, WorkspaceSummary};

use crate::actions::people;
use crate::app::App;
use crate::auth::sessions;
use crate::auth::tickets::TicketPass;
use crate::bus::Hint;
use crate::http::extract::{Body, ClientAddress};
use crate::http::limits;
use crate::http::problem::ApiError;
use crate::http::signed_in::{InBrowser, OwnPage, SignedIn};
use crate::store::Member;

pub(super) fn me_of(member: &Member) -> Me {
    Me {
        id: member.id,
        name: member.name.clone(),
        email: member.email.clone(),
        role: member.role,
        availability: member.availability,
        workspace: WorkspaceSummary { id: member.workspace, name: member.workspace_name.clone() },
    }
}

/// Signs in: answers with the person and sets the session cookie.
#[utoipa::path(post, path = "/api/auth/login", request_body = Login, responses((status = 200, body = Me)))]
pub(super) async fn login(
    State(app): State<Arc<App>>,
    _own: OwnPage,
    ClientAddress(address): ClientAddress,
    Body(login): Body<Login>,
) -> Result<Response, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    let member = people::check_login(&app.ports, &app.passwords, &login.email, login.password).await?;
    let Some(member) = member else {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "wrong_credentials",
            "E-mail address or password is not right.",
        ));
    };
    let token = sessions::start(app.ports.store.as_ref(), &member, app.ports.clock.now_ms()).await?;
    Ok(([(SET_COOKIE, app.cookie.set(&token))], Json(me_of(&member))).into_response())
}

/// Signs out, here and in the sockets of this session.
#[utoipa::path(post, path = "/api/auth/logout", responses((status = 204)))]
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    InBrowser(signed_in): InBrowser,
) -> Result<Response, ApiError> {
    app.ports.store.remove_session(signed_in.session).await?;
    app.ports.bus.publish(Hint::SessionEnded { session: signed_in.session });
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, app.cookie.clear())]).into_response())
}

/// The signed-in person.
#[utoipa::path(get, path = "/api/me", responses((status = 200, body = Me)))]
pub(super) async fn me(signed_in: SignedIn) -> Json<Me> {
    Json(me_of(&signed_in.member))
}

/// Changes one's own name or availability.
#[utoipa::path(patch, path = "/api/me", request_body = MeChange, responses((status = 200, body = Me)))]
pub(super) async fn change_me(
    State(app): State<Arc<App>>,
    InBrowser(signed_in): InBrowser,
    Body(change): Body<MeChange>,
) -> Result<Json<Me>, ApiError> {
    let name = change.name.as_deref().map(people::check_person_name).transpose()?;
    let member = signed_in.member;
    app.ports.store.change_me(member.workspace, member.id, name, change.availability).await?;
    if let Some(availability) = change.availability {
        app.hub.set_availability(member.workspace, member.id, availability);
    }
    Ok(Json(me_of(&people::find(&app.ports, member.workspace, member.id).await?.member)))
}

/// Changes one's own password and ends all other sessions.
#[utoipa::path(post, path = "/api/me/password", request_body = PasswordChange, responses((status = 204)))]
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    InBrowser(signed_in): InBrowser,
    ClientAddress(address): ClientAddress,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    people::change_password(
        &app.ports,
        &app.passwords,
        &signed_in.member,
        signed_in.session,
        change.current,
        change.new,
    )
    .await
    .map_err(|error| ApiError::from(error).with_field_renamed("password", "new"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// A single-use ticket that opens one agent's socket within 30 seconds.
#[utoipa::path(post, path = "/api/ws-ticket", responses((status = 200, body = Ticket)))]
pub(super) async fn ticket(State(app): State<Arc<App>>, signed_in: SignedIn) -> Json<Ticket> {
    let pass = TicketPass { session_digest: signed_in.session };
    Json(Ticket { ticket: app.tickets.issue(&pass, app.ports.clock.now_ms()) })
}
