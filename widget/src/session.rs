//! One visitor's session: drives the protocol's client, carries out what it orders, and keeps the screen's state.

use leptos::prelude::*;
use protocol::client::{Client, Input, Link, Output, is_said_by};
use protocol::event::{Event, EventBody, Reader, ReceiptState};
use protocol::frame::{Availability, End, Mark, Ready, Send};
use protocol::ids::{Cmid, ConversationId};
use protocol::message::{Body, Side};
use wasm_bindgen::JsValue;
use web_sys::{MessagePort, WebSocket};

use crate::browser::{Json, after, is_hidden, now_ms, object, random};
use crate::device::{Cache, Device, Said};
use crate::state::{State, View};
use crate::typing::TypingTimes;
use crate::{boot, history, rows, socket, sound};

/// What the session remembers and no screen shows.
#[expect(clippy::struct_excessive_bools, reason = "independent things that are so or not")]
pub(crate) struct Core {
    pub(crate) client: Client,
    pub(crate) device: Device,
    pub(crate) cache: Cache,
    pub(crate) said: Vec<Said>,
    pub(crate) port: Option<MessagePort>,
    pub(crate) socket: Option<WebSocket>,
    /// Events of sockets with another number are stale.
    pub(crate) socket_number: u32,
    pub(crate) token: Option<String>,
    pub(crate) conversation: Option<ConversationId>,
    /// The visitor has said something, so things may be kept on the device.
    pub(crate) has_acted: bool,
    pub(crate) is_loading_history: bool,
    /// The visitor opened the panel and means to write.
    pub(crate) wants_focus: bool,
    /// The page asked to end the conversation.
    pub(crate) wants_end: bool,
    /// The last message of ours the visitor has seen, and what the relay was told of it.
    read: u64,
    told_received: u64,
    told_read: u64,
    /// As last said to the page.
    unread: Option<u64>,
    pub(crate) typing: TypingTimes,
    /// The look the page asked for last.
    pub(crate) look: Option<Json>,
}

#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) state: State,
    core: StoredValue<Core, LocalStorage>,
}

impl Session {
    pub(crate) fn new() -> Self {
        let [a, b, c, d, ..] = random();
        let core = Core {
            client: Client::visitor(u32::from_le_bytes([a, b, c, d])),
            device: Device::default(),
            cache: Cache::default(),
            said: Vec::new(),
            port: None,
            socket: None,
            socket_number: 0,
            token: None,
            conversation: None,
            has_acted: false,
            is_loading_history: false,
            wants_focus: false,
            wants_end: false,
            read: 0,
            told_received: 0,
            told_read: 0,
            unread: None,
            typing: TypingTimes::default(),
            look: None,
        };
        Self { state: State::new(), core: StoredValue::new_local(core) }
    }

    /// Reads or changes what is remembered. Must not be nested.
    pub(crate) fn with<R>(self, change: impl FnOnce(&mut Core) -> R) -> Option<R> {
        self.core.try_update_value(change)
    }

    /// Gives the client an input and does what it says.
    pub(crate) fn give(self, input: Input) {
        self.perform_all(self.with(|core| core.client.handle(input)).unwrap_or_default());
    }

    pub(crate) fn perform_all(self, outputs: Vec<Output>) {
        for output in outputs {
            self.perform(output);
        }
    }

    fn perform(self, output: Output) {
        match output {
            Output::Authorize => boot::post(self, "boot", &[]),
            Output::Open => socket::open(self),
            Output::Transmit(frame) => socket::send(self, &frame.to_text()),
            Output::Close => socket::close(self),
            Output::Wake { number, after_ms } => {
                let ms = i32::try_from(after_ms).unwrap_or(i32::MAX);
                after(ms, Box::new(move || self.give(Input::Timer { number })));
            }
            Output::Save { send, said_at_ms } => {
                self.with(|core| core.device.keep_unsent(&send, said_at_ms));
            }
            Output::Unsave { cmid } => {
                self.with(|core| core.device.erase_unsent(cmid));
            }
            Output::LinkChanged(link) => self.link_changed(link),
            Output::Ready(ready) => self.ready(ready),
            Output::OutboxChanged => {
                self.tell_unsent();
                self.end_if_wanted();
                self.draw();
            }
            Output::TimelineChanged(_) => {
                self.draw();
                self.mark();
            }
            Output::SendFailed { cmid } => boot::emit(self, "message:failed", &[("id", cmid.text().into())]),
            Output::Sent { cmid, conv } => self.sent(cmid, conv),
            Output::Event(event) => self.arrived(&event),
            Output::LoadSnapshot(conv) => history::load(self, conv, None),
            Output::Typing(typing) => self.show_typing(&typing),
            Output::Availability(availability) => self.show_availability(availability),
            Output::GaveUp { code } => {
                self.state.change(|view| view.has_given_up = true);
                boot::emit(self, "error", &[("code", f64::from(code).into())]);
            }
            // These concern agents only.
            Output::LoadEverything | Output::Presence(_) => {}
        }
    }

