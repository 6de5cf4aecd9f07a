//! Short words about what just happened: on screen for a few seconds, and for screen readers.

use std::sync::Arc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::words;

const SHOWN_MS: u32 = 6_000;

/// Owned by the toast: whoever offered it, such as a menu, may be gone by then.
pub(crate) type Undo = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    number: u64,
    text: String,
    undo: Option<Undo>,
}

#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    spoken: RwSignal<String>,
    next: StoredValue<u64>,
}

impl Toasts {
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new(Vec::new()),
            spoken: RwSignal::new(String::new()),
            next: StoredValue::new(0),
        }
    }

    pub(crate) fn say(self, text: impl Into<String>) {
        self.show(text.into(), None);
    }

    /// With a button that takes it back.
    pub(crate) fn say_with_undo(self, text: impl Into<String>, undo: Undo) {
        self.show(text.into(), Some(undo));
    }

    /// Only for screen readers.
    pub(crate) fn announce(self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    fn show(self, text: String, undo: Option<Undo>) {
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        self.shown.update(|shown| {
            shown.push(Toast { number, text, undo });
            let surplus = shown.len().saturating_sub(3);
            shown.drain(..surplus);
        });
        Timeout::new(SHOWN_MS, move || self.drop(number)).forget();
    }

    fn drop(self, number: u64) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.number != number));
    }
}

#[component]
pub(crate) fn ToastStack() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let card = move |toast: Toast| {
        let number = toast.number;
        let undo = toast.undo.map(|undo| {
            let click = move |_| {
                undo();
                toasts.drop(number);
            };
            view! {
                <button type="button" class="toast-undo" on:click=click>
                    {words::undo()}
                </button>
            }
        });
        view! {
            <div class="toast">
                <span>{toast.text}</span>
                {undo}
                <button type="button" class="icon-button" aria-label=words::dismiss() on:click=move |_| toasts.drop(number)>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.shown.get() key=|toast| toast.number children=card />
        </div>
        <div class="visually-hidden" role="status">
            {move || toasts.spoken.get()}
        </div>
    }
}
