//! What servers speak: how a message is worded and what is heard in a frame. Which room somebody is in was settled when they
//! came in.

use std::io::Result;

use protocol::frame::{ClientFrame, Send};
use protocol::ids::{Cmid, ConversationId};
use protocol::message::Body;

use super::line::Speaker;
use super::stamp::Stamp;
use crate::crypto::random_bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Dialect {
    /// Roost's own frames; the bench starts the server
    Roost,
    /// JSON text, the room in the address: `/room/ID`
    Plain,
    /// Socket.IO over its websocket transport, the room as a query parameter
    Socketio,
}

/// What a frame says to somebody who measures.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody's message is on this screen.
    Message(Stamp),
    /// The message is on stable storage.
    Ack(Stamp),
    /// The server wants to know whether anybody is there; this is the answer.
    Asked(&'static str),
    Nothing,
}

impl Dialect {
    /// Looks at a frame no closer than is needed: parsing it would measure the load instead of the server.
    pub(super) fn hear(self, frame: &[u8]) -> Heard {
        match self {
            Self::Roost if frame.starts_with(b"{\"t\":\"event\"") => message(frame),
            Self::Roost => acknowledged(frame).map_or(Heard::Nothing, Heard::Ack),
            Self::Socketio if frame == b"2" => Heard::Asked("3"),
            Self::Plain | Self::Socketio => message(frame),
        }
    }
}

fn message(frame: &[u8]) -> Heard {
    Stamp::find(frame).map_or(Heard::Nothing, Heard::Message)
}

/// The stamp in the name of a message that is acknowledged.
fn acknowledged(frame: &[u8]) -> Option<Stamp> {
    const ID_LENGTH: usize = 36;
    let rest = frame.strip_prefix(b"{\"t\":\"ack\",\"cmid\":\"")?;
    let cmid: Cmid = std::str::from_utf8(rest.get(..ID_LENGTH)?).ok()?.parse().ok()?;
    cmid.0.last_chunk::<8>().map(|stamp| Stamp(u64::from_be_bytes(*stamp)))
}

/// Somebody who says things in one room. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    speaker: Speaker,
    wording: Wording,
}

#[derive(Debug, Clone, Copy)]
enum Wording {
    /// `lot`: the random half of every message's name; the other half is its stamp.
    Roost {
        conv: ConversationId,
        lot: u64,
    },
    Plain,
    Socketio,
}

impl Sender {
    pub(super) fn roost(speaker: Speaker, conv: ConversationId) -> Self {
        Self { speaker, wording: Wording::Roost { conv, lot: u64::from_be_bytes(random_bytes()) } }
    }

    pub(super) fn plain(speaker: Speaker) -> Self {
        Self { speaker, wording: Wording::Plain }
    }

    pub(super) fn socketio(speaker: Speaker) -> Self {
        Self { speaker, wording: Wording::Socketio }
    }

    pub(super) async fn send(&self, stamp: Stamp) -> Result<()> {
        self.speaker.say(&self.wording.of(stamp)).await
    }

    /// Sends now or not at all.
    pub(super) fn send_now(&self, stamp: Stamp) -> Result<()> {
        self.speaker.say_now(&self.wording.of(stamp))
    }
}

impl Wording {
    fn of(self, stamp: Stamp) -> String {
        let text = stamp.text();
        match self {
            Self::Roost { conv, lot } => {
                let cmid = Cmid(((u128::from(lot) << 64) | u128::from(stamp.0)).to_be_bytes());
                let body = Body::plain(text);
                ClientFrame::Send(Send { cmid, conv: Some(conv), body, reply_to: None, note: false })
                    .to_text()
            }
            Self::Plain => format!("{{\"text\":\"{text}\"}}"),
            Self::Socketio => format!("42[\"m\",\"{text}\"]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_names_the_moment_its_message_was_meant_to_leave() {
        let cmid = Cmid(((7_u128 << 64) + 42).to_be_bytes());
        let frame = format!("{{\"t\":\"ack\",\"cmid\":\"{cmid}\",\"conv\":\"…\"}}");

        assert_eq!(Dialect::Roost.hear(frame.as_bytes()), Heard::Ack(Stamp(42)));
    }

    #[test]
    fn every_dialect_hears_its_messages_and_nothing_in_other_frames() {
        let text = Stamp(9).text();

        let event = format!("{{\"t\":\"event\",\"data\":{{\"text\":\"{text}\"}}}}");
        assert_eq!(Dialect::Roost.hear(event.as_bytes()), Heard::Message(Stamp(9)));
        assert_eq!(Dialect::Roost.hear(b"{\"t\":\"hb\",\"positions\":[]}"), Heard::Nothing);
        assert_eq!(Dialect::Plain.hear(Wording::Plain.of(Stamp(9)).as_bytes()), Heard::Message(Stamp(9)));
        assert_eq!(
            Dialect::Socketio.hear(Wording::Socketio.of(Stamp(9)).as_bytes()),
            Heard::Message(Stamp(9))
        );
        assert_eq!(Dialect::Socketio.hear(b"2"), Heard::Asked("3"));
    }
}