    fn link_changed(self, link: Link) {
        self.state.change(|view| {
            view.link = link;
            view.was_live |= link == Link::Live;
        });
    }

    fn ready(self, ready: Ready) {
        let load = self.with(|core| {
            core.token = ready.visitor;
            (core.told_received, core.told_read) = (0, 0);
            if ready.conv.is_some() && core.conversation != ready.conv {
                if core.conversation.is_some() {
                    core.cache.clear(&core.device);
                }
                core.conversation = ready.conv;
            }
            let conv = ready.conv?;
            core.client.timeline(conv).is_none_or(|t| t.seq() == 0).then_some(conv)
        });
        self.store_token();
        boot::tell_conversation(self);
        match load.flatten() {
            Some(conv) => history::load(self, conv, None),
            None => self.mark(),
        }
        self.draw();
    }

    /// Hands the visitor's token to the page for keeping, once the visitor has acted.
    fn store_token(self) {
        let token = self.with(|core| core.token.clone().filter(|_| core.has_acted)).flatten();
        if let Some(token) = token {
            boot::post(self, "store", &[("visitor", token.into())]);
        }
    }

    /// As long as words wait here, the next page loads the panel again without being asked.
    fn tell_unsent(self) {
        let has_unsent = self.with(|core| !core.client.outbox().is_empty()).unwrap_or_default();
        boot::post(self, "unsent", &[("any", has_unsent.into())]);
    }

    /// Ends the conversation as soon as everything said in it is stored: what came later would open it again.
    pub(crate) fn end_if_wanted(self) {
        let conv = self.with(|core| {
            let can_end = core.client.link() == Link::Live && core.client.outbox().is_empty();
            let is_due = core.wants_end && can_end;
            core.wants_end &= !is_due;
            core.conversation.filter(|_| is_due)
        });
        if let Some(conv) = conv.flatten() {
            self.give(Input::End(End { conv }));
        }
    }

    fn sent(self, cmid: Cmid, conv: ConversationId) {
        let is_new = self.with(|core| core.conversation.replace(conv) != Some(conv)).unwrap_or_default();
        self.store_token();
        let about = [("conversation", conv.text().into()), ("id", cmid.text().into())];
        if is_new {
            boot::tell_conversation(self);
            boot::emit(self, "conversation:started", &about);
        }
        boot::emit(self, "message:sent", &about);
    }

    fn arrived(self, event: &Event) {
        if is_said_by(event, Side::Agent) {
            self.heard(event);
        }
        if let EventBody::Status(change) = &event.body
            && change.status == protocol::event::Status::Resolved
        {
            boot::emit(self, "conversation:ended", &[("conversation", event.conv.text().into())]);
        }
        self.draw();
        self.mark();
    }

    fn heard(self, event: &Event) {
        let EventBody::Message(message) = &event.body else { return };
        let name = event.actor.name.clone().unwrap_or_default();
        let text = message.body.words();
        self.state.change(|view| {
            view.typing = None;
            view.announcement = [name.as_str(), ": ", text].concat();
        });
        let (is_open, is_muted) = self.state.view_now(|view| (view.is_open, view.is_muted));
        if !is_muted && (!is_open || is_hidden()) {
            sound::beep();
        }
        let about = [
            ("conversation", event.conv.text().into()),
            ("id", message.msg.text().into()),
            ("author", name.into()),
            ("text", text.into()),
        ];
        boot::emit(self, "message:received", &about);
    }

    /// Puts the rows on the screen.
    pub(crate) fn draw(self) {
        let view = self.state.view.get_untracked();
        let old = self.state.rows.get_untracked();
        let rows = self.with(|core| {
            let timeline = core.conversation.and_then(|conv| core.client.timeline(conv));
            core.said.retain(|said| !timeline.is_some_and(|t| rows::has(t, said.cmid)));
            rows::rows(&core.client, timeline, &core.said, &old, &view)
        });
        self.state.rows.set(rows.unwrap_or_default());
    }

