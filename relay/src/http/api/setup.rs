//! The first person of an installation.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use protocol::api::{Appearance, NewCampaign, Setup, SetupDone, SetupState};

use super::auth::me_of;
use super::campaigns::campaign_of;
use crate::actions::set_up::Owner;
use crate::actions::{campaigns, people, set_up};
use crate::app::App;
use crate::auth::sessions;
use crate::http::extract::{Body, ClientAddress};
use crate::http::limits;
use crate::http::problem::ApiError;
use crate::http::signed_in::OwnPage;

/// Whether this installation still waits for its first person.
#[utoipa::path(get, path = "/api/setup", responses((status = 200, body = SetupState)))]
pub(super) async fn state(State(app): State<Arc<App>>) -> Result<Json<SetupState>, ApiError> {
    Ok(Json(SetupState { needed: !app.ports.store.is_set_up().await? }))
}

/// A workspace's name as its first widget's title, which has less room.
fn title_of(workspace: &str) -> String {
    workspace.trim().chars().filter(|c| !c.is_control()).take(campaigns::MOST_TITLE).collect()
}

/// Makes the owner, the workspace and optionally the first widget, and signs in.
#[utoipa::path(post, path = "/api/setup", request_body = Setup, responses((status = 200, body = SetupDone)))]
pub(super) async fn set_up(
    State(app): State<Arc<App>>,
    _own: OwnPage,
    ClientAddress(address): ClientAddress,
    Body(setup): Body<Setup>,
) -> Result<Response, ApiError> {
    if !limits::admits(&app, &app.login_limit, address).await {
        return Err(ApiError::too_many());
    }
    if !app.is_setup_token(&setup.token) {
        let detail = "This set-up link is not valid. Use the one the server printed at its last start.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "setup_link_not_valid", detail).field("token"));
    }
    // Checked before anything is made, so that a typing error leaves nothing half done.
    let widget = setup.widget.map(|w| NewCampaign {
        name: w.name,
        channel: campaigns::WEB_CHAT.to_owned(),
        allowed_origins: w.allowed_origins,
        appearance: Appearance { title: title_of(&setup.workspace), ..Appearance::default() },
    });
    if let Some(widget) = &widget {
        campaigns::check(widget).map_err(|error| {
            ApiError::from(error)
                .with_field_renamed("name", "widget.name")
                .with_field_renamed("allowed_origins", "widget.allowed_origins")
        })?;
    }
    let owner =
        Owner { name: setup.name, email: setup.email, password: setup.password, workspace: setup.workspace };
    let (workspace, person) = set_up::set_up(&app.ports, &app.passwords, owner).await?;
    app.spend_setup_token();
    let campaign = match widget {
        Some(widget) => Some(campaigns::create(&app.ports, &app.keys, workspace, widget).await?),
        None => None,
    };
    let member = people::find(&app.ports, workspace, person).await?.member;
    let token = sessions::start(app.ports.store.as_ref(), &member, app.ports.clock.now_ms()).await?;
    let done = SetupDone { me: me_of(&member), campaign: campaign.map(|c| campaign_of(&app, c)) };
    Ok(([(SET_COOKIE, app.cookie.set(&token))], Json(done)).into_response())
}
