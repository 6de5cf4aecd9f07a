//! What the thread promises.

use protocol::event::{EventBody, StatusChange};
use protocol::frame::Send;
use protocol::message::Body;

use super::super::samples::{ME, event, said, words};
use super::*;

const DAY_MS: i64 = 86_400_000;

fn thread(events: &[Event], pending: &[Pending], read: u64) -> Thread {
    build(&Source { events, pending, me: ME, contact: "Visitor 4f2a", delivered: read, read }, |at_ms| {
        at_ms / DAY_MS
    })
}

fn pending(cmid: u8, state: SendState) -> Pending {
    let send =
        Send { cmid: Cmid([cmid; 16]), conv: None, body: Body::plain("hi"), reply_to: None, note: false };
    Pending { send, state, said_at_ms: 1_795_233_900_000 }
}

#[test]
fn messages_of_one_author_within_five_minutes_stand_together() {
    let events = [
        said(1, 1, Side::Contact),
        said(1, 2, Side::Contact),
        said(1, 3, Side::Agent),
        said(1, 9, Side::Agent),
    ];

    let thread = thread(&events, &[], 0);

    let edges: Vec<_> = events
        .iter()
        .map(|event| {
            let state = &thread.states[&Cmid([u8::try_from(event.seq).unwrap(); 16])];
            (state.is_first, state.is_last)
        })
        .collect();
    assert_eq!(edges, [(true, false), (false, true), (true, true), (true, true)]);
}

#[test]
fn a_note_never_stands_in_a_group_with_an_answer() {
    let note = event(1, 2, EventBody::Note(words(2, "psst")), Side::Agent);

    let thread = thread(&[said(1, 1, Side::Agent), note], &[], 0);

    assert!(thread.states.values().all(|state| state.is_first && state.is_last));
    assert_eq!(thread.states[&Cmid([2; 16])].mark, Mark::None);
}

#[test]
fn a_day_is_named_once() {
    let mut late = said(1, 3, Side::Contact);
    late.at = "2026-11-22T00:00:00Z".into();

    let thread = thread(&[said(1, 1, Side::Contact), said(1, 2, Side::Contact), late], &[], 0);

    let days = thread.items.iter().filter(|item| matches!(item, Item::Day { .. })).count();
    assert_eq!(days, 2);
    assert!(matches!(thread.items[0], Item::Day { .. }));
}

#[test]
fn marks_follow_the_contacts_receipts() {
    let events = [
        said(1, 1, Side::Agent),
        said(1, 2, Side::Agent),
        said(1, 3, Side::Agent),
        said(1, 4, Side::Contact),
    ];

    let thread = build(
        &Source { events: &events, pending: &[], me: ME, contact: "Visitor 4f2a", delivered: 2, read: 1 },
        |_| 0,
    );

    let mark = |cmid: u8| thread.states[&Cmid([cmid; 16])].mark.clone();
    assert_eq!([mark(1), mark(2), mark(3), mark(4)], [Mark::Read, Mark::Delivered, Mark::Sent, Mark::None]);
}

#[test]
fn what_is_on_its_way_stands_last_and_only_once() {
    let failed = SendState::Failed { code: "too_long".into(), detail: "Too long.".into() };
    let events = [said(1, 5, Side::Agent)];

    let thread = thread(
        &events,
        &[pending(5, SendState::Sending), pending(6, SendState::Waiting), pending(7, failed)],
        0,
    );

    let keys: Vec<_> = thread.items.iter().map(Item::key).skip(1).collect();
    assert_eq!(keys, [5, 6, 7].map(|cmid| ItemKey::Say(Cmid([cmid; 16]))));
    assert_eq!(thread.states[&Cmid([5; 16])].mark, Mark::Sent);
    assert_eq!(thread.states[&Cmid([7; 16])].mark, Mark::Failed("Too long.".into()));
}

#[test]
fn receipts_and_unknown_events_are_not_drawn() {
    let change = StatusChange { status: Status::Resolved, until: None };
    let events =
        [event(1, 1, EventBody::Unknown, Side::System), event(1, 2, EventBody::Status(change), Side::Agent)];

    let thread = thread(&events, &[], 0);

    assert_eq!(thread.items.len(), 2);
    assert!(matches!(thread.items[1], Item::Line { seq: 2, .. }));
}
