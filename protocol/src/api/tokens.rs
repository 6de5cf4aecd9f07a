//! Tokens with which programs use the API.

use serde::{Deserialize, Serialize};

use crate::ids::ApiTokenId;
use crate::wire::wire_words;

wire_words! {
    /// What a token is good for, within what its maker's role allows.
    pub enum TokenScope {
        /// Read conversations, contacts and people.
        "conversations:read" => ConversationsRead,
        /// Answer and change conversations, open sockets.
        "conversations:write" => ConversationsWrite,
        /// Read campaigns and invitations.
        "settings:read" => SettingsRead,
        /// Change campaigns and people.
        "settings:write" => SettingsWrite,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub name: String,
    pub scopes: Vec<TokenScope>,
    /// The token's first characters, to tell tokens apart.
    pub hint: String,
    /// Name of the person who made it: programs act as this person.
    pub made_by: String,
    pub created_at: String,
    pub expires_at: Option<String>,
    /// To the minute.
    pub last_used_at: Option<String>,
    /// Only in the answer that made it.
    pub token: Option<String>,
}

/// `POST /api/tokens` (admin, signed in in a browser).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiToken {
    pub name: String,
    /// At least one.
    pub scopes: Vec<TokenScope>,
    /// 1 to 3,650; absent: until it is revoked.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
}
