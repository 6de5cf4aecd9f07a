//! The browser's own abilities behind plain functions: storage, visibility, random names, clipboard, title.

use leptos::prelude::{document, window};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A value kept on this device. `None` when absent, unreadable or storage is closed to us.
pub(crate) fn find_kept<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Keeps a value on this device. A full or closed storage loses it, which no caller can help.
pub(crate) fn keep<T: Serialize>(key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        storage.set_item(key, &text).ok();
    }
}

pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        storage.remove_item(key).ok();
    }
}

/// Random bytes for a version 4 UUID. `crypto.randomUUID` is missing on plain HTTP, this is not.
pub(crate) fn random_uuid_bytes() -> [u8; 16] {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = window().crypto() {
        crypto.get_random_values_with_u8_array(&mut bytes).ok();
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

pub(crate) fn set_title(title: &str) {
    if document().title() != title {
        document().set_title(title);
    }
}

/// The person's language as the browser says it, like `de-AT`.
pub(crate) fn language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Takes the fragment's `token` out of the address bar, so that it stays in no history and no screenshot.
pub(crate) fn take_fragment_token() -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let token =
        hash.trim_start_matches('#').split('&').find_map(|part| part.strip_prefix("token="))?.to_owned();
    if let (Ok(history), Ok(path)) = (window().history(), location.pathname()) {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&path)).ok();
    }
    (!token.is_empty()).then_some(token)
}

/// The origin this app is served from, like `https://chat.example.com`.
pub(crate) fn own_origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Copies text; false when the browser does not let us, and the person has to do it by hand.
pub(crate) async fn copy_text(text: &str) -> bool {
    // The clipboard object is undefined outside secure contexts, although its type says otherwise.
    let navigator = window().navigator();
    let is_there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| c.is_object());
    if is_there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    copy_by_selection(text)
}

fn copy_by_selection(text: &str) -> bool {
    let Ok(element) = document().create_element("textarea") else { return false };
    let area: web_sys::HtmlTextAreaElement = element.unchecked_into();
    area.set_value(text);
    area.set_class_name("visually-hidden");
    let Some(body) = document().body() else { return false };
    if body.append_child(&area).is_err() {
        return false;
    }
    area.select();
    let done = js_sys::Reflect::get(&document(), &"execCommand".into())
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
        .and_then(|f| f.call1(&document(), &"copy".into()).ok())
        .is_some_and(|v| v.is_truthy());
    area.remove();
    done
}
