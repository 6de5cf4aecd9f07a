//! What the screen shows. One plain value, one list of rows; the session writes, the panel reads.

use leptos::prelude::*;
use protocol::client::Link;
use protocol::message::{MAX_TEXT_BYTES, Side};

use crate::text::{Words, words};

/// Everything on the screen but the rows of the thread.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent things that are or are not on the screen")]
pub(crate) struct View {
    pub(crate) words: &'static Words,
    /// The reader's language tag: how dates are written.
    pub(crate) language: String,
    pub(crate) title: String,
    pub(crate) welcome: String,
    pub(crate) is_open: bool,
    pub(crate) link: Link,
    /// A connection was there before, so its absence is worth a word.
    pub(crate) was_live: bool,
    pub(crate) is_offline: bool,
    pub(crate) has_given_up: bool,
    pub(crate) is_loading: bool,
    pub(crate) has_history_failed: bool,
    pub(crate) has_agents: bool,
    pub(crate) faces: Vec<String>,
    /// Who types at the moment.
    pub(crate) typing: Option<String>,
    pub(crate) is_muted: bool,
    pub(crate) shows_emoji: bool,
    pub(crate) draft: String,
    /// Messages that came in below what is being read.
    pub(crate) below: u32,
    pub(crate) is_scrolled_up: bool,
    /// The last message of an agent, for screen readers.
    pub(crate) announcement: String,
}

/// Looks of a row that change while it stays where it is.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct Look {
    /// The name of the day this row begins; empty otherwise.
    pub(crate) day: String,
    pub(crate) starts_group: bool,
    pub(crate) ends_group: bool,
    /// What is said under a message of the visitor's; empty for most.
    pub(crate) progress: &'static str,
    pub(crate) has_failed: bool,
}

/// One row of the thread. Its key stays the same from the first press of Enter on.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) key: [u8; 16],
    pub(crate) side: Side,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) at_ms: f64,
    pub(crate) time: String,
    pub(crate) look: Look,
}

#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) view: RwSignal<View>,
    pub(crate) rows: RwSignal<Vec<Row>>,
}

/// Whether there is something to send, and whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DraftState {
    Empty,
    Ready,
    /// So many characters still fit, at least.
    NearLimit(usize),
    TooLong,
}

/// From here on the limit is mentioned.
const NEAR_LIMIT_BYTES: usize = 1024;

pub(crate) fn draft_state(text: &str) -> DraftState {
    if text.trim().is_empty() {
        return DraftState::Empty;
    }
    match MAX_TEXT_BYTES.checked_sub(text.trim().len()) {
        None => DraftState::TooLong,
        // A character takes up to four bytes, so this many are sure to fit.
        Some(left) if left < NEAR_LIMIT_BYTES => DraftState::NearLimit(left / 4),
        Some(_) => DraftState::Ready,
    }
}

impl View {
    pub(crate) fn team(&self) -> String {
        if self.title.is_empty() { self.words.team.into() } else { self.title.clone() }
    }

    pub(crate) fn greeting(&self) -> String {
        if self.welcome.is_empty() { self.words.welcome.into() } else { self.welcome.clone() }
    }

    /// The one line above the thread when something is wrong with the connection; empty otherwise.
    pub(crate) fn notice(&self) -> &'static str {
        if self.has_given_up {
            self.words.gave_up
        } else if self.is_offline {
            self.words.offline
        } else if self.was_live && self.link != Link::Live && self.link != Link::Off {
            self.words.reconnecting
        } else if self.has_history_failed {
            self.words.history_failed
        } else {
            ""
        }
    }

    pub(crate) fn limit_notice(&self) -> String {
        match draft_state(&self.draft) {
            DraftState::Empty | DraftState::Ready => String::new(),
            DraftState::NearLimit(left) => {
                [left.to_string().as_str(), " ", self.words.characters_left].concat()
            }
            DraftState::TooLong => self.words.too_long.into(),
        }
    }

    pub(crate) fn can_send(&self) -> bool {
        matches!(draft_state(&self.draft), DraftState::Ready | DraftState::NearLimit(_))
    }

    /// "Anna is typing".
    pub(crate) fn typing_words(&self) -> String {
        let Some(name) = &self.typing else { return String::new() };
        let name = if name.is_empty() { self.team() } else { name.clone() };
        [name.as_str(), " ", self.words.is_typing].concat()
    }

    pub(crate) fn pill(&self) -> String {
        if self.below == 0 { self.words.latest.into() } else { self.words.new_messages(self.below) }
    }
}

impl State {
    pub(crate) fn new() -> Self {
        let view = View {
            words: words(""),
            language: "en".into(),
            title: String::new(),
            welcome: String::new(),
            is_open: false,
            link: Link::Off,
            was_live: false,
            is_offline: false,
            has_given_up: false,
            is_loading: false,
            has_history_failed: false,
            has_agents: false,
            faces: Vec::new(),
            typing: None,
            is_muted: false,
            shows_emoji: false,
            draft: String::new(),
            below: 0,
            is_scrolled_up: false,
            announcement: String::new(),
        };
        Self { view: RwSignal::new(view), rows: RwSignal::new(Vec::new()) }
    }

    /// Reads without following.
    pub(crate) fn view_now<R>(self, of: impl FnOnce(&View) -> R) -> R {
        self.view.with_untracked(of)
    }

    pub(crate) fn change(self, change: impl FnOnce(&mut View)) {
        self.view.update(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_draft_cannot_be_sent_and_the_limit_is_said_before_it_bites() {
        assert_eq!(draft_state(" \n"), DraftState::Empty);
        assert_eq!(draft_state("a"), DraftState::Ready);
        assert_eq!(draft_state(&"a".repeat(MAX_TEXT_BYTES - 400)), DraftState::NearLimit(100));
        assert_eq!(draft_state(&"a".repeat(MAX_TEXT_BYTES)), DraftState::NearLimit(0));
        assert_eq!(draft_state(&"ä".repeat(MAX_TEXT_BYTES / 2 + 1)), DraftState::TooLong);
        assert_eq!(draft_state(&(" ".repeat(99) + &"a".repeat(MAX_TEXT_BYTES))), DraftState::NearLimit(0));
    }

    #[test]
    fn nothing_is_said_of_the_connection_until_one_was_there() {
        let state = State::new();
        let notice = |change: fn(&mut View)| {
            state.change(change);
            state.view.with_untracked(View::notice)
        };

        assert_eq!(notice(|v| v.link = Link::Connecting), "");
        assert_eq!(notice(|v| (v.link, v.was_live) = (Link::Live, true)), "");
        assert_eq!(notice(|v| v.link = Link::Waiting), words("").reconnecting);
        assert_eq!(notice(|v| v.is_offline = true), words("").offline);
        assert_eq!(notice(|v| v.has_given_up = true), words("").gave_up);
    }
}
