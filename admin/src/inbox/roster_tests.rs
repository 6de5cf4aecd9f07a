//! What the list promises.

use protocol::event::{Assignee, Assignment, EventBody, Reader, Receipt, ReceiptState, Status, StatusChange};
use protocol::message::Side;

use super::super::samples::{ME, conversation, event, row, said};
use super::*;

fn roster() -> Roster {
    let mut roster = Roster::default();
    roster.replace(vec![row(1), row(2), row(3)], None);
    roster
}

fn order(roster: &Roster) -> Vec<ConversationId> {
    roster.rows.iter().map(|row| row.id).collect()
}

#[test]
fn a_message_raises_its_conversation_and_counts_as_unread() {
    let mut roster = roster();

    let need = roster.apply(&said(3, 1, Side::Contact), Movement::Free);

    assert_eq!(need, Need::Nothing);
    assert_eq!(order(&roster), [conversation(3), conversation(1), conversation(2)]);
    assert_eq!(roster.rows[0].unread, 1);
    assert_eq!(roster.rows[0].last_message.as_ref().unwrap().text, "hello");
}

#[test]
fn the_last_words_of_a_row_know_their_author() {
    let mut roster = roster();

    roster.apply(&said(1, 1, Side::Contact), Movement::Free);
    let of_contact = roster.find(conversation(1)).unwrap().last_message.clone().unwrap();
    roster.apply(&said(1, 2, Side::Agent), Movement::Free);
    let of_agent = roster.find(conversation(1)).unwrap().last_message.clone().unwrap();

    assert_eq!(of_contact.author, None);
    assert_eq!(of_agent.author, Some(MessageAuthor { id: ME, name: "Ada".into() }));
}

#[test]
fn a_held_list_keeps_its_order_until_the_pill_is_pressed() {
    let mut roster = roster();

    roster.apply(&said(2, 1, Side::Contact), Movement::Held);
    roster.apply(&said(3, 1, Side::Contact), Movement::Held);
    roster.apply(&said(3, 2, Side::Contact), Movement::Held);

    assert_eq!(order(&roster), [conversation(1), conversation(2), conversation(3)]);
    assert_eq!(roster.arrival_count(), 2);
    assert_eq!(roster.find(conversation(3)).unwrap().unread, 2);

    roster.admit();
    assert_eq!(order(&roster), [conversation(3), conversation(2), conversation(1)]);
    assert_eq!(roster.rows[0].unread, 2);
    assert_eq!(roster.arrival_count(), 0);
}

#[test]
fn an_event_seen_twice_counts_once() {
    let mut roster = roster();

    roster.apply(&said(1, 1, Side::Contact), Movement::Free);
    roster.apply(&said(1, 1, Side::Contact), Movement::Free);

    assert_eq!(roster.rows[0].unread, 1);
}

#[test]
fn reading_clears_the_unread_count_and_an_answer_ends_the_waiting() {
    let mut roster = roster();
    roster.apply(&said(1, 1, Side::Contact), Movement::Free);
    assert!(roster.rows[0].waiting_since.is_some());

    let receipt = Receipt { by: Reader::Agent, state: ReceiptState::Read, up_to: 1 };
    roster.apply(&event(1, 2, EventBody::Delivery(receipt), Side::Agent), Movement::Free);
    roster.apply(&said(1, 3, Side::Agent), Movement::Free);

    assert_eq!(roster.rows[0].unread, 0);
    assert_eq!(roster.rows[0].waiting_since, None);
}

#[test]
fn receipts_between_a_message_and_its_reading_leave_nothing_to_ask_for() {
    let mut roster = roster();
    let receipt = |state, up_to| EventBody::Delivery(Receipt { by: Reader::Agent, state, up_to });
    roster.apply(&said(1, 1, Side::Contact), Movement::Free);

    let delivered = event(1, 2, receipt(ReceiptState::Delivered, 1), Side::Agent);
    let read = event(1, 3, receipt(ReceiptState::Read, 1), Side::Agent);

    assert_eq!(roster.apply(&delivered, Movement::Free), Need::Nothing);
    assert_eq!(roster.rows[0].unread, 1);
    assert_eq!(roster.apply(&read, Movement::Free), Need::Nothing);
    assert_eq!(roster.rows[0].unread, 0);
}

