//! One row of the list.

use leptos::prelude::*;
use protocol::api::ConversationRow;
use protocol::event::Status;
use protocol::ids::{ConversationId, PersonId};

use super::state::Inbox;
use crate::ui::avatar::Avatar;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::time::{Time, Wording};
use crate::words;

/// The last words on one line. Ours say whose they are, colleagues by their first name.
fn preview(row: &ConversationRow, me: PersonId) -> String {
    let Some(message) = &row.last_message else { return words::no_messages_yet().into() };
    let text = message.text.replace('\n', " ");
    match &message.author {
        Some(author) if author.id == me => words::you_said(&text),
        Some(author) => {
            let first_name = author.name.split_whitespace().next().unwrap_or_default();
            format!("{}{text}", words::says(first_name))
        }
        None => text,
    }
}

fn activity(row: &ConversationRow) -> String {
    row.last_message.as_ref().map_or_else(|| row.created_at.clone(), |message| message.at.clone())
}

#[component]
pub(super) fn Row(id: ConversationId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let row = Memo::new(move |_| inbox.roster.with(|roster| roster.find(id).cloned()));
    let is_selected = Memo::new(move |_| inbox.current.get() == Some(id));
    let of = move |read: fn(&ConversationRow) -> String| {
        Memo::new(move |_| row.with(|r| r.as_ref().map(read).unwrap_or_default()))
    };
    let name = of(|row| row.contact.name.clone());
    let me = inbox.me();
    let text = Memo::new(move |_| row.with(|r| r.as_ref().map(|row| preview(row, me)).unwrap_or_default()));
    let at = of(activity);
    let unread = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.unread)));
    let assignee = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.assignee.clone())));
    let presence = Signal::derive(move || {
        row.with(|row| row.as_ref().is_some_and(|row| row.contact.is_online).then_some("online"))
    });
    let status = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.status)));
    // The status is said only where the list mixes them.
    let odd_status = move || status.get().filter(|status| *status != inbox.filter.get().status);
    view! {
        <li
            class="row"
            data-selected=move || is_selected.get().then_some("true")
            data-unread=move || (unread.get() > 0).then_some("true")
        >
            <a class="row-link" href=move || inbox.path_of(Some(id)) aria-current=move || is_selected.get().then_some("true")>
                <span class="row-face">
                    <Avatar name=name presence=presence />
                    <span class="channel-mark" title=words::web_chat()>
                        <Glyph icon=Icon::Campaigns />
                    </span>
                </span>
                <span class="row-name">{name}</span>
                <Time at=at wording=Wording::Short />
                <span class="row-text">{text}</span>
                <span class="row-marks">
                    {move || odd_status().map(status_mark)}
                    {move || assignee.get().map(|assignee| view! {
                        <span class="row-assignee" title=words::assigned_to(&assignee.name)>
                            <Avatar name=assignee.name.clone() size="tiny" />
                            <span class="visually-hidden">{words::assigned_to(&assignee.name)}</span>
                        </span>
                    })}
                    {move || (unread.get() > 0).then(|| view! {
                        <span class="unread-count">
                            <span aria-hidden="true">{unread.get().min(99)}</span>
                            <span class="visually-hidden">{words::count_unread(unread.get())}</span>
                        </span>
                    })}
                </span>
            </a>
        </li>
    }
}

fn status_mark(status: Status) -> impl IntoView {
    view! {
        <span class="status-word" data-status=status.word()>
            {words::status(status)}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use protocol::api::{LastMessage, MessageAuthor};
    use protocol::message::Side;

    use super::super::samples::{ME, row};
    use super::*;

    fn said_by(side: Side, author: Option<PersonId>) -> String {
        let author = author.map(|id| MessageAuthor { id, name: "Bo Winther".into() });
        let mut row = row(1);
        row.last_message =
            Some(LastMessage { side, author, text: "two\nlines".into(), at: row.created_at.clone() });
        preview(&row, ME)
    }

    #[test]
    fn a_row_says_you_only_of_ones_own_words() {
        assert_eq!(said_by(Side::Agent, Some(ME)), "You: two lines");
        assert_eq!(said_by(Side::Agent, Some(PersonId([9; 16]))), "Bo: two lines");
        assert_eq!(said_by(Side::Contact, None), "two lines");
    }
}
