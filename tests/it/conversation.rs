//! A visitor and an agent talk: both ways, once, in order.

use protocol::frame::{ClientFrame, Position};
use protocol::message::Side;
use tests::random::cmid;
use tests::relay::Relay;
use tests::socket::{send_of, text_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_visitor_writes_reaches_the_agent_and_the_answer_comes_back() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;

    let asked = visitor.tell(None, "Do you ship to Norway?").await;
    let seen = agent.message("Do you ship to Norway?").await;
    let answered = agent.tell(Some(seen.conv), "We do.").await;
    let heard = visitor.message("We do.").await;

    assert_eq!((asked.conv, asked.seq, asked.dup), (seen.conv, 1, false));
    assert_eq!(seen.actor.side, Side::Contact);
    assert_eq!((heard.seq, heard.prev, heard.actor.side), (answered.seq, 1, Side::Agent));
    assert_eq!(heard.actor.name.as_deref(), Some("Olga"));
    assert_eq!(heard.actor.id, None, "visitors learn a name, nothing to look an agent up by");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resend_is_acknowledged_again_and_stored_once() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    let send = ClientFrame::Send(send_of(cmid(), None, "once"));
    let ClientFrame::Send(said) = &send else { unreachable!() };

    visitor.transmit(&send).await;
    let first = visitor.ack(said.cmid).await;
    visitor.transmit(&send).await;
    let second = visitor.ack(said.cmid).await;
    let mut named = said.clone();
    named.conv = Some(first.conv);
    visitor.transmit(&ClientFrame::Send(named)).await;
    let third = visitor.ack(said.cmid).await;

    assert_eq!((first.dup, second.dup, third.dup), (false, true, true));
    for again in [&second, &third] {
        assert_eq!(
            (again.msg, again.seq, &again.epoch, again.conv),
            (first.msg, first.seq, &first.epoch, first.conv)
        );
    }
    let events = relay.running.app.ports.store.events_after(first.conv, 0, 100).await.unwrap();
    assert_eq!(events.last_seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_payload_under_the_same_name_is_a_conflict_and_changes_nothing() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    let first = visitor.tell(None, "first").await;

    visitor.transmit(&ClientFrame::Send(send_of(first.cmid, Some(first.conv), "another"))).await;
    let nack = visitor.nack(first.cmid).await;

    assert_eq!(nack.code, "conflict");
    let slice = relay.running.app.ports.store.events_after(first.conv, 0, 100).await.unwrap();
    assert_eq!(slice.last_seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_name_from_another_author_is_another_message() {
    let relay = Relay::start().await;
    let mut ada = relay.visitor().enter().await;
    let mut bob = relay.visitor().enter().await;
    let first = ada.tell(None, "mine").await;

    bob.transmit(&ClientFrame::Send(send_of(first.cmid, None, "his own"))).await;
    let second = bob.ack(first.cmid).await;

    assert!(!second.dup);
    assert_ne!(second.conv, first.conv);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_sent_without_waiting_keep_their_order() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;
    let words: Vec<String> = (0..50).map(|n| format!("line {n}")).collect();

    let mut names = Vec::new();
    for text in &words {
        names.push(visitor.say(None, text).await);
    }
    let mut acks = Vec::new();
    for name in names {
        acks.push(visitor.ack(name).await);
    }
    agent.message("line 49").await;

    let seqs: Vec<u64> = acks.iter().map(|a| a.seq).collect();
    assert_eq!(seqs, (1..=50).collect::<Vec<_>>());
    assert!(acks.iter().all(|a| a.conv == acks[0].conv), "one conversation, whoever was first");
    assert_eq!(agent.texts(), words);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_never_reaches_the_visitor() {
    let relay = Relay::start().await;
    let (owner, colleague) = (relay.owner().await, relay.hire("Carl", protocol::api::Role::Agent).await);
    let (mut agent, mut colleague) = (owner.enter().await, colleague.enter().await);
    let mut person = relay.visitor();
    let mut visitor = person.enter().await;
    let conv = visitor.tell(None, "hello").await.conv;

    let note = agent.note(conv, "a difficult one").await;
    let note = agent.ack(note).await;
    agent.tell(Some(conv), "hello to you").await;
    let heard = visitor.message("hello to you").await;
    colleague.message("a difficult one").await;
    let snapshot = person.events(conv, "").await.expect(200).text();
    let mut back = person.enter().await;
    back.message("hello to you").await;

    assert_eq!((note.seq, heard.seq, heard.prev), (2, 3, 1), "the note counts, and the chain passes over it");
    for seen in [&visitor, &back] {
        assert!(seen.log.iter().all(|frame| !format!("{frame:?}").contains("difficult")));
    }
    assert!(!snapshot.contains("difficult"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_cannot_write_notes() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "hello").await.conv;

    let name = visitor.note(conv, "psst").await;
    let nack = visitor.nack(name).await;

    assert_eq!(nack.code, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_names_the_one_before_it_that_its_receiver_may_see() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "one").await.conv;
    for text in ["two", "three", "four"] {
        agent.note(conv, "between").await;
        agent.tell(Some(conv), text).await;
    }
    visitor.message("four").await;
    agent.message("four").await;

    for socket in [&visitor, &agent] {
        let mut last = 0;
        for event in socket.events() {
            assert_eq!(event.prev, last, "{event:?}");
            last = event.seq;
        }
    }
    assert_eq!(visitor.texts(), ["one", "two", "three", "four"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_tab_sees_the_same_conversation_live() {
    let relay = Relay::start().await;
    let mut person = relay.visitor();
    let mut first = person.enter().await;
    let conv = first.tell(None, "from the first tab").await.conv;

    let mut second = person.enter().await;
    let ready = second.ready.clone().unwrap();
    second.message("from the first tab").await;
    second.tell(Some(conv), "from the second tab").await;
    let seen = first.message("from the second tab").await;

    assert_eq!(ready.conv, Some(conv));
    assert_eq!(seen.conv, conv);
    assert_eq!(text_of(&seen), Some("from the second tab"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_in_a_resolved_conversation_opens_it_again() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut visitor = relay.visitor().enter().await;
    let first = visitor.tell(None, "hello").await;
    owner
        .patch(&format!("/api/conversations/{}", first.conv), &serde_json::json!({ "status": "resolved" }))
        .await
        .expect(200);

    let named = visitor.tell(Some(first.conv), "one more thing").await;

    assert_eq!(named.conv, first.conv);
    let row = owner.get(&format!("/api/conversations/{}", first.conv)).await.expect(200).json();
    assert_eq!(row["status"], "open");
    let position = Position { conv: first.conv, epoch: first.epoch, seq: 0 };
    visitor.transmit(&ClientFrame::Sub(position)).await;
    visitor.message("one more thing").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_conversation_begun_in_one_tab_is_heard_in_the_other() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut person = relay.visitor();
    let mut first = person.enter().await;
    let old = first.tell(None, "hello").await.conv;
    let mut second = person.enter().await;
    second.message("hello").await;
    owner
        .patch(&format!("/api/conversations/{old}"), &serde_json::json!({ "status": "resolved" }))
        .await
        .expect(200);

    let new = first.tell(None, "something else").await;
    let heard = second.message("something else").await;

    assert_ne!(new.conv, old);
    assert_eq!((heard.conv, heard.seq), (new.conv, 1));
}
