//! A button that copies text and says so in its own place.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser;
use super::icon::{Glyph, Icon};
use super::toast::Toasts;
use crate::words;

const SAID_MS: u32 = 2_000;

#[component]
pub(crate) fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let is_copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            if browser::copy_text(&text).await {
                is_copied.set(true);
                toasts.announce(words::copied());
                Timeout::new(SAID_MS, move || {
                    is_copied.try_set(false);
                })
                .forget();
            } else {
                toasts.say(words::could_not_copy());
            }
        });
    };
    view! {
        <button type="button" class="button" data-state=move || is_copied.get().then_some("done") on:click=copy>
            {move || view! { <Glyph icon=if is_copied.get() { Icon::Check } else { Icon::Copy } /> }}
            <span>{move || if is_copied.get() { words::copied().to_owned() } else { label.get() }}</span>
        </button>
    }
}