    /// Tells the relay what has arrived and what was read, and the page what is unread.
    pub(crate) fn mark(self) {
        let is_reading = self.state.view_now(|view| view.is_open) && !is_hidden();
        let marks = self.with(|core| core.take_mark(is_reading)).flatten();
        if let Some((mark, is_read)) = marks {
            self.give(if is_read { Input::Read(mark) } else { Input::Received(mark) });
        }
        let unread = self.with(Core::unread_changed).flatten();
        if let Some(count) = unread {
            #[expect(clippy::cast_precision_loss)]
            boot::post(self, "unread", &[("n", JsValue::from_f64(count as f64))]);
        }
    }

    /// The visitor says something.
    pub(crate) fn say(self, text: &str) {
        let text = text.trim();
        if text.is_empty() || text.len() > protocol::message::MAX_TEXT_BYTES {
            return;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let now_ms = now_ms() as u64;
        let send = self.with(|core| {
            let send = Send {
                cmid: fresh_cmid(),
                conv: core.conversation,
                body: Body::plain(text),
                reply_to: None,
                note: false,
            };
            core.has_acted = true;
            core.typing.said_at = 0.0;
            core.said.push(Said::new(&send, now_ms));
            send
        });
        if let Some(send) = send {
            self.give(Input::Say { send, now_ms });
            self.store_token();
            self.keep_history();
            self.start();
        }
    }

    pub(crate) fn retry(self, key: [u8; 16]) {
        self.give(Input::Retry { cmid: Cmid(key) });
        self.start();
    }

    /// Be connected from now on.
    pub(crate) fn start(self) {
        let has_port = self.with(|core| core.port.is_some()).unwrap_or_default();
        if has_port && !self.state.view_now(|view| view.has_given_up) {
            self.give(Input::Start);
        }
    }

    pub(crate) fn show_availability(self, availability: Availability) {
        let faces: Vec<String> = availability.faces.into_iter().map(|face| face.name).collect();
        let names =
            faces.iter().map(|name| object(&[("name", name.as_str().into())])).collect::<js_sys::Array>();
        boot::emit(self, "availability", &[("online", availability.online.into()), ("faces", names.into())]);
        self.state.change(|view| {
            view.has_agents = availability.online;
            view.faces = faces;
        });
    }

    /// Keeps the last events on the device.
    pub(crate) fn keep_history(self) {
        self.with(|core| {
            if core.has_acted {
                core.cache.save(&core.device);
            }
        });
    }

    /// Forgets everything: the device, the conversation, the connection.
    pub(crate) fn forget(self) {
        self.give(Input::Stop);
        self.with(|core| core.device.forget());
        boot::post(self, "forgotten", &[]);
    }

    pub(crate) fn switch_sound(self) {
        self.state.change(|view| view.is_muted = !view.is_muted);
        let is_muted = self.state.view_now(|view| view.is_muted);
        self.with(|core| match (core.has_acted, is_muted) {
            (true, true) => core.device.keep("muted", "1"),
            (true, false) => core.device.erase("muted"),
            (false, _) => {}
        });
    }

    pub(crate) fn look(self, change: impl FnOnce(&mut View)) {
        self.state.change(change);
        // Rows are made in a language.
        self.state.rows.set(Vec::new());
        self.draw();
    }
}

impl Core {
    /// The last message of ours in the open conversation.
    fn last_heard(&self) -> Option<(ConversationId, u64)> {
        let conv = self.conversation?;
        let events = self.client.timeline(conv)?.events();
        events.iter().rfind(|event| is_said_by(event, Side::Agent)).map(|event| (conv, event.seq))
    }

    /// What the relay has to be told: the mark, and whether it means reading.
    fn take_mark(&mut self, is_reading: bool) -> Option<(Mark, bool)> {
        let (conv, seq) = self.last_heard()?;
        if is_reading {
            self.read = self.read.max(seq);
        }
        let told = if is_reading { &mut self.told_read } else { &mut self.told_received };
        if self.client.link() != Link::Live || *told >= seq {
            return None;
        }
        *told = seq;
        Some((Mark { conv, seq }, is_reading))
    }

    fn unread_changed(&mut self) -> Option<u64> {
        let timeline = self.client.timeline(self.conversation?)?;
        let read = self.read.max(timeline.receipt(Reader::Contact, ReceiptState::Read));
        let is_unread = |event: &&Event| event.seq > read && is_said_by(event, Side::Agent);
        let count = timeline.events().iter().filter(is_unread).count() as u64;
        (self.unread.replace(count) != Some(count)).then_some(count)
    }
}

/// A version 4 UUID.
fn fresh_cmid() -> Cmid {
    let mut bytes = random();
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    Cmid(bytes)
}
