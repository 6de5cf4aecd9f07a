//! From what the client knows to the rows on the screen. Rows that stay are the same rows, so nothing is drawn twice.

use js_sys::Date;
use protocol::client::{Client, SendState, Timeline};
use protocol::event::{Event, EventBody, Reader, ReceiptState, Status};
use protocol::ids::Cmid;
use protocol::message::Side;

use crate::browser::{now_ms, object};
use crate::device::Said;
use crate::state::{Look, Row, View};
use crate::text::Words;
use crate::thread::{DayName, Item, Progress, day, day_name, places, progress};

/// All rows, oldest first.
pub(crate) fn rows(
    client: &Client,
    timeline: Option<&Timeline>,
    said: &[Said],
    old: &[Row],
    view: &View,
) -> Vec<Row> {
    let events = timeline.map(Timeline::events).unwrap_or_default();
    let mut out: Vec<Row> = events.iter().filter_map(|event| from_event(event, old, view)).collect();
    for message in said {
        let parts = Parts { side: Side::Contact, author: "", text: &message.text, at_ms: message.at_ms };
        out.push(row(message.cmid.0, &parts, old, view));
    }
    dress(&mut out, client, timeline, view);
    out
}

/// Whether a message has come back as an event.
pub(crate) fn has(timeline: &Timeline, cmid: Cmid) -> bool {
    seq_of(timeline, cmid.0).is_some()
}

fn seq_of(timeline: &Timeline, key: [u8; 16]) -> Option<u64> {
    let is_this = |event: &&Event| matches!(&event.body, EventBody::Message(m) if m.cmid.0 == key);
    timeline.events().iter().rfind(is_this).map(|event| event.seq)
}

/// What makes a row.
struct Parts<'a> {
    side: Side,
    author: &'a str,
    text: &'a str,
    at_ms: f64,
}

fn from_event(event: &Event, old: &[Row], view: &View) -> Option<Row> {
    let at_ms = Date::parse(&event.at);
    match &event.body {
        EventBody::Message(message) => {
            let side = event.actor.side;
            // Visitors are not told apart by name: it is always the one who reads.
            let author =
                if side == Side::Contact { "" } else { event.actor.name.as_deref().unwrap_or_default() };
            let parts = Parts { side, author, text: message.body.words(), at_ms };
            Some(row(message.cmid.0, &parts, old, view))
        }
        EventBody::Status(change) if change.status == Status::Resolved => {
            let mut key = [0; 16];
            key.iter_mut().zip(event.seq.to_be_bytes()).for_each(|(place, byte)| *place = byte);
            let parts = Parts { side: Side::System, author: "", text: view.words.ended, at_ms };
            Some(row(key, &parts, old, view))
        }
        EventBody::Note(_)
        | EventBody::Status(_)
        | EventBody::Assigned(_)
        | EventBody::Delivery(_)
        | EventBody::Unknown => None,
    }
}

fn row(key: [u8; 16], parts: &Parts, old: &[Row], view: &View) -> Row {
    if let Some(row) = old.iter().find(|row| row.key == key) {
        return row.clone();
    }
    Row {
        key,
        side: parts.side,
        author: parts.author.to_owned(),
        text: parts.text.to_owned(),
        at_ms: parts.at_ms,
        time: written(parts.at_ms, &view.language, &[("hour", "numeric"), ("minute", "2-digit")]),
        look: Look::default(),
    }
}

/// Gives every row its place in its group and day, and the visitor's last message its progress.
fn dress(rows: &mut [Row], client: &Client, timeline: Option<&Timeline>, view: &View) {
    let offset = Date::new_0().get_timezone_offset();
    let item = |row: &Row| Item {
        side: row.side,
        author: row.author.clone(),
        at_ms: row.at_ms,
        day: day(row.at_ms, offset),
    };
    let items: Vec<Item> = rows.iter().map(item).collect();
    let today = day(now_ms(), offset);
    let last_own = rows.iter().rposition(|row| row.side == Side::Contact);
    for (at, ((row, item), place)) in rows.iter_mut().zip(&items).zip(places(&items)).enumerate() {
        let state = client.outbox().items().iter().find(|p| p.send.cmid.0 == row.key).map(|p| &p.state);
        let has_failed = matches!(state, Some(SendState::Failed { .. }));
        let says = has_failed || Some(at) == last_own;
        row.look = Look {
            day: if place.starts_day { day_words(item, today, view) } else { String::new() },
            starts_group: place.starts_group,
            ends_group: place.ends_group,
            progress: if says { said_under(row, state, timeline, view.words) } else { "" },
            has_failed,
        };
    }
}

fn said_under(
    row: &Row,
    state: Option<&SendState>,
    timeline: Option<&Timeline>,
    words: &Words,
) -> &'static str {
    let seq = timeline.and_then(|t| seq_of(t, row.key));
    let reached = |state| timeline.map(|t| t.receipt(Reader::Agent, state)).unwrap_or_default();
    match progress(state, seq, reached(ReceiptState::Delivered), reached(ReceiptState::Read)) {
        Progress::Sending => words.sending,
        Progress::Sent => words.sent,
        Progress::Delivered => words.delivered,
        Progress::Read => words.read,
        Progress::Failed => words.failed,
    }
}

fn day_words(item: &Item, today: i32, view: &View) -> String {
    match day_name(item.day, today) {
        DayName::Today => view.words.today.into(),
        DayName::Yesterday => view.words.yesterday.into(),
        DayName::Date => {
            written(item.at_ms, &view.language, &[("weekday", "long"), ("day", "numeric"), ("month", "long")])
        }
    }
}

/// An instant as the browser writes it.
fn written(at_ms: f64, language: &str, parts: &[(&str, &str)]) -> String {
    let members: Vec<_> = parts.iter().map(|(name, value)| (*name, (*value).into())).collect();
    Date::new(&at_ms.into()).to_locale_string(language, &object(&members)).into()
}
