//! Where answers and notes are written. The mode changes colour, words and button, so that no note is sent by mistake.

use leptos::html;
use leptos::prelude::*;
use protocol::client::Input;
use protocol::frame::SayTyping;
use protocol::ids::ConversationId;
use protocol::message::MAX_TEXT_BYTES;
use serde::{Deserialize, Serialize};
use web_sys::KeyboardEvent;

use super::drafts::{self, Draft};
use super::state::{Ask, Inbox};
use crate::settings::preferences::{Preferences, SendKey};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::Menu;
use crate::ui::time;
use crate::words;

/// Typing is told again after this time, well before it expires on the other side.
const TYPING_AGAIN_MS: i64 = 3_000;
/// The limit is spoken of only when it comes near.
const NEAR_LIMIT_BYTES: usize = 1_024;
const EMOJI: [&str; 24] = [
    "😀", "😄", "😅", "😂", "🙂", "😉", "😊", "😍", "🤔", "😐", "😕", "😢", "😮", "😎", "🙏", "👍", "👎",
    "👋", "👏", "💪", "🎉", "❤️", "✅", "🔥",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    Reply,
    Note,
}

/// What a key press in the field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyMeaning {
    Send,
    Leave,
    Text,
}

fn meaning(key: &str, send_key: SendKey, has_shift: bool, has_control: bool) -> KeyMeaning {
    match key {
        "Escape" => KeyMeaning::Leave,
        "Enter" if has_control => KeyMeaning::Send,
        "Enter" if !has_shift && send_key == SendKey::Enter => KeyMeaning::Send,
        _ => KeyMeaning::Text,
    }
}

/// Bytes left, negative when the text is too long.
fn room(text: &str) -> i64 {
    i64::try_from(MAX_TEXT_BYTES).unwrap_or(i64::MAX) - i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// One composer for one conversation.
#[derive(Clone, Copy)]
struct Desk {
    inbox: Inbox,
    conversation: ConversationId,
    text: RwSignal<String>,
    mode: RwSignal<Mode>,
    field: NodeRef<html::Textarea>,
    told_typing_at: StoredValue<i64>,
}

impl Desk {
    fn set_text(self, text: String) {
        self.text.set(text);
        self.keep();
        self.tell_typing();
    }

    fn set_mode(self, mode: Mode) {
        self.mode.set(mode);
        self.keep();
        if mode == Mode::Note {
            self.stop_typing();
        }
        self.focus();
    }

    fn focus(self) {
        if let Some(field) = self.field.get_untracked() {
            field.focus().ok();
        }
    }

    fn keep(self) {
        drafts::keep(
            self.conversation,
            &Draft { text: self.text.get_untracked(), mode: self.mode.get_untracked() },
        );
    }

    fn tell_typing(self) {
        let now = time::now_ms();
        let has_text = self.text.with_untracked(|text| !text.trim().is_empty());
        if !has_text || self.mode.get_untracked() == Mode::Note {
            self.stop_typing();
        } else if now - self.told_typing_at.get_value() > TYPING_AGAIN_MS {
            self.told_typing_at.set_value(now);
            self.inbox.live.give(Input::Typing(SayTyping { conv: self.conversation, on: true }));
        }
    }

    fn stop_typing(self) {
        if self.told_typing_at.get_value() != 0 {
            self.told_typing_at.set_value(0);
            self.inbox.live.give(Input::Typing(SayTyping { conv: self.conversation, on: false }));
        }
    }

    fn can_send(self) -> bool {
        self.text.with(|text| !text.trim().is_empty() && room(text.trim()) >= 0)
    }

    fn send(self) {
        if untrack(move || self.can_send()) {
            let text = self.text.get_untracked().trim().to_owned();
            let is_note = self.mode.get_untracked() == Mode::Note;
            self.text.set(String::new());
            self.keep();
            self.told_typing_at.set_value(0);
            self.inbox.live.say(self.conversation, text, is_note);
            self.focus();
        }
    }

    fn insert(self, piece: &str) {
        let at = self.field.get_untracked().and_then(|field| field.selection_start().ok().flatten());
        let mut units: Vec<u16> = self.text.get_untracked().encode_utf16().collect();
        let at = at.and_then(|at| usize::try_from(at).ok()).map_or(units.len(), |at| at.min(units.len()));
        units.splice(at..at, piece.encode_utf16());
        self.set_text(String::from_utf16_lossy(&units));
        self.focus();
    }
}

#[component]
pub(super) fn Composer(conversation: ConversationId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let preferences = expect_context::<Preferences>();
    let draft = drafts::find(conversation).unwrap_or(Draft { text: String::new(), mode: Mode::Reply });
    let desk = Desk {
        inbox,
        conversation,
        text: RwSignal::new(draft.text),
        mode: RwSignal::new(draft.mode),
        field: NodeRef::new(),
        told_typing_at: StoredValue::new(0),
    };
    Effect::new(move |_| {
        if let Some(Ask::Compose(mode)) = inbox.ask.get() {
            inbox.ask.set(None);
            desk.set_mode(mode);
        }
    });
    let key = move |event: KeyboardEvent| {
        // Enter that picks a word from an input method must not send.
        if event.is_composing() {
            return;
        }
        let send_key = preferences.choices.with_untracked(|choices| choices.send_key);
        match meaning(&event.key(), send_key, event.shift_key(), event.ctrl_key() || event.meta_key()) {
            KeyMeaning::Send => {
                event.prevent_default();
                desk.send();
            }
            KeyMeaning::Leave => {
                if let Some(field) = desk.field.get_untracked() {
                    field.blur().ok();
                }
            }
            KeyMeaning::Text => {}
        }
    };
    let is_note = move || desk.mode.get() == Mode::Note;
    let placeholder = move || if is_note() { words::write_note() } else { words::write_reply() };
    view! {
        <form class="composer" data-mode=move || if is_note() { "note" } else { "reply" } on:submit=move |event| {
            event.prevent_default();
            desk.send();
        }>
            <Modes desk=desk />
            <div class="grow" data-text=move || desk.text.get()>
                <textarea
                    class="composer-field"
                    rows="1"
                    node_ref=desk.field
                    aria-label=placeholder
                    placeholder=placeholder
                    prop:value=desk.text
                    on:input=move |event| desk.set_text(event_target_value(&event))
                    on:keydown=key
                    on:blur=move |_| desk.stop_typing()
                ></textarea>
            </div>
            <Foot desk=desk />
        </form>
    }
}

#[component]
fn Modes(desk: Desk) -> impl IntoView {
    let button = move |mode: Mode, name: &'static str, icon: Option<Icon>| {
        view! {
            <button
                type="button"
                class="composer-mode"
                aria-pressed=move || (desk.mode.get() == mode).to_string()
                on:click=move |_| desk.set_mode(mode)
            >
                {icon.map(|icon| view! { <Glyph icon=icon /> })}
                {name}
            </button>
        }
    };
    view! {
        <div class="composer-modes" role="group" aria-label=words::composer_mode()>
            {button(Mode::Reply, words::reply(), None)}
            {button(Mode::Note, words::note(), Some(Icon::Lock))}
        </div>
    }
}

