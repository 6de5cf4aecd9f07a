//! The client's side of the protocol as a state machine: inputs in, outputs out, no socket, clock or storage of its own.
//!
//! Widget, admin, tests and load generator drive the same machine. It keeps what was said until the relay confirmed it,
//! sends it again in order under the same name after every reconnect, notices holes in the sequence and asks for what is
//! missing, and decides when to connect again.

mod backoff;
mod outbox;
mod timeline;

pub use backoff::Backoff;
pub use outbox::{Outbox, Pending, SendState};
pub use timeline::{Applied, Timeline};

use crate::close::{AfterClose, after_close};
use crate::event::{Event, EventBody, FeedPosition};
use crate::frame::{
    Availability, ClientFrame, Hello, Mark, Position, PresenceChange, Ready, Resync, SayTyping, Send, ServerFrame, Typing,
    Unsub, VERSION,
};
use crate::ids::{Cmid, ConversationId};
use crate::message::Side;

/// What proves who the client is, for one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Boot(String),
    Ticket(String),
}

/// Where the connection stands, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not wanted, or given up.
    Off,
    /// Waiting before the next try.
    Waiting,
    /// Getting a credential, opening the socket or saying hello.
    Connecting,
    Live,
}

/// What happened outside.
#[derive(Debug)]
pub enum Input {
    /// Be connected from now on.
    Start,
    Stop,
    /// The network came back or the page woke: do not wait any longer.
    Woke,
    Credential(Credential),
    /// No credential to be had. `final_refusal` when trying again cannot help.
    NoCredential { final_refusal: bool },
    Opened,
    Frame(ServerFrame),
    Closed { code: u16 },
    /// The timer asked for by [`Output::Wake`] with the same number.
    Timer { number: u64 },
    Say { send: Send, now_ms: u64 },
    /// Messages kept from an earlier run, oldest first.
    Restore { sends: Vec<(Send, u64)> },
    Retry { cmid: Cmid },
    /// Give up a failed message.
    Discard { cmid: Cmid },
    /// A snapshot of a conversation: all events from the first one given up to `seq`.
    Snapshot { conv: ConversationId, epoch: String, events: Vec<Event>, seq: u64, has_older: bool },
    /// An older page of a conversation.
    Older { conv: ConversationId, events: Vec<Event>, has_older: bool },
    Forget { conv: ConversationId },
    Received(Mark),
    Read(Mark),
    Typing(SayTyping),
}

/// What to do about it.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Get a boot token or a ticket, then give it as [`Input::Credential`].
    Authorize,
    /// Open the socket.
    Open,
    Transmit(ClientFrame),
    Close,
    /// Give [`Input::Timer`] with this number after this time. A later one replaces an earlier one.
    Wake { number: u64, after_ms: u64 },
    /// Keep this message on the device until it is forgotten.
    Save { send: Send, said_at_ms: u64 },
    Unsave { cmid: Cmid },
    LinkChanged(Link),
    Ready(Ready),
    /// The outbox changed: draw it again.
    OutboxChanged,
    /// A message was refused for good reasons given in the outbox.
    SendFailed { cmid: Cmid },
    /// A message of ours is on stable storage.
    Sent { cmid: Cmid, conv: ConversationId },
    /// A conversation's timeline changed other than by one event.
    TimelineChanged(ConversationId),
    /// A new event, already in its timeline if that is loaded.
    Event(Event),
    /// Load a snapshot of the conversation and give it as [`Input::Snapshot`].
    LoadSnapshot(ConversationId),
    /// Load everything afresh: the feed cannot be resumed.
    LoadEverything,
    Typing(Typing),
    Presence(PresenceChange),
    Availability(Availability),
    /// The relay does not want this client any more; the code says why.
    GaveUp { code: u16 },
}

/// The machine.
#[derive(Debug)]
pub struct Client {
    link: Link,
    credential: Option<Credential>,
    backoff: Backoff,
    outbox: Outbox,
    /// A plain list: a client follows few conversations, and a tree of them would cost the widget kilobytes.
    timelines: Vec<Timeline>,
    /// Conversations a `sub` is under way for.
    filling: Vec<ConversationId>,
    feed: Vec<FeedPosition>,
    follows_feed: bool,
    timer: u64,
    heard: bool,
    silence_ms: u64,
    /// Kept to say why after the close.
    pause_ms: Option<u64>,
}

