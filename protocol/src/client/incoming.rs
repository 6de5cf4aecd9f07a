//! What the machine does about each frame of the relay.

use super::{Applied, Client, Link, Outbox, Output, Timeline};
use crate::event::{Event, EventBody};
use crate::frame::{ClientFrame, Ready, Resync, ServerFrame};
use crate::ids::ConversationId;

impl Client {
    pub(super) fn frame(&mut self, frame: ServerFrame, out: &mut Vec<Output>) {
        self.heard = true;
        match frame {
            ServerFrame::Ready(ready) => self.ready(ready, out),
            ServerFrame::Ack(ack) => {
                self.outbox.settle_conversation_if_visitor(self.follows_feed, ack.conv);
                if self.outbox.confirm(ack.cmid) {
                    out.extend([
                        Output::Unsave { cmid: ack.cmid },
                        Output::Sent { cmid: ack.cmid, conv: ack.conv },
                    ]);
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
    pub(super) fn follow(&mut self, conv: ConversationId, out: &mut Vec<Output>) {
        if self.link != Link::Live || self.filling.contains(&conv) {
            return;
        }
        if let Some(position) = self.timeline(conv).map(Timeline::position) {
            self.filling.push(conv);
            out.push(Output::Transmit(ClientFrame::Sub(position)));
        }
    }
}

impl Outbox {
    fn settle_conversation_if_visitor(&mut self, is_agent: bool, conv: ConversationId) {
        if !is_agent {
            self.settle_conversation(conv);
        }
    }
}
