//! What somebody began to write, kept on this device per conversation.

use protocol::ids::ConversationId;
use serde::{Deserialize, Serialize};

use super::composer::Mode;
use crate::ui::browser;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) mode: Mode,
}

fn key(conversation: ConversationId) -> String {
    format!("roost.draft.{conversation}")
}

pub(super) fn find(conversation: ConversationId) -> Option<Draft> {
    browser::find_kept(&key(conversation))
}

/// Keeps a draft; one without words is forgotten.
pub(super) fn keep(conversation: ConversationId, draft: &Draft) {
    if draft.text.trim().is_empty() {
        browser::forget(&key(conversation));
    } else {
        browser::keep(&key(conversation), draft);
    }
}
