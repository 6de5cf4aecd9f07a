//! The few things of the browser the panel uses, each in one call. Knows nothing of chats.

use js_sys::{Array, JSON, Object, Reflect};
use protocol::wire::Tree;
use wasm_bindgen::prelude::*;
use web_sys::{Document, EventTarget, HtmlElement, Window};

/// A value the browser's own JSON parser made, or part of a message from another window.
#[derive(Clone)]
pub(crate) struct Json(pub(crate) JsValue);

impl Json {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    pub(crate) fn text_of(&self, name: &str) -> String {
        self.field(name).and_then(|value| value.text()).unwrap_or_default()
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.field(name).and_then(|value| value.flag()).unwrap_or_default()
    }

    /// The value as JSON text again.
    pub(crate) fn to_text(&self) -> String {
        JSON::stringify(&self.0).map(String::from).unwrap_or_default()
    }
}

impl Tree for Json {
    fn field(&self, name: &str) -> Option<Self> {
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(Self(value))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        Array::is_array(&self.0).then(|| Array::from(&self.0).iter().map(Self).collect())
    }
}

/// An object with these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let out = Object::new();
    for (name, value) in members {
        // A fresh plain object takes every member.
        let _ = Reflect::set(&out, &(*name).into(), value);
    }
    out.into()
}

pub(crate) fn window() -> Window {
    leptos::prelude::window()
}

pub(crate) fn document() -> Document {
    leptos::prelude::document()
}

/// The `<html>` element.
pub(crate) fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

pub(crate) fn after(ms: i32, then: Box<dyn FnOnce()>) {
    let callback = Closure::once_into_js(then);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), ms);
}

/// Calls `then` for every event called `name`, for as long as the target lives. Returns the listener.
pub(crate) fn listen(target: &EventTarget, name: &str, then: Box<dyn FnMut(JsValue)>) -> js_sys::Function {
    let listener: js_sys::Function = Closure::wrap(then).into_js_value().unchecked_into();
    let _ = target.add_event_listener_with_callback(name, &listener);
    listener
}

/// 128 random bits. Works without a secure context, unlike `randomUUID`.
pub(crate) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

pub(crate) fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}