impl Client {
    /// A visitor's client. `seed` spreads reconnects; any number that differs between clients.
    pub fn visitor(seed: u32) -> Self {
        Self::new(seed, false)
    }

    /// An agent's client, which follows the whole feed of its divisions.
    pub fn agent(seed: u32) -> Self {
        Self::new(seed, true)
    }

    fn new(seed: u32, follows_feed: bool) -> Self {
        Self {
            link: Link::Off,
            credential: None,
            backoff: Backoff::new(seed),
            outbox: Outbox::default(),
            timelines: Vec::new(),
            filling: Vec::new(),
            feed: Vec::new(),
            follows_feed,
            timer: 0,
            heard: false,
            silence_ms: 40_000,
            pause_ms: None,
        }
    }

    pub fn link(&self) -> Link {
        self.link
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub fn timeline(&self, conv: ConversationId) -> Option<&Timeline> {
        self.timelines.iter().find(|t| t.conv == conv)
    }

    fn timeline_mut(&mut self, conv: ConversationId) -> Option<&mut Timeline> {
        self.timelines.iter_mut().find(|t| t.conv == conv)
    }

    /// Makes an empty timeline for a conversation that has none yet.
    fn begin(&mut self, conv: ConversationId, epoch: &str) {
        if self.timeline(conv).is_none() {
            self.timelines.push(Timeline::new(conv, epoch));
        }
    }

    pub fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Start | Input::Woke => {
                if matches!(self.link, Link::Waiting) || (matches!(input, Input::Start) && self.link == Link::Off) {
                    self.authorize(&mut out);
                }
            }
            Input::Stop => self.stop(&mut out),
            Input::Credential(credential) => {
                if self.link == Link::Connecting {
                    self.credential = Some(credential);
                    out.push(Output::Open);
                }
            }
            Input::NoCredential { final_refusal } => self.no_credential(final_refusal, &mut out),
            Input::Opened => self.greet(&mut out),
            Input::Frame(frame) => self.frame(frame, &mut out),
            Input::Closed { code } => self.closed(code, &mut out),
            Input::Timer { number } => self.timer(number, &mut out),
            Input::Say { send, now_ms } => {
                out.push(Output::Save { send: send.clone(), said_at_ms: now_ms });
                self.outbox.add(send, now_ms);
                self.flush(&mut out);
                out.push(Output::OutboxChanged);
            }
            Input::Restore { sends } => {
                for (send, said_at_ms) in sends {
                    self.outbox.add(send, said_at_ms);
                }
                self.flush(&mut out);
                out.push(Output::OutboxChanged);
            }
            Input::Retry { cmid } => {
                self.outbox.retry(cmid);
                self.flush(&mut out);
                out.push(Output::OutboxChanged);
            }
            Input::Discard { cmid } => {
                self.outbox.confirm(cmid);
                out.extend([Output::Unsave { cmid }, Output::OutboxChanged]);
            }
            Input::Snapshot { conv, epoch, events, seq, has_older } => {
                self.begin(conv, &epoch);
                if let Some(timeline) = self.timeline_mut(conv) {
                    timeline.replace(epoch, events, seq, has_older);
                }
                self.follow(conv, &mut out);
                out.push(Output::TimelineChanged(conv));
            }
            Input::Older { conv, events, has_older } => {
                if let Some(timeline) = self.timeline_mut(conv) {
                    timeline.prepend(events, has_older);
                    out.push(Output::TimelineChanged(conv));
                }
            }
            Input::Forget { conv } => {
                self.timelines.retain(|t| t.conv != conv);
                self.filling.retain(|c| *c != conv);
                if !self.follows_feed {
                    self.transmit(ClientFrame::Unsub(Unsub { conv }), &mut out);
                }
            }
            Input::Received(mark) => self.transmit(ClientFrame::Recv(mark), &mut out),
            Input::Read(mark) => self.transmit(ClientFrame::Read(mark), &mut out),
            Input::Typing(typing) => self.transmit(ClientFrame::Typing(typing), &mut out),
        }
        out
    }

    fn set_link(&mut self, link: Link, out: &mut Vec<Output>) {
        if self.link != link {
            self.link = link;
            out.push(Output::LinkChanged(link));
        }
    }

    fn authorize(&mut self, out: &mut Vec<Output>) {
        self.set_link(Link::Connecting, out);
        out.push(Output::Authorize);
        // A credential or a socket that never comes must not stop us for ever.
        self.wake(20_000, out);
    }

    fn stop(&mut self, out: &mut Vec<Output>) {
        self.timer += 1;
        self.outbox.rewind();
        if self.link != Link::Off {
            out.push(Output::Close);
        }
        self.set_link(Link::Off, out);
    }

    fn no_credential(&mut self, final_refusal: bool, out: &mut Vec<Output>) {
        if self.link != Link::Connecting {
            return;
        }
        if final_refusal {
            self.timer += 1;
            self.set_link(Link::Off, out);
            out.push(Output::GaveUp { code: crate::close::FORBIDDEN });
        } else {
            self.wait(out);
        }
    }

    fn greet(&mut self, out: &mut Vec<Output>) {
        let (boot, ticket) = match self.credential.take() {
            Some(Credential::Boot(token)) => (Some(token), None),
            Some(Credential::Ticket(token)) => (None, Some(token)),
            None => (None, None),
        };
        self.filling = self.timelines.iter().map(|t| t.conv).collect();
        let subs = self.timelines.iter().map(Timeline::position).collect();
        out.push(Output::Transmit(ClientFrame::Hello(Hello { v: VERSION, boot, ticket, subs, feed: self.feed.clone() })));
    }

    fn closed(&mut self, code: u16, out: &mut Vec<Output>) {
        // The socket's own close event may follow a close of ours.
        if matches!(self.link, Link::Off | Link::Waiting) {
            return;
        }
        self.outbox.rewind();
        out.push(Output::OutboxChanged);
        match after_close(code) {
            AfterClose::Stop => {
                self.timer += 1;
                self.set_link(Link::Off, out);
                out.push(Output::GaveUp { code });
            }
            AfterClose::Reconnect | AfterClose::Authorize => self.wait(out),
        }
    }

    fn wait(&mut self, out: &mut Vec<Output>) {
        self.set_link(Link::Waiting, out);
        let after_ms = self.pause_ms.take().unwrap_or_else(|| self.backoff.next_ms());
        self.wake(after_ms, out);
    }

    fn wake(&mut self, after_ms: u64, out: &mut Vec<Output>) {
        self.timer += 1;
        out.push(Output::Wake { number: self.timer, after_ms });
    }

    fn timer(&mut self, number: u64, out: &mut Vec<Output>) {
        if number != self.timer {
            return;
        }
        match self.link {
            Link::Off => {}
            Link::Waiting => self.authorize(out),
            Link::Connecting => self.lost(out),
            Link::Live if self.heard => {
                self.heard = false;
                self.wake(self.silence_ms, out);
            }
            Link::Live => self.lost(out),
        }
    }

    /// Nothing was heard for too long: the connection is dead although nobody said so.
    fn lost(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Close);
        self.closed(crate::close::RESTART, out);
    }

    fn frame(&mut self, frame: ServerFrame, out: &mut Vec<Output>) {
        self.heard = true;
        match frame {
            ServerFrame::Ready(ready) => self.ready(ready, out),
            ServerFrame::Ack(ack) => {
                self.outbox.settle_conversation_if_visitor(self.follows_feed, ack.conv);
                if self.outbox.confirm(ack.cmid) {
                    out.extend([Output::Unsave { cmid: ack.cmid }, Output::Sent { cmid: ack.cmid, conv: ack.conv }]);
                    out.push(Output::OutboxChanged);
                }
            }
            ServerFrame::Nack(nack) => {
                let cmid = nack.cmid;
                self.outbox.refuse(nack);
                out.extend([Output::SendFailed { cmid }, Output::OutboxChanged]);
            }
            ServerFrame::Hb(heartbeat) => {
                for position in heartbeat.positions {
                    if self.timeline(position.conv).is_some_and(|t| t.seq() < position.seq) {
                        self.follow(position.conv, out);
                    }
                }
            }
            ServerFrame::Event(event) => self.event(event, out),
            ServerFrame::Live(live) => {
                self.filling.retain(|c| *c != live.conv);
                if let Some(timeline) = self.timeline_mut(live.conv) {
                    timeline.advance(live.seq);
                }
            }
            ServerFrame::Resync(resync) => self.resync(&resync, out),
            ServerFrame::Typing(typing) => out.push(Output::Typing(typing)),
            ServerFrame::Presence(change) => out.push(Output::Presence(change)),
            ServerFrame::Availability(availability) => out.push(Output::Availability(availability)),
            ServerFrame::Reconnect(reconnect) => {
                self.pause_ms = Some(reconnect.after_ms);
                self.lost(out);
            }
            ServerFrame::Unknown => {}
        }
    }

    fn ready(&mut self, ready: Ready, out: &mut Vec<Output>) {
        self.backoff.succeeded();
        self.set_link(Link::Live, out);
        self.silence_ms = ready.hb_ms.max(1_000) + 10_000;
        self.heard = false;
        self.wake(self.silence_ms, out);
        for position in &ready.feed {
            if self.feed.iter().all(|f| f.division != position.division) {
                self.feed.push(position.clone());
            }
        }
        if let (false, Some(conv)) = (self.follows_feed, ready.conv) {
            self.begin(conv, &ready.epoch);
        }
        out.push(Output::Ready(ready));
        self.flush(out);
        out.push(Output::OutboxChanged);
    }

    fn event(&mut self, event: Event, out: &mut Vec<Output>) {
        if !self.follow_feed(&event, out) {
            return;
        }
        if let EventBody::Message(message) | EventBody::Note(message) = &event.body
            && self.outbox.confirm(message.cmid)
        {
            out.extend([Output::Unsave { cmid: message.cmid }, Output::OutboxChanged]);
        }
        let conv = event.conv;
        if !self.follows_feed {
            self.begin(conv, &event.epoch);
        }
        let applied = self.timeline_mut(conv).map(|t| t.apply(event.clone()));
        match applied {
            Some(Applied::Duplicate) => {}
            Some(Applied::Gap) => self.follow(conv, out),
            Some(Applied::New) | None => out.push(Output::Event(event)),
        }
    }

    /// Keeps the feed position; false when the event was seen before or the feed has a hole.
    fn follow_feed(&mut self, event: &Event, out: &mut Vec<Output>) -> bool {
        let Some(position) = &event.feed else { return true };
        let Some(known) = self.feed.iter_mut().find(|f| f.division == position.division) else {
            self.feed.push(position.clone());
            return true;
        };
        if known.epoch != position.epoch || position.seq > known.seq + 1 {
            self.lost(out);
            return false;
        }
        known.seq = known.seq.max(position.seq);
        true
    }

    fn resync(&mut self, resync: &Resync, out: &mut Vec<Output>) {
        match resync.conv {
            Some(conv) => {
                self.filling.retain(|c| *c != conv);
                if resync.reason == crate::frame::ResyncReason::Forbidden {
                    self.timelines.retain(|t| t.conv != conv);
                    out.push(Output::TimelineChanged(conv));
                } else {
                    out.push(Output::LoadSnapshot(conv));
                }
            }
            None => {
                self.feed.clear();
                out.push(Output::LoadEverything);
                out.extend(self.timelines.iter().map(|t| Output::LoadSnapshot(t.conv)));
            }
        }
    }

    /// Asks for everything after what is known of a conversation, once at a time.
    fn follow(&mut self, conv: ConversationId, out: &mut Vec<Output>) {
        if self.link != Link::Live || self.filling.contains(&conv) {
            return;
        }
        if let Some(position) = self.timeline(conv).map(Timeline::position) {
            self.filling.push(conv);
            out.push(Output::Transmit(ClientFrame::Sub(position)));
        }
    }

    fn flush(&mut self, out: &mut Vec<Output>) {
        if self.link == Link::Live {
            out.extend(self.outbox.take_waiting().into_iter().map(|send| Output::Transmit(ClientFrame::Send(send))));
        }
    }

    fn transmit(&mut self, frame: ClientFrame, out: &mut Vec<Output>) {
        if self.link == Link::Live {
            out.push(Output::Transmit(frame));
        }
    }

    /// Where every loaded conversation stands.
    pub fn positions(&self) -> Vec<Position> {
        self.timelines.iter().map(Timeline::position).collect()
    }
}

impl Outbox {
    fn settle_conversation_if_visitor(&mut self, is_agent: bool, conv: ConversationId) {
        if !is_agent {
            self.settle_conversation(conv);
        }
    }
}

/// Whether an event is something the other side said, for unread counts and notifications.
pub fn is_said_by(event: &Event, side: Side) -> bool {
    matches!(event.body, EventBody::Message(_)) && event.actor.side == side
}

#[cfg(test)]
mod tests;
