//! Where in the app somebody is. The address is the state: every screen can be linked to, reloaded and gone back to.

use protocol::event::Status;
use protocol::ids::{CampaignId, ConversationId, WorkspaceId};

/// Whose conversations the list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum View {
    Mine,
    Unassigned,
    All,
}

impl View {
    pub(crate) const ALL: [Self; 3] = [Self::Mine, Self::Unassigned, Self::All];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::All => "all",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }

    /// The value of the relay's `assignee` filter.
    pub(crate) fn assignee(self) -> Option<&'static str> {
        match self {
            Self::Mine => Some("me"),
            Self::Unassigned => Some("none"),
            Self::All => None,
        }
    }
}

/// Which conversations the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) view: View,
    pub(crate) status: Status,
    /// Words to search for; empty for no search.
    pub(crate) query: String,
}

impl Default for Filter {
    fn default() -> Self {
        Self { view: View::All, status: Status::Open, query: String::new() }
    }
}

/// A screen behind the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Inbox { filter: Filter, conversation: Option<ConversationId> },
    Campaigns,
    NewCampaign,
    Campaign(CampaignId),
    People,
    Settings,
    Nowhere,
}

/// The four sections of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Inbox,
    Campaigns,
    People,
    Settings,
}

impl Place {
    pub(crate) fn inbox() -> Self {
        Self::Inbox { filter: Filter::default(), conversation: None }
    }

    /// Reads what follows the workspace in the address.
    pub(crate) fn read(rest: &str, query: Option<String>) -> Self {
        let mut parts = rest.split('/').filter(|part| !part.is_empty());
        let place = match parts.next() {
            None => Some(Self::inbox()),
            Some("inbox") => Self::read_inbox(&mut parts, query.unwrap_or_default()),
            Some("campaigns") => match parts.next() {
                None => Some(Self::Campaigns),
                Some("new") => Some(Self::NewCampaign),
                Some(id) => id.parse().ok().map(Self::Campaign),
            },
            Some("people") => Some(Self::People),
            Some("settings") => Some(Self::Settings),
            Some(_) => None,
        };
        place.filter(|_| parts.next().is_none()).unwrap_or(Self::Nowhere)
    }

    fn read_inbox<'a>(parts: &mut impl Iterator<Item = &'a str>, query: String) -> Option<Self> {
        let default = Filter::default();
        let view = parts.next().map_or(Some(default.view), View::from_word)?;
        let status = parts.next().map_or(Some(default.status), Status::from_word)?;
        let conversation = match parts.next() {
            None => None,
            Some(id) => Some(id.parse().ok()?),
        };
        Some(Self::Inbox { filter: Filter { view, status, query }, conversation })
    }

    pub(crate) fn section(&self) -> Option<Section> {
        match self {
            Self::Inbox { .. } => Some(Section::Inbox),
            Self::Campaigns | Self::NewCampaign | Self::Campaign(_) => Some(Section::Campaigns),
            Self::People => Some(Section::People),
            Self::Settings => Some(Section::Settings),
            Self::Nowhere => None,
        }
    }

    /// The address of the screen.
    pub(crate) fn path(&self, workspace: WorkspaceId) -> String {
        let rest = match self {
            Self::Inbox { filter, conversation } => {
                let mut rest = format!("inbox/{}/{}", filter.view.word(), filter.status.word());
                if let Some(conversation) = conversation {
                    rest.push('/');
                    rest.push_str(&conversation.text());
                }
                if !filter.query.is_empty() {
                    rest.push_str("?q=");
                    rest.push_str(&percent_encode(&filter.query));
                }
                rest
            }
            Self::Campaigns => "campaigns".into(),
            Self::NewCampaign => "campaigns/new".into(),
            Self::Campaign(id) => format!("campaigns/{id}"),
            Self::People => "people".into(),
            Self::Settings => "settings".into(),
            Self::Nowhere => String::new(),
        };
        format!("/workspace/{workspace}/{rest}")
    }
}

/// Text as a value in a query string.
pub(crate) fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f0c1-7a2b-7c3d-8e4f-0123456789ab";

    #[test]
    fn every_place_is_read_back_from_its_address() {
        let workspace: WorkspaceId = ID.parse().unwrap();
        let filter = Filter { view: View::Mine, status: Status::Snoozed, query: String::new() };
        let places = [
            Place::inbox(),
            Place::Inbox { filter: filter.clone(), conversation: None },
            Place::Inbox { filter, conversation: Some(ID.parse().unwrap()) },
            Place::Campaigns,
            Place::NewCampaign,
            Place::Campaign(ID.parse().unwrap()),
            Place::People,
            Place::Settings,
        ];

        for place in places {
            let path = place.path(workspace);
            let rest = path.strip_prefix(&format!("/workspace/{ID}")).unwrap();
            assert_eq!(Place::read(rest, None), place, "{path}");
        }
    }

    #[test]
    fn an_unknown_address_is_nowhere_and_an_empty_one_is_the_inbox() {
        for rest in [
            "x",
            "inbox/ours",
            "inbox/all/closed",
            "inbox/all/open/1",
            "people/1",
            "campaigns/x",
            "settings/a/b",
        ] {
            assert_eq!(Place::read(rest, None), Place::Nowhere, "{rest}");
        }
        assert_eq!(Place::read("", None), Place::inbox());
    }

    #[test]
    fn a_search_is_part_of_the_address() {
        let filter = Filter { query: "a&b ü".into(), ..Filter::default() };
        let path = Place::Inbox { filter, conversation: None }.path(ID.parse().unwrap());
        assert!(path.ends_with("/inbox/all/open?q=a%26b%20%C3%BC"), "{path}");
    }
}
