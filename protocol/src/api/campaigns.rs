//! Web chat campaigns: a widget's settings, its key and where it may be shown.

use serde::{Deserialize, Serialize};

use crate::ids::CampaignId;
use crate::wire::wire_words;

wire_words! {
    /// The corner the launcher stands in.
    pub enum Corner {
        "right" => Right,
        "left" => Left,
    }
}

wire_words! {
    pub enum Theme {
        "auto" => Auto,
        "light" => Light,
        "dark" => Dark,
    }
}

/// How the widget looks and what it says first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Appearance {
    /// `#rrggbb`.
    pub color: String,
    pub corner: Corner,
    /// Pixels from the side and from the bottom, 0 to 200.
    pub offset_x: u32,
    pub offset_y: u32,
    pub theme: Theme,
    /// Above the thread: the team's name.
    pub title: String,
    /// The first thing a visitor reads.
    pub welcome: String,
    /// `en`, `de`, or empty to follow the page.
    pub language: String,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            color: "#0f766e".into(),
            corner: Corner::Right,
            offset_x: 20,
            offset_y: 20,
            theme: Theme::Auto,
            title: String::new(),
            welcome: String::new(),
            language: String::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    /// `webchat`.
    pub channel: String,
    pub allowed_origins: Vec<String>,
    pub appearance: Appearance,
    /// The public key, `pk_…`; none once it is revoked.
    pub key: Option<String>,
    /// The line to paste into a page; none once the key is revoked.
    pub snippet: Option<String>,
    /// Earlier keys that still work, with the time they stop.
    pub retiring_keys: Vec<RetiringKey>,
    pub last_seen: Option<LastSeen>,
    pub identity: CampaignIdentity,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetiringKey {
    pub key: String,
    pub expires_at: String,
}

/// Where and when the widget was last loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastSeen {
    pub origin: String,
    pub at: String,
}

/// Whether a campaign's site proves who its visitors are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignIdentity {
    /// There is a secret to prove it with.
    pub is_set: bool,
    /// Visitors without a proof are not let in.
    pub is_required: bool,
}

/// `POST /api/campaigns/{id}/identity-secret` (admin, signed in in a browser).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentitySecret {
    /// `ids_…`, in this answer and nowhere else. The site's server signs with its text, prefix and all.
    pub secret: String,
}

/// `POST /api/campaigns`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCampaign {
    pub name: String,
    /// `webchat`.
    pub channel: String,
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    #[serde(default)]
    pub appearance: Appearance,
}

/// `PATCH /api/campaigns/{id}`: absent members stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub allowed_origins: Option<Vec<String>>,
    #[serde(default)]
    pub appearance: Option<Appearance>,
    /// Needs an identity secret.
    #[serde(default)]
    pub identity_required: Option<bool>,
}

/// `POST /api/campaigns/{id}/key/rotate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyRotation {
    /// How long the old key still works, 0 to 2,592,000 (30 days).
    pub overlap_seconds: u32,
}

/// `POST /api/origins/check`: would a page at this address be allowed?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OriginCheck {
    pub allowed_origins: Vec<String>,
    /// An origin or any address on the site.
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OriginVerdict {
    pub allowed: bool,
    /// The origin as it is compared, if the address has one.
    pub origin: Option<String>,
    /// Why, in a sentence.
    pub reason: String,
}
