//! Hints as they travel between nodes, and the channels they travel on. Ids and numbers only: nothing in Redis is worth reading,
//! and nothing that is forged there does more than make nodes look into the store and clients come back.

use serde::{Deserialize, Serialize};

use crate::bus::{Hint, Topic};

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

    /// What counts how often something happened.
    pub(super) fn tally(&self, name: &str) -> String {
        format!("{}tally:{name}", self.prefix)
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

/// A hint with the node that says it.
#[derive(Serialize, Deserialize)]
struct Envelope {
    node: String,
    hint: Hint,
}

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

pub(super) fn write(names: &Names, mut hint: Hint) -> String {
    if let Hint::Typing { who, .. } = &mut hint {
        who.name = None;
    }
    let envelope = Envelope { node: names.node.clone(), hint };
    // Plain data always encodes; a hint that did not would be lost like any other.
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// What another node said; `None` for our own words and for what is no hint.
pub(super) fn read(names: &Names, payload: &[u8]) -> Option<Hint> {
    let envelope: Envelope = serde_json::from_slice(payload).ok()?;
    (envelope.node != names.node).then_some(envelope.hint)
}