#[test]
fn a_message_that_crossed_its_reading_is_counted_by_the_relay() {
    let mut roster = roster();
    roster.apply(&said(1, 1, Side::Contact), Movement::Free);
    roster.apply(&said(1, 2, Side::Contact), Movement::Free);

    let receipt = Receipt { by: Reader::Agent, state: ReceiptState::Read, up_to: 1 };
    let read = event(1, 3, EventBody::Delivery(receipt), Side::Agent);

    assert_eq!(roster.apply(&read, Movement::Free), Need::Fetch(conversation(1)));
}

#[test]
fn a_row_unknown_to_the_list_is_fetched_and_only_placed_where_it_belongs() {
    let mut roster = roster();
    let filter = Filter::default();

    assert_eq!(roster.apply(&said(9, 1, Side::Contact), Movement::Free), Need::Fetch(conversation(9)));
    roster.place(row(9), &filter, ME, Movement::Free);
    let mut resolved = row(8);
    resolved.status = Status::Resolved;
    roster.place(resolved, &filter, ME, Movement::Free);

    assert_eq!(roster.rows[0].id, conversation(9));
    assert!(roster.find(conversation(8)).is_none());
}

#[test]
fn a_row_that_was_read_before_the_last_event_takes_nothing_back() {
    let mut roster = roster();
    roster.apply(&said(1, 1, Side::Contact), Movement::Free);

    roster.place(row(1), &Filter::default(), ME, Movement::Free);

    assert_eq!(roster.find(conversation(1)).unwrap().unread, 1);
}

#[test]
fn a_resolved_conversation_leaves_the_list_unless_it_is_being_read() {
    let mut roster = roster();
    let filter = Filter::default();
    for number in [1, 2] {
        let change = StatusChange { status: Status::Resolved, until: None };
        roster.apply(&event(number, 1, EventBody::Status(change), Side::Agent), Movement::Free);
    }

    roster.sift(&filter, ME, Some(conversation(2)));

    assert_eq!(order(&roster), [conversation(2), conversation(3)]);
}

#[test]
fn each_view_holds_its_own_conversations() {
    let mut mine = row(1);
    let assignment = Assignment { assignee: Some(Assignee { id: ME, name: "Ada".into() }) };
    update_row(&mut mine, &event(1, 1, EventBody::Assigned(assignment), Side::Agent), None);

    let fits = |row: &ConversationRow, view| belongs(row, &Filter { view, ..Filter::default() }, ME);
    assert!(fits(&mine, View::Mine) && fits(&mine, View::All) && !fits(&mine, View::Unassigned));
    assert!(!fits(&row(2), View::Mine) && fits(&row(2), View::Unassigned));
}

#[test]
fn the_next_page_adds_no_row_twice() {
    let mut roster = roster();
    roster.extend(vec![row(3), row(4)], Some("more".into()));
    assert_eq!(order(&roster).len(), 4);
    assert_eq!(roster.next_cursor.as_deref(), Some("more"));
}

#[test]
fn a_list_goes_on_as_far_as_somebody_reads_and_knows_that_it_is_long() {
    let mut roster = roster();
    let many = |page: u8| {
        (0..100).map(move |number| {
            let mut id = [9; 16];
            (id[14], id[15]) = (page, number);
            ConversationRow { id: ConversationId(id), ..row(9) }
        })
    };

    for page in 0..5 {
        assert!(!roster.is_overgrown());
        roster.extend(many(page).collect(), Some("more".into()));
    }

    assert_eq!(roster.rows.len(), 503);
    assert!(roster.is_overgrown());
    assert_eq!(roster.next_cursor.as_deref(), Some("more"));
}

#[test]
fn a_list_runs_out_only_while_there_is_more_to_have() {
    let mut roster = roster();
    assert!(!roster.is_running_out());

    roster.next_cursor = Some("more".into());

    assert!(roster.is_running_out());
}

#[test]
fn the_keys_walk_the_list_and_stop_at_its_ends() {
    let roster = roster();
    assert_eq!(roster.neighbour(None, Step::Next), Some(conversation(1)));
    assert_eq!(roster.neighbour(Some(conversation(1)), Step::Next), Some(conversation(2)));
    assert_eq!(roster.neighbour(Some(conversation(3)), Step::Next), None);
    assert_eq!(roster.neighbour(Some(conversation(1)), Step::Previous), None);
}
