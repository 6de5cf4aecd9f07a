//! Ties the panel's markup to its state. Markup is written with `view!`; what changes in it is listed in tables of plain
//! function pointers. A closure per text or attribute would be a type of its own with all its code, and what visitors
//! download would be half as large again.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use crate::browser::{document, listen};
use crate::state::{State, View};

/// One changing thing on the screen: where, what, and from which part of the state.
pub(crate) struct Binding {
    /// A selector with one match.
    pub(crate) at: &'static str,
    pub(crate) part: Part,
    pub(crate) of: fn(&View) -> String,
}

#[derive(Clone, Copy)]
pub(crate) enum Part {
    Text,
    /// An attribute; gone while the value is empty.
    Attribute(&'static str),
}

pub(crate) const fn text(at: &'static str, of: fn(&View) -> String) -> Binding {
    Binding { at, part: Part::Text, of }
}

pub(crate) const fn attribute(at: &'static str, name: &'static str, of: fn(&View) -> String) -> Binding {
    Binding { at, part: Part::Attribute(name), of }
}

/// The value of an attribute that is there or not.
pub(crate) fn flag(is_set: bool) -> String {
    if is_set { "true".into() } else { String::new() }
}

/// Keeps all of these as the state says. Touches only what differs, so nothing is read out twice.
pub(crate) fn bind(state: State, tables: &'static [&'static [Binding]]) {
    let all = tables.iter().flat_map(|table| table.iter());
    let mut bound: Vec<(&Binding, Element, Option<String>)> =
        all.filter_map(|binding| Some((binding, find(binding.at)?, None))).collect();
    Effect::new(move |_| {
        state.view.with(|view| {
            for (binding, element, shown) in &mut bound {
                let value = (binding.of)(view);
                if shown.as_ref() != Some(&value) {
                    show(element, binding.part, &value);
                    *shown = Some(value);
                }
            }
        });
    });
}

fn show(element: &Element, part: Part, value: &str) {
    match part {
        Part::Text => element.set_text_content(Some(value)),
        Part::Attribute(name) => set(element, name, value),
    }
}

pub(crate) fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok()?
}

pub(crate) fn focus(selector: &str) {
    if let Some(element) = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Calls `then` on every event called `name` at the element found by `selector`.
pub(crate) fn on(selector: &str, name: &str, then: Box<dyn FnMut(JsValue)>) {
    if let Some(element) = find(selector) {
        listen(&element, name, then);
    }
}

/// A new element with a class, where there is one, and children.
pub(crate) fn element(tag: &str, class: &str, children: &[Element]) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    set(&element, "class", class);
    for child in children {
        let _ = element.append_child(child);
    }
    Some(element)
}

pub(crate) fn add(parent: &Element, child: Option<Element>) {
    if let Some(child) = child {
        let _ = parent.append_child(&child);
    }
}

/// A new element with text in it. Text only: what people write never becomes markup.
pub(crate) fn worded(tag: &str, class: &str, words: &str) -> Option<Element> {
    let element = element(tag, class, &[])?;
    element.set_text_content(Some(words));
    Some(element)
}

/// Sets an attribute; an empty value removes it.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    let _ =
        if value.is_empty() { element.remove_attribute(name) } else { element.set_attribute(name, value) };
}
