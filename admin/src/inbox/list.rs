//! The list of conversations: filters above, rows below, news behind a pill while somebody points at it.

use leptos::html;
use leptos::prelude::*;
use protocol::event::Status;

use super::filters::{Filters, Search};
use super::roster::Movement;
use super::row::Row;
use super::state::{Inbox, Load};
use crate::place::View;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Empty, Skeleton, Trouble};
use crate::words;

/// How near the end of the list the next page is fetched, in pixels.
const NEAR_END: i32 = 600;

#[component]
pub(super) fn List() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let scroll = NodeRef::<html::Div>::new();
    let is_pointed_at = RwSignal::new(false);
    let settle = move || {
        let is_scrolled = scroll.get_untracked().is_some_and(|scroll| scroll.scroll_top() > 8);
        let was_held = inbox.movement.get_untracked() == Movement::Held;
        if is_pointed_at.get_untracked() || is_scrolled {
            inbox.movement.set(Movement::Held);
        } else {
            inbox.movement.set(Movement::Free);
            inbox.roster.update(super::roster::Roster::admit);
            if was_held {
                inbox.trim_list();
            }
        }
    };
    let scrolled = move |_| {
        settle();
        if let Some(scroll) = scroll.get_untracked()
            && scroll.scroll_height() - scroll.scroll_top() - scroll.client_height() < NEAR_END
        {
            inbox.load_more();
        }
    };
    let point = move |is_here: bool| {
        is_pointed_at.set(is_here);
        settle();
    };
    view! {
        <section class="list" aria-label=words::conversations()>
            <header class="list-head">
                <h1 class="list-title">{words::inbox()}</h1>
                <Search />
            </header>
            <Filters />
            <div class="list-frame">
                <ArrivalPill scroll=scroll />
                <div
                    class="list-scroll"
                    node_ref=scroll
                    on:scroll=scrolled
                    on:pointerenter=move |_| point(true)
                    on:pointerleave=move |_| point(false)
                >
                    <Rows />
                </div>
            </div>
        </section>
    }
}

#[component]
fn ArrivalPill(scroll: NodeRef<html::Div>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let count = Memo::new(move |_| inbox.roster.with(super::roster::Roster::arrival_count));
    let admit = move |_| {
        inbox.roster.update(super::roster::Roster::admit);
        if let Some(scroll) = scroll.get_untracked() {
            scroll.set_scroll_top(0);
        }
    };
    view! {
        <Show when=move || count.with(|count| *count > 0)>
            <button type="button" class="pill" data-place="top" on:click=admit>
                {move || words::count_new(count.get())}
            </button>
        </Show>
    }
}

#[component]
fn Rows() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let is_empty = Memo::new(move |_| inbox.roster.with(|roster| roster.rows.is_empty()));
    let ids = Memo::new(move |_| {
        inbox.roster.with(|roster| roster.rows.iter().map(|row| row.id).collect::<Vec<_>>())
    });
    move || match (inbox.list_load.get(), is_empty.get()) {
        (Load::Loading, _) => view! { <Skeleton rows=8 /> }.into_any(),
        // All that was loaded is worked off, and the next page is on its way.
        (Load::Ready, true) if inbox.is_loading_more.get() => view! { <Skeleton rows=8 /> }.into_any(),
        (Load::Failed(why), true) => {
            let retry = move |()| inbox.load_list();
            view! { <Trouble title=words::list_failed() text=why retry=retry /> }.into_any()
        }
        (Load::Ready, true) => view! { <NoRows /> }.into_any(),
        (Load::Ready | Load::Failed(_), false) => view! {
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id children=move |id| view! { <Row id=id /> } />
            </ul>
            <Show when=move || inbox.is_loading_more.get()>
                <Skeleton rows=2 />
            </Show>
        }
        .into_any(),
    }
}

/// Why the list is empty, in words that fit what was asked for.
#[component]
fn NoRows() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let filter = inbox.filter.get();
    let workspace = inbox.workspace();
    let is_admin = inbox.seat.is_admin();
    if !filter.query.is_empty() {
        return view! { <Empty icon=Icon::Search title=words::nothing_found() text=words::nothing_found_hint(&filter.query) /> }
            .into_any();
    }
    let has_none_at_all = inbox.counts.get().is_some_and(|counts| {
        let all = counts.all;
        all.open + all.pending + all.snoozed + all.resolved == 0
    });
    if has_none_at_all {
        let action = is_admin.then(|| {
            view! {
                <a class="button" data-kind="primary" href=crate::place::Place::Campaigns.path(workspace)>
                    <Glyph icon=Icon::Campaigns />
                    {words::open_campaigns()}
                </a>
            }
        });
        return view! {
            <Empty icon=Icon::Bird title=words::no_conversations_yet() text=words::no_conversations_yet_hint()>
                {action}
            </Empty>
        }
        .into_any();
    }
    let title = match (filter.view, filter.status) {
        (View::Mine, Status::Open) => words::none_mine(),
        (View::Unassigned, Status::Open) => words::none_unassigned(),
        (View::All, Status::Open) => words::none_open(),
        (_, Status::Pending) => words::none_pending(),
        (_, Status::Snoozed) => words::none_snoozed(),
        (_, Status::Resolved) => words::none_resolved(),
    };
    view! { <Empty icon=Icon::Check title=title text=words::none_hint() /> }.into_any()
}
