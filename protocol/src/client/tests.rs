//! Promises of the client state machine.

use super::*;
use crate::event::{Reader, Receipt, ReceiptState};
use crate::frame::{Ack, Limits, Live, Ready, Reconnect, Send, ServerFrame};
use crate::ids::{Cmid, MessageId, SessionId};
use crate::message::{Actor, Body, Message};

const CONV: ConversationId = ConversationId([1; 16]);

fn ready() -> ServerFrame {
    let limits = Limits { frame_bytes: 65_536, text_bytes: 16_384, frames_per_10s: 0 };
    ServerFrame::Ready(Ready {
        session: SessionId([0; 16]),
        visitor: None,
        conv: None,
        hb_ms: 25_000,
        limits,
        node: "n".into(),
        epoch: "e".into(),
        feed: vec![],
    })
}

fn send(n: u8) -> Send {
    Send { cmid: Cmid([n; 16]), conv: None, body: Body::plain(format!("m{n}")), reply_to: None, note: false }
}

fn event(seq: u64, prev: u64, cmid: u8) -> Event {
    let message = Message {
        msg: MessageId([cmid; 16]),
        cmid: Cmid([cmid; 16]),
        body: Body::plain("x"),
        reply_to: None,
    };
    let actor = Actor { side: Side::Agent, id: None, name: None };
    let at = "2026-11-21T04:00:00Z".to_owned();
    Event {
        conv: CONV,
        epoch: "e".into(),
        seq,
        prev,
        body: EventBody::Message(message),
        at,
        actor,
        feed: None,
    }
}

fn live_visitor() -> Client {
    let mut client = Client::visitor(1);
    client.handle(Input::Start);
    connect(&mut client);
    client
}

fn connect(client: &mut Client) -> Vec<Output> {
    client.handle(Input::Credential(Credential::Boot("b".into())));
    let mut out = client.handle(Input::Opened);
    out.extend(client.handle(Input::Frame(ready())));
    out
}

fn sent(outputs: &[Output]) -> Vec<Cmid> {
    let frames = outputs.iter().filter_map(|o| match o {
        Output::Transmit(ClientFrame::Send(send)) => Some(send.cmid),
        _ => None,
    });
    frames.collect()
}

fn timer(outputs: &[Output]) -> u64 {
    let mut wakes =
        outputs.iter().filter_map(|o| if let Output::Wake { number, .. } = o { Some(*number) } else { None });
    wakes.next_back().unwrap()
}

#[test]
fn what_is_said_offline_waits_and_goes_out_in_order_once_connected() {
    let mut client = Client::visitor(1);
    client.handle(Input::Start);
    for n in [1, 2, 3] {
        assert!(sent(&client.handle(Input::Say { send: send(n), now_ms: 0 })).is_empty());
    }

    let out = connect(&mut client);

    assert_eq!(sent(&out), [Cmid([1; 16]), Cmid([2; 16]), Cmid([3; 16])]);
}

#[test]
fn unconfirmed_messages_are_sent_again_before_new_ones_after_a_reconnect() {
    let mut client = live_visitor();
    client.handle(Input::Say { send: send(1), now_ms: 0 });
    client.handle(Input::Say { send: send(2), now_ms: 0 });
    let ack = Ack {
        cmid: Cmid([1; 16]),
        conv: CONV,
        msg: MessageId([1; 16]),
        seq: 1,
        epoch: "e".into(),
        dup: false,
    };
    client.handle(Input::Frame(ServerFrame::Ack(ack)));
    let closed = client.handle(Input::Closed { code: 1006 });
    client.handle(Input::Say { send: send(3), now_ms: 0 });

    client.handle(Input::Timer { number: timer(&closed) });
    let out = connect(&mut client);

    assert_eq!(sent(&out), [Cmid([2; 16]), Cmid([3; 16])]);
    assert_eq!(client.outbox().items()[0].send.conv, Some(CONV));
}

#[test]
fn an_event_that_carries_our_own_message_confirms_it_even_without_an_ack() {
    let mut client = live_visitor();
    client.handle(Input::Say { send: send(1), now_ms: 0 });

    let out = client.handle(Input::Frame(ServerFrame::Event(event(1, 0, 1))));

    assert!(client.outbox().is_empty());
    assert!(out.contains(&Output::Unsave { cmid: Cmid([1; 16]) }));
}

