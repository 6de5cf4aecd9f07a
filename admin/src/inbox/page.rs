//! The three panes of the inbox.

use leptos::ev;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

use super::details::Details;
use super::list::List;
use super::state::Inbox;
use super::thread::ThreadPane;
use crate::settings::preferences::Preferences;
use crate::words;

const NARROWEST: u32 = 320;
const WIDEST: u32 = 400;
const KEY_STEP: u32 = 16;
/// From this width on the details have a column of their own.
const WIDE_QUERY: &str = "(min-width: 1200px)";

/// Whether the details are shown, shared by the thread's header and the panel itself.
#[derive(Clone, Copy)]
pub(super) struct DetailsShown(pub(super) RwSignal<bool>);

fn is_wide() -> bool {
    window().match_media(WIDE_QUERY).ok().flatten().is_some_and(|query| query.matches())
}

#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let preferences = expect_context::<Preferences>();
    let shown =
        RwSignal::new(is_wide() && preferences.choices.with_untracked(|choices| choices.details_shown));
    provide_context(DetailsShown(shown));
    Effect::new(move |before: Option<bool>| {
        let is_shown = shown.get();
        if before.is_some() && is_wide() {
            preferences.change(|choices| choices.details_shown = is_shown);
        }
        is_shown
    });
    let was_wide = StoredValue::new(is_wide());
    let resized = window_event_listener(ev::resize, move |_| {
        let is_wide = is_wide();
        // Where there is no column for them they would cover the thread.
        if was_wide.get_value() && !is_wide {
            shown.set(false);
        }
        was_wide.set_value(is_wide);
    });
    on_cleanup(move || resized.remove());
    let width = move || preferences.choices.with(|choices| choices.list_width).clamp(NARROWEST, WIDEST);
    view! {
        <div
            class="inbox"
            data-pane=move || if inbox.current.get().is_some() { "thread" } else { "list" }
            data-details=move || if shown.get() && inbox.current.get().is_some() { "shown" } else { "hidden" }
            style:--list-width=move || format!("{}px", width())
        >
            <List />
            <Divider />
            <ThreadPane />
            <Details />
        </div>
    }
}

/// The edge of the list, to drag or to move by arrow keys.
#[component]
fn Divider() -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let start = RwSignal::new(None::<(i32, u32)>);
    let width = move || preferences.choices.with(|choices| choices.list_width).clamp(NARROWEST, WIDEST);
    let resize =
        move |width: u32| preferences.change(|choices| choices.list_width = width.clamp(NARROWEST, WIDEST));
    let grab = move |event: PointerEvent| {
        let target: web_sys::Element = event_target(&event);
        target.set_pointer_capture(event.pointer_id()).ok();
        start.set(Some((event.client_x(), width())));
    };
    let drag = move |event: PointerEvent| {
        if let Some((from_x, from_width)) = start.get_untracked() {
            resize(from_width.saturating_add_signed(event.client_x() - from_x));
        }
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowLeft" => resize(width().saturating_sub(KEY_STEP)),
        "ArrowRight" => resize(width() + KEY_STEP),
        _ => {}
    };
    view! {
        <div
            class="divider"
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=words::list_width()
            aria-valuemin=NARROWEST
            aria-valuemax=WIDEST
            aria-valuenow=width
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=move |_| start.set(None)
            on:keydown=key
        ></div>
    }
}
