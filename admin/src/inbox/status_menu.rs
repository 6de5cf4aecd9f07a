//! The state of the conversation: a menu of all of them, and the one primary button.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::api::{ConversationChange, ConversationRow};
use protocol::event::Status;
use protocol::ids::ConversationId;

use super::state::Inbox;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::Menu;
use crate::ui::time;
use crate::words;

impl Inbox {
    /// Sets the status, and offers to take it back where the conversation would be out of sight.
    pub(crate) fn set_status(self, id: ConversationId, status: Status, until: Option<String>) {
        let before = self
            .open
            .with_untracked(|open| open.as_ref().filter(|open| open.row.id == id).map(|o| o.row.status));
        let change = ConversationChange { status: Some(status), snoozed_until: until, assignee: None };
        let undo = Arc::new(move || {
            let back = before.filter(|before| *before != Status::Snoozed).unwrap_or(Status::Open);
            let change = ConversationChange { status: Some(back), ..ConversationChange::default() };
            self.change(id, change, |_| ());
        });
        let done = move |row: ConversationRow| match row.status {
            Status::Resolved | Status::Snoozed | Status::Pending => {
                self.toasts.say_with_undo(words::status_done(row.status, &row.contact.name), undo);
            }
            Status::Open => self.toasts.announce(words::status_done(row.status, &row.contact.name)),
        };
        self.change(id, change, done);
    }

    /// Resolves the open conversation, or opens it again.
    pub(crate) fn toggle_resolved(self) {
        let open = self.open.with_untracked(|open| open.as_ref().map(|open| (open.row.id, open.row.status)));
        if let Some((id, status)) = open {
            let next = if status == Status::Resolved { Status::Open } else { Status::Resolved };
            self.set_status(id, next, None);
        }
    }
}

#[component]
pub(super) fn ResolveButton(id: ConversationId, row: Memo<Option<ConversationRow>>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let is_resolved =
        Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.status == Status::Resolved)));
    let click = move |_| {
        let next = if is_resolved.get_untracked() { Status::Open } else { Status::Resolved };
        inbox.set_status(id, next, None);
    };
    // On phones the words are not shown, and the button needs its name all the same.
    let label = move || if is_resolved.get() { words::reopen() } else { words::resolve() };
    view! {
        <button type="button" class="button" data-kind="primary" aria-label=label title=label disabled=move || row.with(Option::is_none) on:click=click>
            {move || view! { <Glyph icon=if is_resolved.get() { Icon::Reopen } else { Icon::Check } /> }}
            <span class="act-words">{label}</span>
        </button>
    }
}

/// How long to snooze, in the order people think of it.
fn snoozes() -> [(&'static str, fn() -> String); 4] {
    [
        (words::snooze_hour(), || time::after_hours(1)),
        (words::snooze_afternoon(), || time::after_hours(4)),
        (words::snooze_tomorrow(), || time::local_nine_o_clock(1)),
        (words::snooze_monday(), || time::local_nine_o_clock(time::days_to_monday())),
    ]
}

#[component]
pub(super) fn StatusMenu(id: ConversationId, row: Memo<Option<ConversationRow>>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let is_open = RwSignal::new(false);
    let status = Memo::new(move |_| row.with(|row| row.as_ref().map_or(Status::Open, |row| row.status)));
    let until = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.snoozed_until.clone())));
    let label = move || words::status_is(status.get());
    let face = move || {
        let words = match until.get().as_deref().and_then(time::parse) {
            Some(at_ms) if status.get() == Status::Snoozed => {
                words::snoozed_until(&time::day_and_time(at_ms))
            }
            _ => words::status(status.get()).to_owned(),
        };
        view! {
            <span class="status-dot" data-status=status.get().word()></span>
            <span class="act-words">{words}</span>
            <Glyph icon=Icon::ChevronDown />
        }
    };
    let item = move |of: Status| {
        view! {
            <button
                type="button"
                role="menuitemradio"
                class="menu-item"
                aria-checked=move || (status.get() == of).to_string()
                on:click=move |_| inbox.set_status(id, of, None)
            >
                <span class="status-dot" data-status=of.word()></span>
                <span>{words::status(of)}</span>
            </button>
        }
    };
    view! {
        <Menu is_open=is_open label=Signal::derive(label) face=move || face>
            {item(Status::Open)}
            {item(Status::Pending)}
            {item(Status::Resolved)}
            <p class="menu-title" role="none">{words::snooze()}</p>
            {snoozes().map(|(name, until)| view! {
                <button type="button" role="menuitem" class="menu-item" on:click=move |_| inbox.set_status(id, Status::Snoozed, Some(until()))>
                    <Glyph icon=Icon::Moon />
                    <span>{name}</span>
                </button>
            })}
        </Menu>
    }
}
