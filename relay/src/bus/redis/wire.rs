//! Hints as they travel between nodes, and the channels they travel on. Ids and numbers only: nothing in Redis is worth reading,
//! and nothing that is forged there does more than make nodes look into the store and clients come back.

use protocol::frame::Presence;
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::{Actor, Side};
use serde::{Deserialize, Serialize};

use crate::bus::{Hint, Topic};
use crate::crypto::digest_text;

/// What channels are called.
pub(super) struct Names {
    prefix: String,
    node: String,
}

impl Names {
    pub(super) fn new(installation: &str, node: &str) -> Self {
        Self { prefix: format!("roost:{installation}:"), node: node.to_owned() }
    }

    /// What every node hears.
    pub(super) fn everybody(&self) -> String {
        format!("{}all", self.prefix)
    }

    /// What only this node hears.
    pub(super) fn probe(&self) -> String {
        format!("{}probe:{}", self.prefix, self.node)
    }

    pub(super) fn topic(&self, topic: Topic) -> String {
        let (kind, id) = match topic {
            Topic::Conversation(id) => ("conversation", id.text()),
            Topic::Feed(id) => ("feed", id.text()),
            Topic::Contact(id) => ("contact", id.text()),
        };
        format!("{}{kind}:{id}", self.prefix)
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    node: String,
    hint: Wire,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Wire {
    Moved {
        conversation: ConversationId,
        division: DivisionId,
        seq: u64,
        feed_seq: u64,
    },
    Begun {
        contact: ContactId,
        conversation: ConversationId,
    },
    Typing {
        conversation: ConversationId,
        division: DivisionId,
        on: bool,
        side: Side,
        id: Option<String>,
    },
    People,
    Contact {
        workspace: WorkspaceId,
        division: DivisionId,
        contact: ContactId,
        state: Presence,
    },
    Campaign {
        campaign: CampaignId,
    },
    Person {
        person: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        but: Option<Digest>,
    },
    Session {
        session: Digest,
    },
}

#[derive(Serialize, Deserialize)]
struct Digest(#[serde(with = "digest_text")] [u8; 32]);

/// Where a hint goes; `None` for those that concern this node only.
pub(super) fn channels(names: &Names, hint: &Hint) -> Option<Vec<String>> {
    let both = |conversation, division| {
        Some(vec![names.topic(Topic::Conversation(conversation)), names.topic(Topic::Feed(division))])
    };
    match hint {
        Hint::Moved { conversation, division, .. } | Hint::Typing { conversation, division, .. } => {
            both(*conversation, *division)
        }
        Hint::Begun { contact, .. } => Some(vec![names.topic(Topic::Contact(*contact))]),
        Hint::ContactPresence { division, .. } => Some(vec![names.topic(Topic::Feed(*division))]),
        Hint::PeopleNoted
        | Hint::CampaignChanged { .. }
        | Hint::PersonChanged { .. }
        | Hint::SessionEnded { .. } => Some(vec![names.everybody()]),
        Hint::PersonPresence { .. } | Hint::Missed { .. } => None,
    }
}

pub(super) fn write(names: &Names, hint: &Hint) -> String {
    let hint = match hint.clone() {
        Hint::Moved { conversation, division, seq, feed_seq } => {
            Wire::Moved { conversation, division, seq, feed_seq }
        }
        Hint::Begun { contact, conversation } => Wire::Begun { contact, conversation },
        Hint::Typing { conversation, division, on, who } => {
            Wire::Typing { conversation, division, on, side: who.side, id: who.id }
        }
        Hint::PeopleNoted => Wire::People,
        Hint::ContactPresence { workspace, division, contact, state } => {
            Wire::Contact { workspace, division, contact, state }
        }
        Hint::CampaignChanged { campaign } => Wire::Campaign { campaign },
        Hint::PersonChanged { person, but_session } => Wire::Person { person, but: but_session.map(Digest) },
        Hint::SessionEnded { session } => Wire::Session { session: Digest(session) },
        Hint::PersonPresence { .. } | Hint::Missed { .. } => return String::new(),
    };
    let envelope = Envelope { node: names.node.clone(), hint };
    // Plain data always encodes; a hint that did not would be lost like any other.
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// What another node said; `None` for our own words and for what is no hint.
pub(super) fn read(names: &Names, payload: &[u8]) -> Option<Hint> {
    let envelope: Envelope = serde_json::from_slice(payload).ok()?;
    if envelope.node == names.node {
        return None;
    }
    Some(match envelope.hint {
        Wire::Moved { conversation, division, seq, feed_seq } => {
            Hint::Moved { conversation, division, seq, feed_seq }
        }
        Wire::Begun { contact, conversation } => Hint::Begun { contact, conversation },
        Wire::Typing { conversation, division, on, side, id } => {
            Hint::Typing { conversation, division, on, who: Actor { side, id, name: None } }
        }
        Wire::People => Hint::PeopleNoted,
        Wire::Contact { workspace, division, contact, state } => {
            Hint::ContactPresence { workspace, division, contact, state }
        }
        Wire::Campaign { campaign } => Hint::CampaignChanged { campaign },
        Wire::Person { person, but } => {
            Hint::PersonChanged { person, but_session: but.map(|digest| digest.0) }
        }
        Wire::Session { session } => Hint::SessionEnded { session: session.0 },
    })
}
