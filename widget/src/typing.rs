//! Typing both ways: saying that the visitor types, not too often; believing that an agent does, not too long.

use protocol::client::Input;
use protocol::frame::{SayTyping, Typing};
use protocol::message::Side;

use crate::boot;
use crate::browser::{after, now_ms};
use crate::session::Session;

/// It is said again at most this often.
const AGAIN_MS: f64 = 3_000.0;
const IDLE_MS: i32 = 4_000;
/// The other side's typing is believed for this long.
const SHOWN_MS: i32 = 6_000;

/// When what was said, and which timers still count.
#[derive(Default)]
pub(crate) struct TypingTimes {
    /// Zero while nothing is being said.
    pub(crate) said_at: f64,
    number: u32,
    shown_number: u32,
}

impl Session {
    /// The draft changed under the visitor's hands.
    pub(crate) fn typed(self, draft: String) {
        let is_empty = draft.is_empty();
        self.with(|core| {
            if core.has_acted {
                core.device.keep("draft", &draft);
            }
        });
        self.state.change(|view| view.draft = draft);
        if is_empty {
            self.say_typing(false);
            return;
        }
        let number = self.with(|core| {
            core.typing.number += 1;
            core.typing.number
        });
        let is_due = self.with(|core| now_ms() - core.typing.said_at >= AGAIN_MS).unwrap_or_default();
        if is_due {
            self.say_typing(true);
        }
        after(
            IDLE_MS,
            Box::new(move || {
                if self.with(|core| core.typing.number) == number {
                    self.say_typing(false);
                }
            }),
        );
    }

    fn say_typing(self, is_on: bool) {
        let conv = self.with(|core| {
            let was_on = core.typing.said_at > 0.0;
            core.typing.said_at = if is_on { now_ms() } else { 0.0 };
            core.conversation.filter(|_| is_on || was_on)
        });
        if let Some(conv) = conv.flatten() {
            self.give(Input::Typing(SayTyping { conv, on: is_on }));
        }
    }

    pub(crate) fn show_typing(self, typing: &Typing) {
        if typing.who.side != Side::Agent {
            return;
        }
        let name = typing.who.name.clone().unwrap_or_default();
        boot::emit(self, "typing", &[("on", typing.on.into()), ("author", name.clone().into())]);
        self.state.change(|view| view.typing = typing.on.then_some(name));
        let number = self.with(|core| {
            core.typing.shown_number += 1;
            core.typing.shown_number
        });
        after(
            SHOWN_MS,
            Box::new(move || {
                if self.with(|core| core.typing.shown_number) == number {
                    self.state.change(|view| view.typing = None);
                }
            }),
        );
    }
}
