//! The handshake with the page's bridge, and every word exchanged with it. The page is a stranger: what it sends is read
//! member by member, and nothing of it is markup or an address.

use std::mem::take;

use js_sys::Function;
use protocol::client::{Credential, Input};
use protocol::frame::{Availability, LookAt};
use protocol::wire::{Tree, member};
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

use crate::browser::{Json, after, document, listen, matches_media, object, root, window};
use crate::color::Color;
use crate::device::Device;
use crate::history;
use crate::panel;
use crate::screen::focus;
use crate::session::Session;
use crate::text::words;

/// After this long the opened panel has been drawn and has the focus.
const SETTLING_MS: i32 = 50;
/// Of what passes over the port, on both sides.
const VERSION: u32 = 1;
const DARK: &str = "(prefers-color-scheme: dark)";

/// Asks for the page's port. The frame's first script takes it while this program is still on its way.
pub(crate) fn start(session: Session) {
    let take: Box<dyn FnOnce(JsValue)> = Box::new(move |port| {
        if let Ok(port) = port.dyn_into() {
            take_port(session, port);
        }
    });
    let give = Json(window().into()).field("firstWords");
    if let Some(give) = give.and_then(|give| give.0.dyn_into::<Function>().ok()) {
        let _ = give.call1(&JsValue::NULL, &Closure::once_into_js(take));
    }
}

fn take_port(session: Session, port: MessagePort) {
    listen(
        &port,
        "message",
        Box::new(move |event| {
            // The page around may have stayed open while the relay became a newer one.
            let message = Json(event).field("data");
            if let Some(message) = message.filter(|message| member(message, "v") == Some(VERSION)) {
                receive(session, &message);
            }
        }),
    );
    port.start();
    session.with(|core| core.port = Some(port));
}

fn receive(session: Session, message: &Json) {
    match message.text_of("t").as_str() {
        "init" => begin(session, message),
        "look" => {
            session.with(|core| core.look = Some(message.clone()));
            look(session);
        }
        "boot" => booted(session, message),
        "open" => open(session, message.is_set("focus")),
        "close" => {
            session.state.change(|view| (view.is_open, view.shows_emoji) = (false, false));
        }
        "storage" => {
            session.with(|core| core.device.is_forbidden = message.is_set("forbidden"));
        }
        "page" => {
            let page = LookAt { url: message.text_of("url"), title: message.text_of("title") };
            session.give(Input::Page(page));
        }
        "reconnect" => {
            session.give(Input::Stop);
            session.start();
        }
        "call" => called(session, &message.text_of("name"), &message.text_of("argument")),
        _ => {}
    }
}

fn begin(session: Session, message: &Json) {
    session.with(|core| core.look = Some(message.clone()));
    look(session);
    if let Ok(Some(scheme)) = window().match_media(DARK) {
        listen(&scheme, "change", Box::new(move |_| look(session)));
    }
    session.with(|core| core.device = Device::new(&message.text_of("key"), message.is_set("forbidden")));
    let is_known = message.is_set("known");
    history::restore(session, is_known);
    // Until here nothing written could have been kept or sent.
    panel::take_over(session);
    if is_known {
        session.start();
    }
    if message.is_set("open") {
        open(session, message.is_set("focus"));
    }
    post(session, "ready", &[]);
}

fn open(session: Session, takes_focus: bool) {
    // The composer first: whoever opens the chat wants to write, and the rest can wait a moment.
    session.with(|core| core.wants_focus = takes_focus);
    take_focus(session);
    session.state.change(|view| view.is_open = true);
    after(
        SETTLING_MS,
        Box::new(move || {
            session.start();
            session.mark();
        }),
    );
}

