//! Form fields: label above, help under, the error in place and in words.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// An element id nobody else on the page has, to tie labels to controls.
pub(crate) fn fresh_id(kind: &str) -> String {
    let number = NEXT.with(|next| next.replace(next.get() + 1));
    format!("{kind}-{number}")
}

/// The frame around any control. The control inside carries `id` and `aria-describedby={id}-help`.
#[component]
pub(crate) fn Field(
    id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let help_id = format!("{id}-help");
    view! {
        <div class="field" data-state=move || error.with(Option::is_some).then_some("error")>
            <label class="field-label" for=id>
                {label}
            </label>
            {children()}
            <div class="field-help" id=help_id aria-live="polite">
                {move || match error.get() {
                    Some(error) => view! { <span class="field-error"><Glyph icon=Icon::Alert /> {error}</span> }.into_any(),
                    None => help.get().into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
pub(crate) fn TextField(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] is_required: bool,
    #[prop(optional)] takes_focus: bool,
    #[prop(optional)] is_read_only: bool,
    /// As many characters as the relay takes.
    #[prop(optional)]
    max_length: Option<u32>,
) -> impl IntoView {
    let id = fresh_id("field");
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get().filter(|_| takes_focus) {
            input.focus().ok();
        }
    });
    view! {
        <Field id=id.clone() label=label help=help error=error>
            <input
                class="input"
                node_ref=input
                aria-describedby=format!("{id}-help")
                id=id
                type=kind
                autocomplete=autocomplete
                placeholder=placeholder
                required=is_required
                readonly=is_read_only
                maxlength=max_length
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                bind:value=value
            />
        </Field>
    }
}