#[test]
fn a_hole_in_the_sequence_asks_for_what_is_missing_once_and_shows_nothing_out_of_order() {
    let mut client = live_visitor();
    client.handle(Input::Frame(ServerFrame::Event(event(1, 0, 1))));

    let first = client.handle(Input::Frame(ServerFrame::Event(event(4, 3, 4))));
    let second = client.handle(Input::Frame(ServerFrame::Event(event(5, 4, 5))));

    let sub = ClientFrame::Sub(Position { conv: CONV, epoch: "e".into(), seq: 1 });
    assert_eq!(first, [Output::Transmit(sub)]);
    assert!(second.is_empty());

    for seq in 2..=5 {
        client.handle(Input::Frame(ServerFrame::Event(event(seq, seq - 1, 9))));
    }
    client.handle(Input::Frame(ServerFrame::Live(Live { conv: CONV, seq: 5 })));
    let seqs: Vec<u64> = client.timeline(CONV).unwrap().events().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
}

#[test]
fn a_hidden_event_is_no_hole() {
    let mut client = live_visitor();
    client.handle(Input::Frame(ServerFrame::Event(event(1, 0, 1))));

    // 2 and 3 were notes: the next event this visitor may see says that 1 came before it.
    let out = client.handle(Input::Frame(ServerFrame::Event(event(4, 1, 4))));

    assert!(matches!(out.as_slice(), [Output::Event(_)]));
}

#[test]
fn an_event_is_shown_once_however_often_it_arrives() {
    let mut client = live_visitor();
    client.handle(Input::Frame(ServerFrame::Event(event(1, 0, 1))));

    assert!(client.handle(Input::Frame(ServerFrame::Event(event(1, 0, 1)))).is_empty());
}

#[test]
fn silence_closes_the_connection_and_tries_again() {
    let mut client = Client::visitor(1);
    client.handle(Input::Start);
    let mut number = timer(&connect(&mut client));
    client.handle(Input::Frame(ServerFrame::Live(Live { conv: CONV, seq: 0 })));

    let heard = client.handle(Input::Timer { number });
    assert!(matches!(heard.as_slice(), [Output::Wake { .. }]), "{heard:?}");
    number = timer(&heard);

    let silent = client.handle(Input::Timer { number });
    assert_eq!(silent[0], Output::Close);
    assert_eq!(client.link(), Link::Waiting);
}

#[test]
fn an_outdated_timer_does_nothing() {
    let mut client = Client::visitor(1);
    let first = timer(&client.handle(Input::Start));
    connect(&mut client);

    assert!(client.handle(Input::Timer { number: first }).is_empty());
}

#[test]
fn the_relay_decides_when_to_come_back_from_a_drain() {
    let mut client = live_visitor();

    let out = client
        .handle(Input::Frame(ServerFrame::Reconnect(Reconnect { after_ms: 1234, reason: "drain".into() })));

    assert!(out.iter().any(|o| matches!(o, Output::Wake { after_ms: 1234, .. })));
    assert!(client.handle(Input::Closed { code: 1012 }).is_empty(), "the socket's own close changes nothing");
}

#[test]
fn a_close_that_cannot_get_better_ends_it() {
    let mut client = live_visitor();

    let out = client.handle(Input::Closed { code: crate::close::FORBIDDEN });

    assert!(out.contains(&Output::GaveUp { code: 4403 }));
    assert_eq!(client.link(), Link::Off);
}

#[test]
fn receipts_never_go_back() {
    let mut client = live_visitor();
    let receipt = |seq, state, up_to| {
        let mut event = event(seq, seq - 1, 0);
        event.body = EventBody::Delivery(Receipt { by: Reader::Agent, state, up_to });
        Input::Frame(ServerFrame::Event(event))
    };
    client.handle(receipt(1, ReceiptState::Read, 7));
    client.handle(receipt(2, ReceiptState::Delivered, 3));

    let timeline = client.timeline(CONV).unwrap();
    assert_eq!(timeline.receipt(Reader::Agent, ReceiptState::Read), 7);
    assert_eq!(timeline.receipt(Reader::Agent, ReceiptState::Delivered), 7);
}
