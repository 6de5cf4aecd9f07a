//! The browser's socket on one side, the protocol's client on the other.

use protocol::client::{Input, Output};
use protocol::frame::ServerFrame;
use protocol::wire::{FromTree, Tree};
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::browser::{Json, listen, window};
use crate::session::Session;

/// What a browser reports for a socket that could not be opened.
const NEVER_OPENED: u16 = 1006;

pub(crate) fn open(session: Session) {
    close(session);
    let origin = Json(window().into()).text_of("origin");
    // http becomes ws, https becomes wss.
    let address = ["ws", origin.strip_prefix("http").unwrap_or_default(), "/ws/visitor"].concat();
    let Ok(socket) = WebSocket::new(&address) else {
        session.give(Input::Closed { code: NEVER_OPENED });
        return;
    };
    let number = session.with(|core| {
        core.socket_number += 1;
        core.socket = Some(socket.clone());
        core.socket_number
    });
    let is_current = move || session.with(|core| core.socket_number) == number;
    let on = |name: &str, then: fn(Session, Json)| {
        let then = move |event: JsValue| {
            if is_current() {
                then(session, Json(event));
            }
        };
        listen(&socket, name, Box::new(then));
    };
    on("open", |session, _| session.give(Input::Opened));
    on("message", |session, event| receive(session, &event.text_of("data")));
    on("close", |session, event| {
        let code = event.field("code").and_then(|code| u64::from_tree(&code));
        let code = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(NEVER_OPENED);
        session.give(Input::Closed { code });
    });
}

fn receive(session: Session, text: &str) {
    let Some(tree) = Json::parse(text) else { return };
    let Some(frame) = ServerFrame::from_tree(&tree) else { return };
    let is_event = matches!(frame, ServerFrame::Event(_));
    if is_event {
        let outputs = session.with(|core| {
            let outputs = core.client.handle(Input::Frame(frame));
            // Only events that fit are worth keeping; the others come again in order.
            if outputs.iter().any(|output| matches!(output, Output::Event(_))) {
                core.cache.add(&tree);
            }
            outputs
        });
        session.perform_all(outputs.unwrap_or_default());
        session.keep_history();
    } else {
        session.give(Input::Frame(frame));
    }
}

pub(crate) fn send(session: Session, text: &str) {
    let socket = session.with(|core| core.socket.clone()).flatten();
    if let Some(socket) = socket {
        // A socket that is closing says so itself, and the client sends again.
        let _ = socket.send_with_str(text);
    }
}

pub(crate) fn close(session: Session) {
    let socket = session.with(|core| {
        core.socket_number += 1;
        core.socket.take()
    });
    if let Some(socket) = socket.flatten() {
        let _ = socket.close();
    }
}
