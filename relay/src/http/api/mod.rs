//! The REST API, by noun.

mod auth;
mod campaigns;
mod conversations;
mod people;
mod setup;
mod tokens;
mod widget;

pub use campaigns::snippet;

use std::sync::Arc;

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

#[derive(OpenApi)]
#[openapi(info(
    title = "Roost",
    description = "Customer chat: the API the inbox uses. Errors are RFC 9457 problem details with a stable `code`.\n\n\
        Programs send `Authorization: Bearer rst_…`, a token made under Settings: it acts as the person who made it, within its scopes \
        (`conversations:read`, `conversations:write`, `settings:read`, `settings:write`).\n\n\
        Every write by somebody signed in takes an `Idempotency-Key` (1 to 255 characters): sent again within a day it is not done again, and \
        the first answer comes back with `Idempotency-Replayed: true`. A key used for another request is refused with 422, one that is being \
        worked on with 409."
))]
struct Description;

/// The routes and their description.
pub(super) fn router() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(setup::state, setup::set_up))
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me, auth::change_me))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::ticket))
        .routes(routes!(people::list))
        .routes(routes!(people::change))
        .routes(routes!(people::reset_link))
        .routes(routes!(people::reset_password))
        .routes(routes!(people::invites, people::invite))
        .routes(routes!(people::withdraw))
        .routes(routes!(people::view_invite, people::accept_invite))
        .routes(routes!(campaigns::list, campaigns::create))
        .routes(routes!(campaigns::find, campaigns::change, campaigns::delete))
        .routes(routes!(campaigns::rotate))
        .routes(routes!(campaigns::revoke))
        .routes(routes!(campaigns::make_identity_secret, campaigns::end_identity_secret))
        .routes(routes!(campaigns::check_origin))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::counts))
        .routes(routes!(conversations::find, conversations::change))
        .routes(routes!(conversations::events))
        .routes(routes!(conversations::post))
        .routes(routes!(widget::boot, widget::preflight))
        .routes(routes!(widget::events))
        .split_for_parts()
}
