//! The two codecs agree: what clients write serde reads, and what serde writes clients read.

use crate::event::{
    Assignee, Assignment, Event, EventBody, FeedPosition, Reader, Receipt, ReceiptState, Status, StatusChange,
};
use crate::frame::*;
use crate::ids::*;
use crate::message::{Actor, Body, Message, Side};
use crate::wire::FromTree;

fn conv() -> ConversationId {
    ConversationId([7; 16])
}

fn actor() -> Actor {
    Actor { side: Side::Agent, id: Some(PersonId([3; 16]).text()), name: Some("Ada \"the\" agent\n".into()) }
}

fn event(body: EventBody) -> ServerFrame {
    let feed = Some(FeedPosition { division: DivisionId([1; 16]), epoch: "e1".into(), seq: 9 });
    let at = "2026-11-21T04:00:00.000Z".to_owned();
    ServerFrame::Event(Event {
        conv: conv(),
        epoch: "e1".into(),
        seq: 4,
        prev: 2,
        body,
        at,
        actor: actor(),
        feed,
    })
}

fn message() -> Message {
    Message {
        msg: MessageId([2; 16]),
        cmid: Cmid([9; 16]),
        body: Body::plain("hä 😀 \u{1}\\"),
        reply_to: None,
    }
}

#[test]
fn every_client_frame_written_without_serde_is_read_by_serde() {
    let frames = [
        ClientFrame::Hello(Hello {
            v: VERSION,
            boot: Some("b".into()),
            ticket: None,
            subs: vec![Position { conv: conv(), epoch: "e1".into(), seq: 12_345_678_901 }],
            feed: vec![],
        }),
        ClientFrame::Send(Send {
            cmid: Cmid([9; 16]),
            conv: None,
            body: Body::plain("\"\u{7f}\u{1f}ö"),
            reply_to: None,
            note: true,
        }),
        ClientFrame::Sub(Position { conv: conv(), epoch: String::new(), seq: 0 }),
        ClientFrame::Unsub(Unsub { conv: conv() }),
        ClientFrame::Recv(Mark { conv: conv(), seq: 1 }),
        ClientFrame::Read(Mark { conv: conv(), seq: 10 }),
        ClientFrame::Typing(SayTyping { conv: conv(), on: false }),
        ClientFrame::Page(LookAt { url: "https://shop.example/?q=\"".into(), title: String::new() }),
        ClientFrame::End(End { conv: conv() }),
    ];

    for frame in frames {
        let read: ClientFrame = serde_json::from_str(&frame.to_text()).unwrap();
        assert_eq!(read, frame);
        let tree: serde_json::Value = serde_json::from_str(&serde_json::to_string(&frame).unwrap()).unwrap();
        assert_eq!(ClientFrame::from_tree(&tree), Some(frame));
    }
}

#[test]
fn every_server_frame_written_by_serde_is_read_without_serde() {
    let limits = Limits { frame_bytes: 1, text_bytes: 2, frames_per_10s: 0 };
    let frames = [
        ServerFrame::Ready(Ready {
            session: SessionId([4; 16]),
            visitor: Some("vt_x".into()),
            conv: Some(conv()),
            hb_ms: 25_000,
            limits,
            node: "n".into(),
            epoch: "e1".into(),
            feed: vec![],
        }),
        ServerFrame::Ack(Ack {
            cmid: Cmid([9; 16]),
            conv: conv(),
            msg: MessageId([2; 16]),
            seq: 1,
            epoch: "e1".into(),
            dup: true,
        }),
        ServerFrame::Nack(Nack { cmid: Cmid([9; 16]), code: "too_long".into(), detail: "…".into() }),
        ServerFrame::Hb(Heartbeat { positions: vec![HeartbeatPosition { conv: conv(), seq: 3 }] }),
        event(EventBody::Message(message())),
        event(EventBody::Note(message())),
        event(EventBody::Status(StatusChange {
            status: Status::Snoozed,
            until: Some("2026-11-22T00:00:00Z".into()),
        })),
        event(EventBody::Assigned(Assignment {
            assignee: Some(Assignee { id: PersonId([3; 16]), name: "Ada".into() }),
        })),
        event(EventBody::Delivery(Receipt { by: Reader::Agent, state: ReceiptState::Read, up_to: 3 })),
        ServerFrame::Live(Live { conv: conv(), seq: 5 }),
        ServerFrame::Resync(Resync { conv: None, reason: ResyncReason::TooOld }),
        ServerFrame::Typing(Typing { conv: conv(), on: true, who: actor() }),
        ServerFrame::Presence(PresenceChange {
            person: None,
            contact: Some(ContactId([5; 16])),
            state: Presence::Busy,
        }),
        ServerFrame::Availability(Availability { online: true, faces: vec![Face { name: "Ada".into() }] }),
        ServerFrame::Reconnect(Reconnect { after_ms: 10, reason: "drain".into() }),
    ];

    for frame in frames {
        let text = serde_json::to_string(&frame).unwrap();
        let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(ServerFrame::from_tree(&tree).as_ref(), Some(&frame), "{text}");
    }
}

#[test]
fn frames_and_events_of_a_later_version_are_tolerated() {
    let later: serde_json::Value = serde_json::from_str(r#"{"t":"hologram","x":1}"#).unwrap();
    assert_eq!(ServerFrame::from_tree(&later), Some(ServerFrame::Unknown));

    let text = r#"{"t":"event","conv":"07070707-0707-0707-0707-070707070707","epoch":"e","seq":2,"prev":1,
        "kind":"call","data":{"ring":true},"at":"2026-11-21T04:00:00Z","actor":{"side":"system"},"new":[1]}"#;
    let later: serde_json::Value = serde_json::from_str(text).unwrap();
    let Some(ServerFrame::Event(event)) = ServerFrame::from_tree(&later) else { panic!("not an event") };
    assert_eq!((event.seq, event.body), (2, EventBody::Unknown));
}

#[test]
fn a_frame_of_the_wrong_shape_is_refused() {
    for text in [
        "{}",
        r#"{"t":"ack"}"#,
        r#"{"t":"live","conv":"x","seq":1}"#,
        r#"{"t":"hb","positions":[{"seq":1}]}"#,
        "[]",
        "1",
    ] {
        let tree: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(ServerFrame::from_tree(&tree), None, "{text}");
    }
}
