//! Whose conversations and in which state, with how many there are; and the search field.

use gloo_timers::callback::Timeout;
use leptos::html;
use leptos::prelude::*;
use protocol::api::StatusCounts;
use protocol::event::Status;
use web_sys::KeyboardEvent;

use super::state::{Ask, Inbox};
use crate::place::{Filter, Place, View};
use crate::ui::icon::{Glyph, Icon};
use crate::words;

const SEARCH_AFTER_MS: u32 = 250;

fn of_view(counts: &protocol::api::Counts, view: View) -> StatusCounts {
    match view {
        View::Mine => counts.mine,
        View::Unassigned => counts.unassigned,
        View::All => counts.all,
    }
}

fn of_status(counts: StatusCounts, status: Status) -> u64 {
    match status {
        Status::Open => counts.open,
        Status::Pending => counts.pending,
        Status::Snoozed => counts.snoozed,
        Status::Resolved => counts.resolved,
    }
}

#[component]
pub(super) fn Filters() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let path = move |filter: Filter| Place::Inbox { filter, conversation: None }.path(inbox.workspace());
    let views = View::ALL.map(|view| {
        let is_current = Memo::new(move |_| inbox.filter.with(|filter| filter.view == view && filter.query.is_empty()));
        let href = move || path(Filter { view, status: inbox.filter.get().status, query: String::new() });
        // What waits for an answer is what the number is for, whatever state is being looked at.
        let count = move || inbox.counts.get().map(|counts| of_view(&counts, view).open);
        view! {
            <li>
                <a class="tab" href=href aria-current=move || is_current.get().then_some("true")>
                    {words::view(view)}
                    <span class="tab-count" data-ready=move || count().is_some().then_some("true")>{move || count().unwrap_or_default()}</span>
                </a>
            </li>
        }
    });
    let statuses = Status::ALL.iter().copied().map(|status| {
        let is_current = Memo::new(move |_| inbox.filter.with(|filter| filter.status == status && filter.query.is_empty()));
        let href = move || path(Filter { view: inbox.filter.get().view, status, query: String::new() });
        let count = move || {
            let view = inbox.filter.get().view;
            let count = inbox.counts.get().map_or(0, |counts| of_status(of_view(&counts, view), status));
            // A count of what is done only grows and helps nobody.
            (count > 0 && status != Status::Resolved).then_some(count)
        };
        view! {
            <li>
                <a class="chip" data-status=status.word() href=href aria-current=move || is_current.get().then_some("true")>
                    {words::status(status)}
                    <span class="chip-count">{count}</span>
                </a>
            </li>
        }
    });
    view! {
        <nav class="filters" aria-label=words::filters()>
            <ul class="tabs">{views.into_iter().collect_view()}</ul>
            <ul class="chips">{statuses.collect_view()}</ul>
        </nav>
        <CountsTrouble />
    }
}

/// Numbers that are missing or old say so.
#[component]
fn CountsTrouble() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    view! {
        <div role="status">
            {move || inbox.failures.counts.get().map(|why| view! {
                <p class="counts-trouble">
                    <span title=why>{words::counts_failed()}</span>
                    <button type="button" class="button" data-size="small" on:click=move |_| inbox.load_counts()>
                        {words::try_again()}
                    </button>
                </p>
            })}
        </div>
    }
}

#[component]
pub(super) fn Search() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(inbox.filter.with_untracked(|filter| filter.query.clone()));
    let timer = StoredValue::new_local(None::<Timeout>);
    let search = move |query: String| {
        let filter = Filter { query, ..inbox.filter.get_untracked() };
        inbox.go(Place::Inbox { filter, conversation: inbox.current.get_untracked() });
    };
    let typed = move |event| {
        text.set(event_target_value(&event));
        let wait = Timeout::new(SEARCH_AFTER_MS, move || search(text.get_untracked().trim().to_owned()));
        timer.set_value(Some(wait));
    };
    let clear = move || {
        text.set(String::new());
        search(String::new());
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            clear();
            if let Some(input) = input.get_untracked() {
                input.blur().ok();
            }
        }
    };
    Effect::new(move |_| {
        if inbox.ask.get() == Some(Ask::Search) {
            inbox.ask.set(None);
            if let Some(input) = input.get_untracked() {
                input.focus().ok();
                input.select();
            }
        }
    });
    // The address changes by other ways too: back, a filter, a link.
    Effect::new(move |_| {
        let query = inbox.filter.with(|filter| filter.query.clone());
        if query != text.get_untracked().trim() {
            text.set(query);
        }
    });
    view! {
        <div class="search" role="search">
            <Glyph icon=Icon::Search />
            <input
                type="search"
                class="search-input"
                node_ref=input
                aria-label=words::search()
                placeholder=words::search()
                prop:value=text
                on:input=typed
                on:keydown=key
            />
            <Show when=move || text.with(|text| !text.is_empty()) fallback=|| view! { <kbd class="key" aria-hidden="true">"/"</kbd> }>
                <button type="button" class="icon-button" aria-label=words::clear_search() on:click=move |_| clear()>
                    <Glyph icon=Icon::Close />
                </button>
            </Show>
        </div>
    }
}
