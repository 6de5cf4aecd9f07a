//! The card every door is.

use leptos::prelude::*;

use crate::ui::browser;
use crate::ui::icon::{Glyph, Icon};

/// `error` is what belongs to no field.
#[component]
pub(super) fn Door(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] is_wide: bool,
    children: Children,
) -> impl IntoView {
    browser::set_title(&format!("{title} · Roost"));
    view! {
        <main class="door">
            <div class="door-card" data-width=if is_wide { "wide" } else { "narrow" }>
                <span class="door-brand"><Glyph icon=Icon::Bird /><span>"Roost"</span></span>
                <h1 class="door-title">{title}</h1>
                {(!text.is_empty()).then(|| view! { <p class="door-text">{text}</p> })}
                <div role="alert">
                    {move || error.get().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
                </div>
                {children()}
            </div>
        </main>
    }
}
