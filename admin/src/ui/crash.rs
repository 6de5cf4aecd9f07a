//! What the person sees should the app itself break: one sentence and a way on, instead of a dead screen.

use leptos::prelude::{document, window};

use crate::words;

/// From now on a panic is told to the console and to the person.
pub(crate) fn watch() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        show();
    }));
}

fn show() -> Option<()> {
    let document = document();
    if document.query_selector(".crash").ok()?.is_some() {
        return None;
    }
    let bar = document.create_element("div").ok()?;
    bar.set_class_name("crash");
    bar.set_attribute("role", "alert").ok()?;
    bar.set_text_content(Some(words::crashed()));
    let link = document.create_element("a").ok()?;
    link.set_attribute("href", &window().location().pathname().unwrap_or_default()).ok()?;
    // The router is gone with the rest of the app; only a link it does not own leads to a fresh start.
    link.set_attribute("rel", "external").ok()?;
    link.set_text_content(Some(words::reload()));
    bar.append_child(&link).ok()?;
    document.body()?.append_child(&bar).ok().map(|_| ())
}
