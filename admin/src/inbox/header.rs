//! Above the thread: who it is, where they wrote, and what can be done with the conversation.

use leptos::prelude::*;
use protocol::api::ConversationRow;
use protocol::ids::ConversationId;

use super::assign_menu::AssignMenu;
use super::page::DetailsShown;
use super::state::Inbox;
use super::status_menu::{ResolveButton, StatusMenu};
use crate::ui::avatar::Avatar;
use crate::ui::icon::{Glyph, Icon};
use crate::words;

#[component]
pub(super) fn Header(id: ConversationId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let shown = expect_context::<DetailsShown>().0;
    // The list usually knows the row before the details arrive: no flicker when opening.
    let row = Memo::new(move |_| {
        let opened = inbox
            .open
            .with(|open| open.as_ref().filter(|open| open.row.id == id).map(|open| open.row.clone()));
        opened.or_else(|| inbox.roster.with(|roster| roster.find(id).cloned()))
    });
    let of = move |read: fn(&ConversationRow) -> String| {
        Memo::new(move |_| row.with(|r| r.as_ref().map(read).unwrap_or_default()))
    };
    let name = of(|row| row.contact.name.clone());
    let campaign = of(|row| row.campaign.name.clone());
    let is_online = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.contact.is_online)));
    let presence = Signal::derive(move || is_online.get().then_some("online"));
    let details_label = move || if shown.get() { words::hide_details() } else { words::show_details() };
    view! {
        <header class="thread-head">
            <a class="icon-button thread-back" href=move || inbox.path_of(None) aria-label=words::back_to_list()>
                <Glyph icon=Icon::ChevronLeft />
            </a>
            <Avatar name=name presence=presence />
            <div class="thread-who">
                <h1 class="thread-name">{name}</h1>
                <p class="thread-where">
                    <span>{campaign}</span>
                    <span class="thread-presence" data-state=move || if is_online.get() { "online" } else { "offline" }>
                        {move || if is_online.get() { words::on_the_site() } else { words::not_on_the_site() }}
                    </span>
                </p>
            </div>
            <div class="thread-acts">
                <AssignMenu id=id row=row />
                <StatusMenu id=id row=row />
                <ResolveButton id=id row=row />
                <button
                    type="button"
                    class="icon-button"
                    aria-pressed=move || shown.get().to_string()
                    aria-label=details_label
                    title=details_label
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    <Glyph icon=Icon::Panel />
                </button>
            </div>
        </header>
    }
}
