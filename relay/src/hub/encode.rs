//! Frames as bytes, made once and shared by all who get them.

use bytes::Bytes;
use protocol::event::{Event, FeedPosition};
use protocol::frame::ServerFrame;

use crate::clock::rfc3339;
use crate::inbox::visibility::{Audience, actor_for};
use crate::store::StoredEvent;

/// A frame as JSON text.
pub fn encode(frame: &ServerFrame) -> Bytes {
    match serde_json::to_string(frame) {
        Ok(text) => text.into(),
        Err(error) => unreachable!("frames are plain data and always encode: {error}"),
    }
}

/// An event as an audience may see it. `None` when it may not.
pub fn event_for(audience: Audience, epoch: &str, event: &StoredEvent) -> Option<Event> {
    if audience == Audience::Visitor && !event.is_visible {
        return None;
    }
    let (prev, feed) = match audience {
        Audience::Visitor => (event.visible_before, None),
        Audience::Agents => {
            let feed =
                FeedPosition { division: event.division, epoch: epoch.to_owned(), seq: event.feed_seq };
            (event.seq - 1, Some(feed))
        }
    };
    Some(Event {
        conv: event.conversation,
        epoch: epoch.to_owned(),
        seq: event.seq,
        prev,
        body: event.body.clone(),
        at: rfc3339(event.at_ms),
        actor: actor_for(audience, &event.actor),
        feed,
    })
}

/// An event as a frame for an audience.
pub(super) fn event_frame(audience: Audience, epoch: &str, event: &StoredEvent) -> Option<Bytes> {
    event_for(audience, epoch, event).map(|e| encode(&ServerFrame::Event(e)))
}
