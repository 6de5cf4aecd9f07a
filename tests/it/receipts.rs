//! Sent, delivered, read: receipts only rise, count what the other side said, and are told to both sides.

use protocol::event::{Event, EventBody, Reader, Receipt, ReceiptState};
use protocol::frame::{ClientFrame, Mark};
use tests::relay::Relay;
use tests::socket::Socket;

async fn receipt(socket: &mut Socket, state: ReceiptState, by: Reader) -> Receipt {
    let is_it =
        |event: &Event| matches!(&event.body, EventBody::Delivery(r) if r.state == state && r.by == by);
    let event = socket.event(&format!("a receipt: {state:?} by {by:?}"), is_it).await;
    let EventBody::Delivery(receipt) = event.body else { unreachable!() };
    receipt
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_and_reading_are_told_to_whoever_wrote() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "one").await.conv;
    visitor.tell(Some(conv), "two").await;

    agent.transmit(&ClientFrame::Recv(Mark { conv, seq: 2 })).await;
    let delivered = receipt(&mut visitor, ReceiptState::Delivered, Reader::Agent).await;
    agent.read_up_to(conv, 2).await;
    let read = receipt(&mut visitor, ReceiptState::Read, Reader::Agent).await;
    let said = agent.tell(Some(conv), "answer").await;
    visitor.read_up_to(conv, said.seq).await;
    let heard = receipt(&mut agent, ReceiptState::Read, Reader::Contact).await;

    assert_eq!((delivered.up_to, read.up_to, heard.up_to), (2, 2, said.seq));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_never_go_back_nor_beyond_what_was_said() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "one").await.conv;
    visitor.tell(Some(conv), "two").await;

    agent.read_up_to(conv, 1).await;
    agent.read_up_to(conv, 1_000_000).await;
    for seq in [0, 1, 2, u64::from(u32::MAX)] {
        agent.transmit(&ClientFrame::Recv(Mark { conv, seq })).await;
        agent.read_up_to(conv, seq).await;
    }
    agent.tell(Some(conv), "the end").await;
    visitor.message("the end").await;

    let receipts: Vec<u64> = visitor
        .events()
        .iter()
        .filter_map(|e| if let EventBody::Delivery(r) = &e.body { Some(r.up_to) } else { None })
        .collect();
    assert_eq!(receipts, [1, 2], "having read is having received, and what was never said cannot be read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_ones_own_words_is_no_receipt() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "one").await.conv;

    visitor.read_up_to(conv, 1).await;
    let next = visitor.tell(Some(conv), "two").await;

    assert_eq!(next.seq, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_counts_follow_both_sides() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut agent = owner.enter().await;
    let mut person = relay.visitor();
    let mut visitor = person.enter().await;
    let conv = visitor.tell(None, "one").await.conv;
    visitor.tell(Some(conv), "two").await;
    let path = format!("/api/conversations/{conv}");

    let waiting = owner.get(&path).await.json();
    agent.read_up_to(conv, 1).await;
    receipt(&mut visitor, ReceiptState::Read, Reader::Agent).await;
    let half = owner.get(&path).await.json();
    agent.read_up_to(conv, 99).await;
    receipt(&mut visitor, ReceiptState::Read, Reader::Agent).await;
    let none = owner.get(&path).await.json();
    agent.tell(Some(conv), "answer").await;
    agent.note(conv, "for us").await;
    let last = agent.tell(Some(conv), "another").await;
    let badge = person.boot().await.json();
    let answered = owner.get(&path).await.json();
    visitor.read_up_to(conv, last.seq).await;
    receipt(&mut agent, ReceiptState::Read, Reader::Contact).await;
    let cleared = person.boot().await.json();

    assert_eq!((&waiting["unread"], &half["unread"], &none["unread"]), (&2.into(), &1.into(), &0.into()));
    assert!(
        waiting["waiting_since"].is_string() && none["waiting_since"].is_string(),
        "reading is no answer"
    );
    assert!(answered["waiting_since"].is_null());
    assert_eq!(
        (&badge["unread"], &cleared["unread"]),
        (&2.into(), &0.into()),
        "notes do not count for visitors"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_survive_a_reload() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut person = relay.visitor();
    let mut visitor = person.enter().await;
    let conv = visitor.tell(None, "one").await.conv;
    agent.read_up_to(conv, 1).await;
    receipt(&mut visitor, ReceiptState::Read, Reader::Agent).await;

    let mut again = person.enter().await;

    assert_eq!(receipt(&mut again, ReceiptState::Read, Reader::Agent).await.up_to, 1);
}