/// The page gives this window the focus, never the window itself: with both at it, whoever comes second takes it from the
/// composer again. So the composer waits until the window has it.
pub(crate) fn take_focus(session: Session) {
    let wants = document().has_focus().unwrap_or_default()
        && session.with(|core| take(&mut core.wants_focus)).unwrap_or_default();
    if wants {
        // On touch screens the composer would raise the keyboard over the conversation.
        focus(if matches_media("(pointer: coarse)") { ".panel" } else { ".field" });
    }
}

fn called(session: Session, name: &str, argument: &str) {
    match name {
        "prefill" => session.state.change(|view| argument.clone_into(&mut view.draft)),
        "send" => session.say(argument),
        "end" => {
            session.with(|core| core.wants_end = true);
            session.start();
            session.end_if_wanted();
        }
        "forget" => session.forget(),
        _ => {}
    }
}

/// The answer to a request for a boot token.
fn booted(session: Session, message: &Json) {
    if !message.is_set("ok") {
        let code = message.text_of("code");
        let final_refusal = matches!(code.as_str(), "key_unknown" | "origin_not_allowed");
        session.give(Input::NoCredential { final_refusal });
        return;
    }
    if let Some(availability) = member::<_, Availability>(message, "availability") {
        session.show_availability(availability);
    }
    session.give(Input::Credential(Credential::Boot(message.text_of("boot"))));
}

/// Puts on the campaign's look and language.
fn look(session: Session) {
    let Some(message) = session.with(|core| core.look.clone()).flatten() else { return };
    let Some(appearance) = message.field("appearance") else { return };
    let language = message.text_of("language");
    let words = words(&language);
    if let Some(root) = root() {
        let is_rtl = message.text_of("dir") == "rtl";
        let theme = appearance.text_of("theme");
        let is_dark = theme == "dark" || (theme != "light" && matches_media(DARK));
        let _ = root.set_attribute("lang", words.locale);
        let _ = root.set_attribute("dir", if is_rtl { "rtl" } else { "ltr" });
        let _ = root.set_attribute("data-theme", if is_dark { "dark" } else { "light" });
        paint(&root.style(), &appearance.text_of("color"), is_dark);
    }
    session.look(|view| {
        view.words = words;
        // Dates follow the reader's own habits where the language is the same.
        view.language = if language.starts_with(words.locale) { language } else { words.locale.into() };
        view.title = appearance.text_of("title");
        view.welcome = appearance.text_of("welcome");
    });
}

/// The surfaces of the two themes, as in the tokens; text in the accent's colour must be readable on them.
const LIGHT_SURFACE: Color = Color([0xff, 0xff, 0xff]);
const DARK_SURFACE: Color = Color([0x23, 0x21, 0x1f]);

fn paint(style: &web_sys::CssStyleDeclaration, color: &str, is_dark: bool) {
    let Some(accent) = Color::parse(color) else { return };
    let surface = if is_dark { DARK_SURFACE } else { LIGHT_SURFACE };
    let strong = accent.readable_on(surface).text();
    for (name, value) in [
        ("--accent", accent.text()),
        ("--accent-text", accent.ink().text()),
        ("--accent-strong", strong.clone()),
        ("--focus", strong),
    ] {
        let _ = style.set_property(name, &value);
    }
}

/// Says something to the page.
pub(crate) fn post(session: Session, word: &str, members: &[(&str, JsValue)]) {
    let port = session.with(|core| core.port.clone()).flatten();
    if let Some(port) = port {
        let message = object(members);
        let _ = js_sys::Reflect::set(&message, &"t".into(), &word.into());
        let _ = js_sys::Reflect::set(&message, &"v".into(), &VERSION.into());
        let _ = port.post_message(&message);
    }
}

/// Something the page may want to hear of.
pub(crate) fn emit(session: Session, name: &str, data: &[(&str, JsValue)]) {
    post(session, "event", &[("name", name.into()), ("data", object(data))]);
}

pub(crate) fn tell_conversation(session: Session) {
    let conv = session.with(|core| core.conversation).flatten();
    if let Some(conv) = conv {
        post(session, "conversation", &[("id", conv.text().into())]);
    }
}
