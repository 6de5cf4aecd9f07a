//! A native dialog: the browser keeps the focus inside, Escape closes it, and the page behind is inert.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::field::fresh_id;
use super::icon::{Glyph, Icon};
use crate::words;

#[component]
pub(crate) fn Dialog(
    is_open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let title_id = fresh_id("dialog");
    let labelled_by = title_id.clone();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if is_open.get() && !dialog.open() {
            dialog.show_modal().ok();
        } else if !is_open.get() && dialog.open() {
            dialog.close();
        }
    });
    // A press on the backdrop arrives as a press on the dialog itself.
    let press = move |event: web_sys::MouseEvent| {
        let is_backdrop = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.class_name() == "dialog");
        if is_backdrop {
            is_open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby=labelled_by on:close=move |_| is_open.set(false) on:click=press>
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2 id=title_id>{title}</h2>
                    <button type="button" class="icon-button" aria-label=words::close() on:click=move |_| is_open.set(false)>
                        <Glyph icon=Icon::Close />
                    </button>
                </header>
                <Show when=move || is_open.get()>{children.with_value(|children| children())}</Show>
            </div>
        </dialog>
    }
}
