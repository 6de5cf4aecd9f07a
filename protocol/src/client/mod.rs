//! The client's side of the protocol as a state machine: inputs in, outputs out, no socket, clock or storage of its own.
//!
//! Widget, admin, tests and load generator drive the same machine. It keeps what was said until the relay confirmed it,
//! sends it again in order under the same name after every reconnect, notices holes in the sequence and asks for what is
//! missing, and decides when to connect again.

mod backoff;
mod exchange;
mod incoming;
mod outbox;
mod timeline;

pub use backoff::Backoff;
pub use exchange::{Credential, Input, Link, Output};
pub use outbox::{Outbox, Pending, SendState};
pub use timeline::{Applied, Timeline};

use crate::close::{AfterClose, after_close};
use crate::event::{Event, EventBody, FeedPosition};
use crate::frame::{ClientFrame, Hello, Position, Unsub, VERSION};
use crate::ids::ConversationId;
use crate::message::Side;

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

    #[expect(
        clippy::too_many_lines,
        reason = "one line or two for each input; splitting the list would hide it"
    )]
    pub fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Start | Input::Woke => {
                if matches!(self.link, Link::Waiting)
                    || (matches!(input, Input::Start) && self.link == Link::Off)
                {
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
            Input::Page(page) => self.transmit(ClientFrame::Page(page), &mut out),
            Input::End(end) => self.transmit(ClientFrame::End(end), &mut out),
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
        out.push(Output::Transmit(ClientFrame::Hello(Hello {
            v: VERSION,
            boot,
            ticket,
            subs,
            feed: self.feed.clone(),
        })));
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

    fn flush(&mut self, out: &mut Vec<Output>) {
        if self.link == Link::Live {
            out.extend(
                self.outbox.take_waiting().into_iter().map(|send| Output::Transmit(ClientFrame::Send(send))),
            );
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

/// Whether an event is something the other side said, for unread counts and notifications.
pub fn is_said_by(event: &Event, side: Side) -> bool {
    matches!(event.body, EventBody::Message(_)) && event.actor.side == side
}

#[cfg(test)]
mod tests;
