//! What a view shows when it has nothing to show yet, nothing at all, or could not get it.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::words;

/// Grey rows that appear only when loading takes longer than a blink.
#[component]
pub(crate) fn Skeleton(
    #[prop(default = 6)] rows: usize,
    #[prop(default = "row")] shape: &'static str,
) -> impl IntoView {
    view! {
        <div class="skeleton" data-shape=shape role="status">
            <span class="visually-hidden">{words::loading()}</span>
            {(0..rows).map(|_| view! { <div class="skeleton-row" aria-hidden="true"><i></i><b></b><b></b></div> }).collect_view()}
        </div>
    }
}

/// Nothing there: one sentence, and one thing to do about it.
#[component]
pub(crate) fn Empty(
    icon: Icon,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Glyph icon=icon />
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-text">{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// What went wrong, why, and a way to try again.
#[component]
pub(crate) fn Trouble(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(into)] retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="empty" role="alert">
            <span class="empty-icon" data-tone="bad">
                <Glyph icon=Icon::Alert />
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-text">{text}</p>
            <button type="button" class="button" on:click=move |_| retry.run(())>
                <Glyph icon=Icon::Refresh />
                {words::try_again()}
            </button>
        </div>
    }
}
