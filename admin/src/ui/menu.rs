//! A button with a menu under it: arrow keys move, Escape closes and gives the focus back.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent};

fn items(list: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(nodes) = list.query_selector_all("[role^='menuitem']") else { return Vec::new() };
    (0..nodes.length()).filter_map(|at| nodes.item(at)?.dyn_into().ok()).collect()
}

/// Where the focus goes from `current` of `count` for a key; `None` for keys a menu does not know.
fn next_index(key: &str, current: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (key, current) {
        ("ArrowDown", Some(at)) if at < last => Some(at + 1),
        ("ArrowDown" | "Home", _) => Some(0),
        ("ArrowUp", Some(at)) if at > 0 => Some(at - 1),
        ("ArrowUp" | "End", _) => Some(last),
        _ => None,
    }
}

fn move_focus(list: &HtmlElement, key: &str) -> bool {
    let items = items(list);
    let focused = document().active_element();
    let current = items.iter().position(|item| focused.as_ref() == Some(item.as_ref()));
    let Some(item) = next_index(key, current, items.len()).and_then(|at| items.get(at)) else { return false };
    item.focus().is_ok()
}

#[expect(clippy::too_many_lines, reason = "one control with its keyboard; the parts mean nothing alone")]
#[component]
pub(crate) fn Menu(
    is_open: RwSignal<bool>,
    /// The name of the button for those who cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// The class of the button.
    #[prop(default = "button")]
    class: &'static str,
    #[prop(into)] face: ViewFn,
    #[prop(optional, into)] is_disabled: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(list) = list.get() {
            // The chosen item if there is one, else the first.
            let chosen = list.query_selector("[aria-checked='true']").ok().flatten();
            match chosen.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
                Some(item) => item.focus().unwrap_or_default(),
                None => {
                    move_focus(&list, "Home");
                }
            }
        }
    });
    let close = move || {
        is_open.set(false);
        if let Some(button) = button.get_untracked() {
            button.focus().ok();
        }
    };
    let key = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        let is_handled = match event.key().as_str() {
            "Escape" => {
                close();
                true
            }
            key => move_focus(&list, key),
        };
        if is_handled {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let leave = move |event: FocusEvent| {
        let target = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if root.get_untracked().is_some_and(|root| !root.contains(target.as_ref())) {
            is_open.set(false);
        }
    };
    let pick = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.and_then(|target| target.closest("[role^='menuitem']").ok().flatten()).is_some() {
            close();
        }
    };
    let children = StoredValue::new(children);
    view! {
        <div class="menu" node_ref=root on:focusout=leave>
            <button
                type="button"
                class=class
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || is_open.get().to_string()
                aria-label=label
                title=label
                disabled=is_disabled
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                {face.run()}
            </button>
            <Show when=move || is_open.get()>
                <div class="menu-list" role="menu" aria-label=label tabindex="-1" node_ref=list on:keydown=key on:click=pick>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_wrap_around_and_other_keys_do_nothing() {
        for (key, current, expected) in [
            ("ArrowDown", None, Some(0)),
            ("ArrowDown", Some(0), Some(1)),
            ("ArrowDown", Some(2), Some(0)),
            ("ArrowUp", Some(0), Some(2)),
            ("ArrowUp", Some(2), Some(1)),
            ("Home", Some(2), Some(0)),
            ("End", None, Some(2)),
            ("x", Some(1), None),
        ] {
            assert_eq!(next_index(key, current, 3), expected, "{key} {current:?}");
        }
        assert_eq!(next_index("Home", None, 0), None);
    }
}
