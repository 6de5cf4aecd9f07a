//! Values for tests.

use protocol::api::{CampaignSummary, ContactSummary, ConversationRow};
use protocol::event::{Event, EventBody, Status};
use protocol::frame::Position;
use protocol::ids::{CampaignId, Cmid, ContactId, ConversationId, MessageId, PersonId};
use protocol::message::{Actor, Body, Message, Side};

pub(super) const ME: PersonId = PersonId([3; 16]);

pub(super) fn conversation(number: u8) -> ConversationId {
    ConversationId([number; 16])
}

pub(super) fn row(number: u8) -> ConversationRow {
    ConversationRow {
        id: conversation(number),
        channel: "webchat".into(),
        campaign: CampaignSummary { id: CampaignId([1; 16]), name: "Shop".into() },
        contact: ContactSummary { id: ContactId([number; 16]), name: "Visitor".into(), is_online: true },
        status: Status::Open,
        snoozed_until: None,
        assignee: None,
        last_message: None,
        waiting_since: None,
        unread: 0,
        position: Position { conv: conversation(number), epoch: "e".into(), seq: 0 },
        created_at: "2026-11-21T04:00:00Z".into(),
        updated_at: "2026-11-21T04:00:00Z".into(),
    }
}

pub(super) fn event(number: u8, seq: u64, body: EventBody, side: Side) -> Event {
    Event {
        conv: conversation(number),
        epoch: "e".into(),
        seq,
        prev: seq - 1,
        body,
        at: format!("2026-11-21T04:{:02}:00Z", seq % 60),
        actor: Actor { side, id: Some(ME.text()).filter(|_| side == Side::Agent), name: Some("Ada".into()) },
        feed: None,
    }
}

pub(super) fn words(cmid: u8, text: &str) -> Message {
    Message { msg: MessageId([cmid; 16]), cmid: Cmid([cmid; 16]), body: Body::plain(text), reply_to: None }
}

pub(super) fn said(number: u8, seq: u64, side: Side) -> Event {
    let cmid = u8::try_from(seq).unwrap();
    event(number, seq, EventBody::Message(words(cmid, "hello")), side)
}
