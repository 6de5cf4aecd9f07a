//! What the loader asks before a visitor chats.

use serde::{Deserialize, Serialize};

use super::Appearance;
use crate::frame::Availability;
use crate::ids::ContactId;
use crate::wire::wire_words;

/// `POST /api/widget/boot`. The page is told by the browser's `Origin` header, not by this body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Boot {
    pub key: String,
    #[serde(default)]
    pub visitor: Option<String>,
    /// A JSON Web Token (HS256) in which the site's own server says who the visitor is: `aud` the campaign's id, `sub`, `iat`, `exp`
    /// at most an hour later; `name`, `email`, `phone` if known.
    #[serde(default)]
    pub identity_token: Option<String>,
    #[serde(default)]
    pub page: PageInfo,
}

wire_words! {
    /// What came of an `identity_token`.
    pub enum IdentityVerdict {
        "verified" => Verified,
        /// It proves nothing, and the visitor is nobody it names.
        "refused" => Refused,
    }
}

/// The page a visitor is on, as its own script sees it. Every member at most 2,000 characters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageInfo {
    pub url: Option<String>,
    pub title: Option<String>,
    pub referrer: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    /// "1280x720".
    pub viewport: Option<String>,
    /// What the page itself said about the visitor through `identify` and `setAttributes`. Unverified.
    pub identity: Option<PageIdentity>,
}

/// A page's unverified word about its visitor. An empty value takes back what was said before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageIdentity {
    pub id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub attributes: std::collections::BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub removed_tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootDone {
    /// Single use.
    pub boot: String,
    /// Seconds.
    pub expires_in: u32,
    pub appearance: Appearance,
    pub availability: Availability,
    /// Who the visitor is, or will be from their first message on.
    pub visitor_id: ContactId,
    /// Messages of ours the visitor has not read.
    pub unread: u64,
    /// None when no `identity_token` came.
    pub identity: Option<IdentityVerdict>,
    /// A verified visitor's token, for the page to give next time; all others learn theirs over the socket.
    pub visitor: Option<String>,
    /// The visitor token that was given stands: they are who they were.
    pub is_known: bool,
}
