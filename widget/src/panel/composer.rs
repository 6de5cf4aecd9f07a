//! Where the visitor writes. Enter sends, Shift and Enter breaks the line; grows with the text up to five lines.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use crate::browser::document;
use crate::screen::{Binding, attribute, find, flag, on, text};
use crate::session::Session;
use crate::state::View;

pub(super) const BINDINGS: &[Binding] = &[
    text(".limit", View::limit_notice),
    attribute(".field", "placeholder", |view| view.words.placeholder.into()),
    attribute(".field", "aria-label", |view| view.words.placeholder.into()),
    attribute(".send", "aria-label", |view| view.words.send.into()),
    attribute(".send", "disabled", |view| flag(!view.can_send())),
];

pub(super) fn start(session: Session) {
    let Some(field) = area(".field") else { return };
    let written = field.clone();
    on(".field", "input", Box::new(move |_| session.typed(written.value())));
    on(
        ".field",
        "keydown",
        Box::new(move |event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>().filter(|event| sends(event)) {
                event.prevent_default();
                submit(session);
            }
        }),
    );
    on(".send", "click", Box::new(move |_| submit(session)));
    Effect::new(move |_| {
        session.state.view.with(|view| {
            if field.value() != view.draft {
                field.set_value(&view.draft);
            }
            // A panel that is not laid out yet has no height to go by.
            let _ = view.is_open;
        });
        fit(&field);
    });
}

/// Takes the place of the page's own composer, with the words and the focus it has. Only now can words be kept and sent.
pub(crate) fn take_over(session: Session) {
    let [Some(first), Some(field)] = ["#first", ".field"].map(area) else { return };
    let _ = field.remove_attribute("disabled");
    let has_focus = document().active_element().as_deref() == Some(&first);
    if !first.value().is_empty() {
        let draft = session.state.view_now(|view| [view.draft.as_str(), &first.value()].concat());
        field.set_value(&draft);
        session.typed(draft);
    }
    // Only with it gone is the panel visible and can be given the focus.
    find("#waiting").iter().for_each(web_sys::Element::remove);
    if has_focus {
        let _ = field.focus();
    }
    // Enter was pressed.
    if first.read_only() {
        submit(session);
    }
}

fn area(selector: &str) -> Option<HtmlTextAreaElement> {
    find(selector)?.dyn_into().ok()
}

/// Input methods use Enter to choose a word; Safari reports that press as key code 229 only.
fn sends(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" && !event.shift_key() && !event.is_composing() && event.key_code() != 229
}

fn submit(session: Session) {
    let draft = session.state.view_now(|view| view.can_send().then(|| view.draft.clone()));
    if let Some(draft) = draft {
        session.typed(String::new());
        session.say(&draft);
    }
}

/// As high as its text; the style sheet sets the limit. One line needs no measuring, which would lay out the whole panel.
fn fit(field: &HtmlTextAreaElement) {
    let style = HtmlElement::style(field);
    if field.value().is_empty() {
        let _ = style.remove_property("height");
        return;
    }
    let _ = style.set_property("height", "auto");
    let height = [field.scroll_height().to_string().as_str(), "px"].concat();
    let _ = style.set_property("height", &height);
}
