//! People who work here, and invitations.

use serde::{Deserialize, Serialize};

use crate::frame::Presence;
use crate::ids::{InviteId, PersonId};
use crate::wire::wire_words;

wire_words! {
    /// What somebody may do, in falling order.
    pub enum Role {
        "owner" => Owner,
        "admin" => Admin,
        "supervisor" => Supervisor,
        "agent" => Agent,
    }
}

wire_words! {
    pub enum Membership {
        "active" => Active,
        "deactivated" => Deactivated,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub membership: Membership,
    /// Live: offline when no socket of the person is open.
    pub presence: Presence,
    pub created_at: String,
}

/// `PATCH /api/people/{id}` (admin).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonChange {
    #[serde(default)]
    pub role: Option<Role>,
    #[serde(default)]
    pub membership: Option<Membership>,
}

/// `POST /api/people/{id}/reset-link` (admin, signed in in a browser).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetLink {
    /// The address to hand to the person; works once.
    pub link: String,
    pub expires_at: String,
}

/// `POST /api/password-reset`: sets a new password by a link's token and ends all sessions of the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    pub token: String,
    pub password: String,
}

/// `POST /api/people/invites` (admin).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvite {
    pub email: String,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    pub id: InviteId,
    pub email: String,
    pub role: Role,
    pub created_at: String,
    pub expires_at: String,
    /// Only in the answer that made the invitation: the address to send to the person.
    pub link: Option<String>,
}

/// `GET /api/invites/{token}`: what the invited person sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteView {
    pub workspace: String,
    pub email: String,
    pub role: Role,
}

/// `POST /api/invites/{token}`: joins and signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteAcceptance {
    pub name: String,
    pub password: String,
}
