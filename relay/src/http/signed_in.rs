//! Who a request comes from. A handler that takes one of these cannot forget the check.
//!
//! People come with a session cookie, and only from our own pages; programs with `Authorization: Bearer rst_…`, which no page can
//! send by accident, within the token's scopes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use protocol::api::TokenScope;

use super::problem::ApiError;
use crate::app::App;
use crate::auth::csrf::{Provenance, is_own_request};
use crate::auth::roles::{Right, may};
use crate::auth::{api_tokens, sessions};
use crate::crypto::Digest;
use crate::store::Member;

/// Who stands behind a request, whatever they may do.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) member: Member,
    /// Of the session or of the token.
    digest: Digest,
    /// Of a token; a browser may do all its person may.
    scopes: Option<Vec<TokenScope>>,
}

impl Caller {
    /// Looks once; whoever asks again for the same request gets the same answer.
    pub(super) async fn of(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = match bearer(parts) {
            Some(token) => program(app, token).await?,
            None => browser(parts, app).await?,
        };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }

    fn check(&self, right: Right, method: &Method) -> Result<(), ApiError> {
        let scope = api_tokens::needed(right, is_read(method));
        if self.scopes.as_ref().is_some_and(|scopes| !scopes.contains(&scope)) {
            let detail = format!("This token lacks the scope `{}`. Make one that has it.", scope.word());
            return Err(ApiError::new(StatusCode::FORBIDDEN, "scope_missing", detail));
        }
        if may(self.member.role, right) { Ok(()) } else { Err(ApiError::not_allowed()) }
    }
}

const fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn program(app: &App, token: &str) -> Result<Caller, ApiError> {
    let found = api_tokens::find(app.ports.store.as_ref(), token, app.ports.clock.now_ms()).await?;
    let record = found.ok_or_else(|| {
        let detail = "This token is unknown, expired or revoked. Make a new one under Settings.";
        ApiError::new(StatusCode::UNAUTHORIZED, "token_not_valid", detail)
    })?;
    Ok(Caller { member: record.member, digest: record.digest, scopes: Some(record.scopes) })
}

async fn browser(parts: &Parts, app: &App) -> Result<Caller, ApiError> {
    if !is_read(&parts.method) {
        check_own_page(parts, app)?;
    }
    let mut cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let token = cookies.find_map(|header| app.cookie.find(header)).ok_or_else(ApiError::not_signed_in)?;
    let found = sessions::find(app.ports.store.as_ref(), token, app.ports.clock.now_ms()).await?;
    let (digest, member) = found.ok_or_else(ApiError::not_signed_in)?;
    Ok(Caller { member, digest, scopes: None })
}

/// Whoever works here, or a program for them.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) member: Member,
    /// Of the session or of the token: what ends when it ends.
    pub(super) session: Digest,
}

impl SignedIn {
    async fn with(parts: &mut Parts, app: &Arc<App>, right: Right) -> Result<Self, ApiError> {
        let caller = Caller::of(parts, app).await?;
        caller.check(right, &parts.method)?;
        Ok(Self { member: caller.member, session: caller.digest })
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Self::with(parts, app, Right::Converse).await
    }
}

/// Somebody who may see settings.
#[derive(Debug, Clone)]
pub(super) struct Supervisor(pub(super) SignedIn);

impl FromRequestParts<Arc<App>> for Supervisor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        SignedIn::with(parts, app, Right::Supervise).await.map(Self)
    }
}

/// Somebody who may change settings.
#[derive(Debug, Clone)]
pub(super) struct Admin(pub(super) SignedIn);

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        SignedIn::with(parts, app, Right::Administer).await.map(Self)
    }
}

/// Somebody at a browser: what is about the person, and what would let a token outgrow itself, is not for programs.
#[derive(Debug, Clone)]
pub(super) struct InBrowser(pub(super) SignedIn);

impl InBrowser {
    async fn with(parts: &mut Parts, app: &Arc<App>, right: Right) -> Result<Self, ApiError> {
        if Caller::of(parts, app).await?.scopes.is_some() {
            let detail = "Programs cannot do this. Sign in in a browser.";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "browser_only", detail));
        }
        SignedIn::with(parts, app, right).await.map(Self)
    }
}

impl FromRequestParts<Arc<App>> for InBrowser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Self::with(parts, app, Right::Converse).await
    }
}

/// An admin at a browser.
#[derive(Debug, Clone)]
pub(super) struct AdminInBrowser(pub(super) SignedIn);

impl FromRequestParts<Arc<App>> for AdminInBrowser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        InBrowser::with(parts, app, Right::Administer).await.map(|InBrowser(signed_in)| Self(signed_in))
    }
}

/// A request from our own pages by somebody who need not be signed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnPage;

impl FromRequestParts<Arc<App>> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        check_own_page(parts, app).map(|()| Self)
    }
}

fn check_own_page(parts: &Parts, app: &App) -> Result<(), ApiError> {
    let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let from = Provenance {
        sec_fetch_site: text("sec-fetch-site"),
        origin: text("origin"),
        requested_with: text("x-requested-with"),
    };
    if is_own_request(&app.own_origins, from) { Ok(()) } else { Err(ApiError::foreign_request()) }
}
