//! Conversations as agents see them.

use serde::{Deserialize, Serialize};

use crate::event::{Assignee, Event, Status};
use crate::frame::Position;
use crate::ids::{CampaignId, Cmid, ContactId, ConversationId, PersonId};
use crate::message::{Body, Side};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationRow {
    pub id: ConversationId,
    pub channel: String,
    pub campaign: CampaignSummary,
    pub contact: ContactSummary,
    pub status: Status,
    /// When a snoozed conversation wakes.
    pub snoozed_until: Option<String>,
    pub assignee: Option<Assignee>,
    /// The last thing said, notes left out.
    pub last_message: Option<LastMessage>,
    /// The contact wrote and nobody has answered since this time.
    pub waiting_since: Option<String>,
    /// Messages of the contact that no agent has read.
    pub unread: u64,
    pub position: Position,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignSummary {
    pub id: CampaignId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactSummary {
    pub id: ContactId,
    /// A name we know, or one made up for an anonymous visitor, like "Visitor 4f2a".
    pub name: String,
    pub is_online: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastMessage {
    pub side: Side,
    /// Who of us said it; none for the contact.
    pub author: Option<MessageAuthor>,
    /// At most 200 characters.
    pub text: String,
    pub at: String,
}

/// Somebody who works here, with the name they had when they said it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageAuthor {
    pub id: PersonId,
    pub name: String,
}

/// `GET /api/conversations/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    #[serde(flatten)]
    pub row: ConversationRow,
    pub contact_details: ContactDetails,
}

/// Who the contact is and where they are. Unverified, as the page and the browser say; but of a verified contact name, email, phone
/// and external id are what the site's own server signed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactDetails {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The page's own id for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// "Chrome on Windows", from the browser's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewport: Option<String>,
    /// Set by the page: attributes and tags.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub attributes: std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<String>,
}

/// `PATCH /api/conversations/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// With status `snoozed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<String>,
    /// Null takes the conversation from whoever has it.
    #[serde(default, deserialize_with = "super::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PersonId>))]
    pub assignee: Option<Option<PersonId>>,
}

/// `GET /api/conversations/counts`: how many conversations each view holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    pub mine: StatusCounts,
    pub unassigned: StatusCounts,
    pub all: StatusCounts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusCounts {
    pub open: u64,
    pub pending: u64,
    pub snoozed: u64,
    pub resolved: u64,
}

/// `POST /api/conversations/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMessage {
    pub cmid: Cmid,
    pub body: Body,
    #[serde(default)]
    pub note: bool,
}

/// A page of events in rising order, and the position a client that has them all may follow from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    pub items: Vec<Event>,
    pub next_cursor: Option<String>,
    /// Where the conversation stood when the page was read.
    pub as_of: Position,
    /// Events older than the first one given exist.
    pub has_older: bool,
}

impl crate::wire::FromTree for EventPage {
    fn from_tree<T: crate::wire::Tree>(tree: &T) -> Option<Self> {
        use crate::wire::member;
        Some(Self {
            items: member(tree, "items")?,
            next_cursor: member(tree, "next_cursor")?,
            as_of: member(tree, "as_of")?,
            has_older: member(tree, "has_older")?,
        })
    }
}
