//! The open connection: drives the protocol's client machine with a browser socket, timers and storage.

use std::collections::BTreeMap;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::Ticket;
use protocol::client::{Client, Credential, Input, Link, Output, Pending};
use protocol::event::Event;
use protocol::frame::{PresenceChange, Send, ServerFrame, Typing};
use protocol::ids::{Cmid, ConversationId, PersonId};
use protocol::message::Side;
use protocol::wire::FromTree;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use crate::api;
use crate::ui::{browser, time};

/// Typing that nobody repeats is over, by the protocol.
const TYPING_MS: u32 = 6_000;

/// What the connection tells the screens.
pub(crate) enum News {
    /// Everything on screen may be out of date: load it again.
    Reload,
    Event(Box<Event>),
    /// The conversation's events have to be loaded before it can be followed.
    Load(ConversationId),
    Presence(PresenceChange),
    Refused,
}

struct Machine {
    client: Client,
    socket: Option<Socket>,
    timer: Option<Timeout>,
    was_ready: bool,
    outbox_key: String,
    news: Callback<News>,
}

/// A browser socket and what it calls. Dropping it silences the socket first.
struct Socket {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
    _on_open: Closure<dyn FnMut()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onopen(None);
        self.socket.close().ok();
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Live {
    machine: StoredValue<Machine, LocalStorage>,
    pub(crate) link: RwSignal<Link>,
    /// The code of a close that will not be followed by another try.
    pub(crate) gave_up: RwSignal<Option<u16>>,
    pub(crate) outbox: RwSignal<Vec<Pending>>,
    /// Rises when any loaded timeline changed.
    pub(crate) revision: RwSignal<u64>,
    pub(crate) typing: RwSignal<BTreeMap<ConversationId, (String, Side)>>,
    typing_turn: StoredValue<u64>,
}

impl Live {
    pub(crate) fn start(person: PersonId, news: Callback<News>) -> Self {
        let seed =
            u32::from_le_bytes(browser::random_uuid_bytes().first_chunk().copied().unwrap_or_default());
        let machine = Machine {
            client: Client::agent(seed),
            socket: None,
            timer: None,
            was_ready: false,
            outbox_key: format!("roost.outbox.{person}"),
            news,
        };
        let live = Self {
            machine: StoredValue::new_local(machine),
            link: RwSignal::new(Link::Off),
            gave_up: RwSignal::new(None),
            outbox: RwSignal::new(Vec::new()),
            revision: RwSignal::new(0),
            typing: RwSignal::new(BTreeMap::new()),
            typing_turn: StoredValue::new(0),
        };
        let sends = live.kept();
        live.give(Input::Restore { sends });
        live.give(Input::Start);
        for name in ["online", "focus", "pageshow"] {
            let handle = window_event_listener_untyped(name, move |_| live.give(Input::Woke));
            on_cleanup(move || handle.remove());
        }
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            if !browser::is_hidden() {
                live.give(Input::Woke);
            }
        });
        on_cleanup(move || handle.remove());
        on_cleanup(move || live.give(Input::Stop));
        live
    }

    /// Hands the machine what happened and does what it asks for.
    pub(crate) fn give(self, input: Input) {
        let outputs =
            self.machine.try_update_value(|machine| machine.client.handle(input)).unwrap_or_default();
        for output in outputs {
            self.perform(output);
        }
    }

    /// Reads the machine, for views that also follow `revision` or `outbox`.
    pub(crate) fn with_client<T>(self, read: impl FnOnce(&Client) -> T) -> Option<T> {
        self.machine.try_with_value(|machine| read(&machine.client))
    }

    pub(crate) fn restart(self) {
        self.gave_up.set(None);
        self.give(Input::Start);
    }

    fn perform(self, output: Output) {
        match output {
            Output::Authorize => self.authorize(),
            Output::Open => self.open(),
            Output::Transmit(frame) => {
                self.machine.with_value(|machine| {
                    if let Some(socket) = &machine.socket {
                        socket.socket.send_with_str(&frame.to_text()).ok();
                    }
                });
            }
            Output::Close => {
                self.machine.try_update_value(|machine| machine.socket = None);
            }
            Output::Wake { number, after_ms } => {
                let after_ms = u32::try_from(after_ms).unwrap_or(u32::MAX);
                let timer = Timeout::new(after_ms, move || self.give(Input::Timer { number }));
                self.machine.try_update_value(|machine| machine.timer = Some(timer));
            }
            Output::Save { send, said_at_ms } => self.save(send, said_at_ms),
            Output::Unsave { cmid } => self.unsave(cmid),
            Output::LinkChanged(link) => self.link.set(link),
            Output::Ready(_) => {
                let is_first = self.machine.try_update_value(|m| !std::mem::replace(&mut m.was_ready, true));
                if is_first == Some(true) {
                    self.tell(News::Reload);
                }
            }
            Output::OutboxChanged | Output::SendFailed { .. } | Output::Sent { .. } => {
                if let Some(items) = self.with_client(|client| client.outbox().items().to_vec()) {
                    self.outbox.set(items);
                }
            }
            Output::TimelineChanged(_) => self.revision.update(|revision| *revision += 1),
            Output::Event(event) => {
                self.revision.update(|revision| *revision += 1);
                self.typing.update(|typing| {
                    typing.remove(&event.conv);
                });
                self.tell(News::Event(Box::new(event)));
            }
            Output::LoadSnapshot(conversation) => self.tell(News::Load(conversation)),
            Output::LoadEverything => self.tell(News::Reload),
            Output::Typing(typing) => self.note_typing(typing),
            Output::Presence(change) => self.tell(News::Presence(change)),
            // For visitors only.
            Output::Availability(_) => {}
            Output::GaveUp { code } => {
                self.gave_up.set(Some(code));
                self.tell(News::Refused);
            }
        }
    }

    fn tell(self, news: News) {
        if let Some(listener) = self.machine.try_with_value(|machine| machine.news) {
            listener.run(news);
        }
    }

    fn authorize(self) {
        spawn_local(async move {
            let input = match api::post::<_, Ticket>(
                "/api/ws-ticket",
                &serde_json::Value::Object(serde_json::Map::new()),
            )
            .await
            {
                Ok(ticket) => Input::Credential(Credential::Ticket(ticket.ticket)),
                Err(failure) => {
                    Input::NoCredential { final_refusal: matches!(failure.status(), Some(401 | 403)) }
                }
            };
            self.give(input);
        });
    }

    fn open(self) {
        let address = format!("{}/ws/agent", browser::own_origin().replacen("http", "ws", 1));
        let Ok(socket) = WebSocket::new(&address) else {
            // Told later, so that the machine is not asked while it is being asked.
            Timeout::new(0, move || self.give(Input::Closed { code: 1006 })).forget();
            return;
        };
        let on_open = Closure::new(move || self.give(Input::Opened));
        let on_close = Closure::new(move |event: CloseEvent| {
            let code = event.code();
            self.give(Input::Closed { code });
        });
        let on_message = Closure::new(move |event: MessageEvent| self.receive(&event));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let socket = Socket { socket, _on_message: on_message, _on_close: on_close, _on_open: on_open };
        self.machine.try_update_value(|machine| machine.socket = Some(socket));
    }

    fn receive(self, message: &MessageEvent) {
        let tree =
            message.data().as_string().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        if let Some(frame) = tree.and_then(|tree| ServerFrame::from_tree(&tree)) {
            self.give(Input::Frame(frame));
        }
    }

    fn note_typing(self, typing: Typing) {
        let name = typing.who.name.clone().unwrap_or_default();
        self.typing.update(|map| {
            if typing.on {
                map.insert(typing.conv, (name, typing.who.side));
            } else {
                map.remove(&typing.conv);
            }
        });
        let turn = self.typing_turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        Timeout::new(TYPING_MS, move || {
            // A later sign of typing in any conversation brings its own end; stale ones may stay a moment longer.
            if self.typing_turn.try_get_value() == turn {
                self.typing.try_update(BTreeMap::clear);
            }
        })
        .forget();
    }

    fn kept(self) -> Vec<(Send, u64)> {
        self.machine.with_value(|machine| browser::find_kept(&machine.outbox_key)).unwrap_or_default()
    }

    /// Read, changed and written back as one: another tab of the same person keeps its messages here too.
    fn keep(self, change: impl FnOnce(&mut Vec<(Send, u64)>)) {
        let mut sends = self.kept();
        change(&mut sends);
        self.machine.with_value(|machine| {
            if sends.is_empty() {
                browser::forget(&machine.outbox_key);
            } else {
                browser::keep(&machine.outbox_key, &sends);
            }
        });
    }

    fn save(self, send: Send, said_at_ms: u64) {
        self.keep(|sends| {
            if sends.iter().all(|(kept, _)| kept.cmid != send.cmid) {
                sends.push((send, said_at_ms));
            }
        });
    }

    fn unsave(self, cmid: Cmid) {
        self.keep(|sends| sends.retain(|(send, _)| send.cmid != cmid));
    }

    /// Says something. It is on screen at once and leaves when there is a connection.
    pub(crate) fn say(self, conv: ConversationId, text: String, note: bool) {
        let cmid = Cmid(browser::random_uuid_bytes());
        let body = protocol::message::Body::plain(text);
        let send = Send { cmid, conv: Some(conv), body, reply_to: None, note };
        self.give(Input::Say { send, now_ms: u64::try_from(time::now_ms()).unwrap_or_default() });
    }
}
