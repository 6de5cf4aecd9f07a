//! Setting up, signing in and out, and who am I.

use serde::{Deserialize, Serialize};

use super::{Campaign, Role};
use crate::frame::Presence;
use crate::ids::{PersonId, WorkspaceId};

/// `GET /api/setup`: whether the installation still waits for its first person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    pub needed: bool,
}

/// `POST /api/setup`: the owner, the workspace and optionally the first widget in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    /// From the link printed at the first start.
    pub token: String,
    pub name: String,
    pub email: String,
    /// 12 to 1,024 bytes.
    pub password: String,
    pub workspace: String,
    #[serde(default)]
    pub widget: Option<FirstWidget>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstWidget {
    pub name: String,
    pub allowed_origins: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupDone {
    pub me: Me,
    pub campaign: Option<Campaign>,
}

/// `POST /api/auth/login`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    pub email: String,
    pub password: String,
    /// Reserved for a second factor.
    #[serde(default)]
    pub totp: Option<String>,
}

/// `GET /api/me`: the signed-in person in the workspace of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub id: PersonId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub availability: Presence,
    pub workspace: WorkspaceSummary,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceSummary {
    pub id: WorkspaceId,
    pub name: String,
}

/// `PATCH /api/me`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub availability: Option<Presence>,
}

/// `POST /api/me/password`: closes all other sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    pub current: String,
    pub new: String,
}

/// `POST /api/ws-ticket`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ticket {
    pub ticket: String,
}