#[component]
fn Foot(desk: Desk) -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let is_emoji_open = RwSignal::new(false);
    let hint = move || match preferences.choices.with(|choices| choices.send_key) {
        SendKey::Enter => words::enter_hint(),
        SendKey::ControlEnter => words::control_enter_hint(),
    };
    let left = Memo::new(move |_| desk.text.with(|text| room(text.trim())));
    let is_near = move || left.get() < i64::try_from(NEAR_LIMIT_BYTES).unwrap_or_default();
    let send_words = move || if desk.mode.get() == Mode::Note { words::add_note() } else { words::send() };
    view! {
        <div class="composer-foot">
            <Menu is_open=is_emoji_open label=words::emoji() class="icon-button" face=|| view! { <Glyph icon=Icon::Smile /> }>
                <div class="emoji-grid" role="none">
                    {EMOJI.map(|emoji| view! {
                        <button type="button" class="emoji" role="menuitem" on:click=move |_| desk.insert(emoji)>
                            {emoji}
                        </button>
                    })}
                </div>
            </Menu>
            <span class="composer-hint" aria-hidden="true">{hint}</span>
            <span class="composer-limit" role="status" data-state=move || (left.get() < 0).then_some("over")>
                {move || is_near().then(|| words::bytes_left(left.get()))}
            </span>
            <button type="submit" class="button composer-send" data-kind="primary" disabled=move || !desk.can_send()>
                {send_words}
                <Glyph icon=Icon::Send />
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_sends_or_breaks_the_line_as_chosen() {
        for (send_key, has_shift, has_control, expected) in [
            (SendKey::Enter, false, false, KeyMeaning::Send),
            (SendKey::Enter, true, false, KeyMeaning::Text),
            (SendKey::Enter, false, true, KeyMeaning::Send),
            (SendKey::ControlEnter, false, false, KeyMeaning::Text),
            (SendKey::ControlEnter, false, true, KeyMeaning::Send),
        ] {
            assert_eq!(meaning("Enter", send_key, has_shift, has_control), expected);
        }
        assert_eq!(meaning("a", SendKey::Enter, false, true), KeyMeaning::Text);
        assert_eq!(meaning("Escape", SendKey::Enter, false, false), KeyMeaning::Leave);
    }

    #[test]
    fn the_limit_counts_bytes_not_letters() {
        assert_eq!(room(&"a".repeat(MAX_TEXT_BYTES)), 0);
        assert_eq!(room(&"ä".repeat(MAX_TEXT_BYTES / 2 + 1)), -2);
    }
}
