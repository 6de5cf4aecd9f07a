//! The whole panel, and what belongs to none of its parts: keys, focus, the network's comings and goings.

use leptos::prelude::*;
use protocol::client::Input;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::browser::{document, listen, window};
use crate::panel;
use crate::screen::{find, focus};
use crate::session::Session;
use crate::{boot, sound};

/// Where the panel belongs: below what the frame shows until the panel runs.
pub(crate) fn place() -> Option<HtmlElement> {
    find("#app")?.dyn_into().ok()
}

/// The markup, for mounting.
pub(crate) fn app() -> impl IntoView {
    panel::markup()
}

/// Starts everything, once the markup is in the page.
pub(crate) fn start() {
    let session = Session::new();
    follow_browser(session);
    panel::start(session);
    boot::start(session);
}

fn follow_browser(session: Session) {
    let state = session.state;
    let window = window();
    let offline = move |is_offline| state.change(|view| view.is_offline = is_offline);
    offline(!window.navigator().on_line());
    listen(&window, "offline", Box::new(move |_| offline(true)));
    listen(
        &window,
        "online",
        Box::new(move |_| {
            offline(false);
            session.give(Input::Woke);
        }),
    );
    listen(
        &document(),
        "visibilitychange",
        Box::new(move |_| {
            session.give(Input::Woke);
            session.mark();
        }),
    );
    listen(&window, "focus", Box::new(move |_| boot::take_focus(session)));
    listen(&window, "pointerdown", Box::new(|_| sound::allow()));
    listen(
        &window,
        "keydown",
        Box::new(move |event| {
            sound::allow();
            let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
            if is_escape {
                step_back(session);
            }
        }),
    );
}

/// Escape closes the innermost open thing.
fn step_back(session: Session) {
    if session.state.view_now(|view| view.shows_emoji) {
        session.state.change(|view| view.shows_emoji = false);
        focus(".emoji");
    } else {
        boot::post(session, "close", &[]);
    }
}
