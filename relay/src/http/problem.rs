//! The map from errors to problem details: the only place that knows status codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::problem::Problem;

use crate::actions::api_tokens::ApiTokenError;
use crate::actions::campaigns::CampaignError;
use crate::actions::change_conversation::ChangeError;
use crate::actions::password_reset::ResetError;
use crate::actions::people::MemberError;
use crate::actions::post::PostError;
use crate::auth::passwords::PasswordError;
use crate::auth::visitors::AdmitError;
use crate::store::{AcceptError, SetupError, StoreError};

/// What a request is answered with when it cannot be done.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<&'static str>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None }
    }

    pub(super) fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// The same for a request that has the member under another name.
    pub(super) fn with_field_renamed(mut self, from: &str, to: &'static str) -> Self {
        if self.field == Some(from) {
            self.field = Some(to);
        }
        self
    }

    pub(super) fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
    }

    pub(super) fn not_allowed() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", "Your role does not allow this. Ask an admin.")
    }

    pub(super) fn foreign_request() -> Self {
        let detail = "This request does not come from Roost's own pages: send it from the same origin, with `X-Requested-With: roost`.";
        Self::new(StatusCode::FORBIDDEN, "foreign_request", detail)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    pub(super) fn too_many() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Too many requests from this address. Try again in a minute.",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
            field: self.field.map(str::to_owned),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

pub(super) async fn no_such_endpoint() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "no_such_endpoint",
        "There is no such endpoint. All of them are described at /api/openapi.json.",
    )
}

/// Gives words to what the framework refuses without any.
pub(super) async fn explain(response: Response) -> Response {
    let (code, detail) = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "This address takes other methods: see the `Allow` header.")
        }
        StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long. Try again."),
        _ => return response,
    };
    let mut explained = ApiError::new(response.status(), code, detail).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && !explained.headers().contains_key(name) {
            explained.headers_mut().insert(name, value.clone());
        }
    }
    explained
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage_full", error.to_string()),
            StoreError::Failed(reason) | StoreError::Away(reason) => {
                tracing::error!(reason, "the store failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The store did not answer. Try again.",
                )
            }
            StoreError::Closing => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "restarting",
                "The server is restarting. Try again.",
            ),
        }
    }
}

impl From<PostError> for ApiError {
    fn from(error: PostError) -> Self {
        let code = error.code();
        match error {
            PostError::Message(e) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, e.to_string()).field("body")
            }
            PostError::Conflict => Self::new(StatusCode::CONFLICT, code, error.to_string()).field("cmid"),
            PostError::NoConversation => Self::not_found("conversation"),
            PostError::NoteByVisitor => Self::new(StatusCode::FORBIDDEN, code, error.to_string()),
            PostError::Store(e) => e.into(),
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        let invalid =
            |code, field| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string()).field(field);
        match error {
            ChangeError::NoConversation => Self::not_found("conversation"),
            ChangeError::SnoozeTime => invalid("invalid_snooze", "snoozed_until"),
            ChangeError::NoSuchAssignee => invalid("no_such_assignee", "assignee"),
            ChangeError::Store(e) => e.into(),
        }
    }
}

impl From<CampaignError> for ApiError {
    fn from(error: CampaignError) -> Self {
        let invalid =
            |code, field| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string()).field(field);
        match error {
            CampaignError::NotFound => Self::not_found("campaign"),
            CampaignError::Name => invalid("invalid_name", "name"),
            CampaignError::Channel(_) => invalid("invalid_channel", "channel"),
            CampaignError::Origin(_) => invalid("invalid_origin", "allowed_origins"),
            CampaignError::Appearance { member, .. } => invalid("invalid_appearance", member),
            CampaignError::Overlap => invalid("invalid_overlap", "overlap_seconds"),
            CampaignError::NoIdentitySecret => invalid("no_identity_secret", "identity_required"),
            CampaignError::Store(e) => e.into(),
        }
    }
}

impl From<ApiTokenError> for ApiError {
    fn from(error: ApiTokenError) -> Self {
        let invalid =
            |code, field| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string()).field(field);
        match error {
            ApiTokenError::NotFound => Self::not_found("token"),
            ApiTokenError::Name => invalid("invalid_name", "name"),
            ApiTokenError::Scopes => invalid("invalid_scopes", "scopes"),
            ApiTokenError::Expiry => invalid("invalid_expiry", "expires_in_days"),
            ApiTokenError::Store(e) => e.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Length(_) | PasswordError::TooCommon => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", error.to_string())
                    .field("password")
            }
            PasswordError::Busy => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", error.to_string())
            }
            PasswordError::Failed => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The password could not be checked.")
            }
        }
    }
}

impl From<ResetError> for ApiError {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::NotValid => Self::new(StatusCode::NOT_FOUND, "link_not_valid", error.to_string()),
            ResetError::Member(e) => e.into(),
            ResetError::Password(e) => e.into(),
            ResetError::Store(e) => e.into(),
        }
    }
}

impl From<MemberError> for ApiError {
    fn from(error: MemberError) -> Self {
        let invalid =
            |code, field| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string()).field(field);
        match error {
            MemberError::NotFound => Self::not_found("person"),
            MemberError::Name => invalid("invalid_name", "name"),
            MemberError::WorkspaceName => invalid("invalid_name", "workspace"),
            MemberError::Email(_) => invalid("invalid_email", "email"),
            MemberError::AboveYou => Self::new(StatusCode::FORBIDDEN, "not_allowed", error.to_string()),
            MemberError::LastOwner => Self::new(StatusCode::CONFLICT, "last_owner", error.to_string()),
            MemberError::WrongPassword => invalid("wrong_password", "current"),
            MemberError::Password(e) => e.into(),
            MemberError::Setup(SetupError::Store(e))
            | MemberError::Accept(AcceptError::Store(e))
            | MemberError::Store(e) => e.into(),
            MemberError::Setup(SetupError::AlreadyDone) => {
                Self::new(StatusCode::CONFLICT, "already_set_up", error.to_string())
            }
            MemberError::Accept(AcceptError::NotValid) => {
                Self::new(StatusCode::NOT_FOUND, "invite_not_valid", error.to_string())
            }
            MemberError::Accept(AcceptError::EmailTaken) => {
                Self::new(StatusCode::CONFLICT, "email_taken", error.to_string()).field("email")
            }
        }
    }
}

impl From<AdmitError> for ApiError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::KeyUnknown => Self::new(StatusCode::FORBIDDEN, "key_unknown", error.to_string()),
            AdmitError::OriginNotAllowed(_) => {
                Self::new(StatusCode::FORBIDDEN, "origin_not_allowed", error.to_string())
            }
            AdmitError::IdentityRequired => {
                Self::new(StatusCode::FORBIDDEN, "identity_required", error.to_string())
            }
            AdmitError::Store(e) => e.into(),
        }
    }
}
