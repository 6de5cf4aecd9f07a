//! Whoever comes back sees everything once, in order, without a hole; or is told to load a snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::event::FeedPosition;
use protocol::frame::{ClientFrame, Hello, Live, Position, Resync, ResyncReason, ServerFrame, VERSION};
use protocol::ids::ConversationId;
use tests::personas::{Staff, Visitor};
use tests::relay::Relay;
use tests::socket::{Heard, Socket};

/// A visitor with one message in a conversation.
async fn started(relay: &Relay) -> (Visitor, Socket, Position) {
    let mut person = relay.visitor();
    let mut socket = person.enter().await;
    let ack = socket.tell(None, "hello").await;
    (person, socket, Position { conv: ack.conv, epoch: ack.epoch, seq: ack.seq })
}

async fn live(socket: &mut Socket, conv: ConversationId) -> Live {
    socket
        .find("live", |frame| match frame {
            ServerFrame::Live(live) if live.conv == conv => Some(live.clone()),
            _ => None,
        })
        .await
}

async fn resync(socket: &mut Socket) -> Resync {
    socket
        .find("resync", |frame| match frame {
            ServerFrame::Resync(resync) => Some(resync.clone()),
            _ => None,
        })
        .await
}

/// The sequence numbers heard form one chain that begins after `from`.
fn assert_whole(socket: &Socket, from: u64) {
    let mut last = from;
    for event in socket.events() {
        assert!(event.prev <= last && event.seq > last, "a hole or a repetition after {last}: {event:?}");
        last = event.seq;
    }
}

/// Somebody who writes without pause until told to stop; gives how many were stored.
fn keep_writing(staff: &Staff, conv: ConversationId) -> (Arc<AtomicBool>, tokio::task::JoinHandle<u64>) {
    let stop = Arc::new(AtomicBool::new(false));
    let (told, staff) = (Arc::clone(&stop), staff.clone());
    let task = tokio::spawn(async move {
        let mut socket = staff.enter().await;
        let mut count = 0;
        while !told.load(Ordering::Relaxed) && count < 2_000 {
            count = socket.tell(Some(conv), "and another").await.seq;
        }
        count
    });
    (stop, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_reloads_again_and_again_while_an_agent_writes_misses_nothing() {
    let relay = Relay::start().await;
    let (mut person, first, mut position) = started(&relay).await;
    drop(first);
    let (stop, writer) = keep_writing(&relay.owner().await, position.conv);

    for _ in 0..25 {
        let mut socket = person.enter_from(vec![position.clone()]).await;
        live(&mut socket, position.conv).await;
        let enough = position.seq + 5;
        socket.event("some more", |event| event.seq >= enough).await;
        assert_whole(&socket, position.seq);
        position.seq = socket.events().last().map_or(position.seq, |event| event.seq);
    }
    stop.store(true, Ordering::Relaxed);
    let last = writer.await.unwrap();
    let mut socket = person.enter_from(vec![position.clone()]).await;

    if last > position.seq {
        socket.event("the last one", |event| event.seq == last).await;
    }
    assert_whole(&socket, position.seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_without_a_position_gets_the_whole_conversation() {
    let relay = Relay::start().await;
    let (mut person, mut socket, position) = started(&relay).await;
    socket.tell(Some(position.conv), "second").await;

    let mut again = person.enter().await;
    let reached = live(&mut again, position.conv).await;

    assert_eq!(again.texts(), ["hello", "second"]);
    assert_eq!(reached.seq, 2);
    assert_eq!(again.ready.as_ref().unwrap().conv, Some(position.conv));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replay_ends_with_live_and_what_follows_is_not_repeated() {
    let relay = Relay::start().await;
    let (mut person, _first, position) = started(&relay).await;
    let mut agent = relay.owner().await.enter().await;
    agent.tell(Some(position.conv), "while away").await;

    let mut again = person.enter_from(vec![position.clone()]).await;
    live(&mut again, position.conv).await;
    agent.tell(Some(position.conv), "while here").await;
    again.message("while here").await;

    assert_eq!(again.texts(), ["while away", "while here"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_of_another_lineage_is_answered_with_resync_epoch() {
    let relay = Relay::start().await;
    let (mut person, _first, position) = started(&relay).await;

    let mut again =
        person.enter_from(vec![Position { epoch: "0000deadbeef".into(), ..position.clone() }]).await;
    let told = resync(&mut again).await;

    assert_eq!((told.conv, told.reason), (Some(position.conv), ResyncReason::Epoch));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_ahead_of_the_store_is_answered_with_resync_ahead() {
    let relay = Relay::start().await;
    let (mut person, _first, position) = started(&relay).await;

    for seq in [position.seq + 1, u64::from(u32::MAX), (1 << 53) - 1] {
        let mut again = person.enter_from(vec![Position { seq, ..position.clone() }]).await;
        let told = resync(&mut again).await;
        assert_eq!((told.conv, told.reason), (Some(position.conv), ResyncReason::Ahead), "{seq}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_more_than_a_thousand_events_old_is_answered_with_resync_and_never_with_a_part() {
    let relay = Relay::start().await;
    let (mut person, mut socket, position) = started(&relay).await;
    let mut names = Vec::new();
    for number in 0..1_001 {
        names.push(socket.say(Some(position.conv), &format!("{number}")).await);
    }
    for name in names {
        socket.ack(name).await;
    }

    let mut again = person.enter_from(vec![position.clone()]).await;
    let told = resync(&mut again).await;
    let mut just = person.enter_from(vec![Position { seq: 2, ..position.clone() }]).await;
    let reached = live(&mut just, position.conv).await;

    assert_eq!((told.conv, told.reason), (Some(position.conv), ResyncReason::TooOld));
    assert!(again.events().is_empty());
    assert_eq!((reached.seq, just.events().len()), (1_002, 1_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_resync_the_snapshot_and_a_sub_from_it_are_whole() {
    let relay = Relay::start().await;
    let (mut person, mut socket, position) = started(&relay).await;
    for number in 0..120 {
        socket.say(Some(position.conv), &format!("{number}")).await;
    }
    socket.message("119").await;

    let mut again = person.enter_from(vec![Position { epoch: "other".into(), ..position.clone() }]).await;
    resync(&mut again).await;
    let page = person.events(position.conv, "?limit=50").await.expect(200).json();
    let as_of = page["as_of"]["seq"].as_u64().unwrap();
    socket.tell(Some(position.conv), "after the snapshot").await;
    again.transmit(&ClientFrame::Sub(Position { seq: as_of, ..position.clone() })).await;
    again.message("after the snapshot").await;
    let older = person
        .events(position.conv, &format!("?before={}&limit=200", page["items"][0]["seq"]))
        .await
        .expect(200)
        .json();

    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    assert_eq!((as_of, page["has_older"].as_bool()), (121, Some(true)));
    assert_eq!(again.events()[0].seq, as_of + 1);
    assert_eq!((older["items"].as_array().unwrap().len(), older["has_older"].as_bool()), (71, Some(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_snapshot_can_be_read_forward_page_by_page() {
    let relay = Relay::start().await;
    let (person, mut socket, position) = started(&relay).await;
    for number in 0..24 {
        socket.tell(Some(position.conv), &format!("{number}")).await;
    }

    let mut seqs = Vec::new();
    let mut after = 0;
    loop {
        let page = person.events(position.conv, &format!("?after={after}&limit=10")).await.expect(200).json();
        seqs.extend(page["items"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => after = next.parse().unwrap(),
            None => break,
        }
    }

    assert_eq!(seqs, (1..=25).collect::<Vec<u64>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_comes_back_gets_everything_of_the_division_in_feed_order() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let agent = owner.enter().await;
    let mut at: FeedPosition = agent.ready.clone().unwrap().feed[0].clone();
    agent.leave().await;
    let (mut ada, mut bob) = (relay.visitor().enter().await, relay.visitor().enter().await);
    for number in 0..20 {
        ada.tell(None, &format!("ada {number}")).await;
        bob.tell(None, &format!("bob {number}")).await;
    }

    let mut back = owner.enter_from(vec![at.clone()]).await;
    back.message("bob 19").await;

    assert_eq!(back.events().len(), 40);
    for event in back.events() {
        let feed = event.feed.clone().unwrap();
        assert_eq!((feed.seq, feed.division, &feed.epoch), (at.seq + 1, at.division, &at.epoch));
        at = feed;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_without_a_position_starts_at_the_present() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    visitor.tell(None, "long ago").await;

    let mut agent = relay.owner().await.enter().await;
    visitor.tell(None, "now").await;
    agent.message("now").await;

    assert_eq!(agent.texts(), ["now"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_position_of_another_lineage_or_ahead_means_loading_everything() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let at = owner.enter().await.ready.unwrap().feed[0].clone();
    let mut visitor = relay.visitor().enter().await;

    for (position, reason) in [
        (FeedPosition { epoch: "other".into(), ..at.clone() }, ResyncReason::Epoch),
        (FeedPosition { seq: at.seq + 500, ..at.clone() }, ResyncReason::Ahead),
    ] {
        let mut agent = owner.enter_from(vec![position]).await;
        let told = resync(&mut agent).await;
        let text = format!("still live after {reason:?}");
        visitor.tell(None, &text).await;
        agent.message(&text).await;
        assert_eq!((told.conv, told.reason), (None, reason));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_fills_a_gap_of_one_conversation_by_sub() {
    let relay = Relay::start().await;
    let (_person, mut visitor, position) = started(&relay).await;
    visitor.tell(Some(position.conv), "second").await;
    let mut agent = relay.owner().await.enter().await;

    agent.transmit(&ClientFrame::Sub(position.clone())).await;
    let reached = live(&mut agent, position.conv).await;
    agent.transmit(&ClientFrame::Sub(Position { conv: ConversationId([9; 16]), ..position })).await;
    let told = resync(&mut agent).await;

    assert_eq!(agent.texts(), ["second"]);
    assert_eq!(reached.seq, 2);
    assert_eq!(told.reason, ResyncReason::Forbidden);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_hello_may_follow_conversations_too() {
    let relay = Relay::start().await;
    let (_person, _visitor, position) = started(&relay).await;
    let owner = relay.owner().await;
    let hello = Hello {
        v: VERSION,
        boot: None,
        ticket: Some(owner.ticket().await),
        subs: vec![Position { seq: 0, ..position.clone() }],
        feed: Vec::new(),
    };

    let mut agent = owner.socket().await;
    agent.greet(&ClientFrame::Hello(hello)).await.unwrap();
    live(&mut agent, position.conv).await;

    assert_eq!(agent.texts(), ["hello"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_no_longer_followed_is_not_heard_of() {
    let relay = Relay::start().await;
    let (mut person, mut first, position) = started(&relay).await;
    let mut second = person.enter().await;
    live(&mut second, position.conv).await;

    second.transmit(&ClientFrame::Unsub(protocol::frame::Unsub { conv: position.conv })).await;
    // Frames of one socket are taken in order: once this is acknowledged, the one before it has been heeded.
    second.tell(Some(position.conv), "mine").await;
    first.tell(Some(position.conv), "his").await;
    second.transmit(&ClientFrame::Sub(position.clone())).await;
    live(&mut second, position.conv).await;

    let heard_live = second
        .log
        .iter()
        .take_while(|frame| !matches!(frame, ServerFrame::Ack(_)))
        .filter(|f| matches!(f, ServerFrame::Event(_)))
        .count();
    assert_eq!(heard_live, 1, "only the replay of the beginning");
    assert_eq!(second.texts(), ["hello", "mine", "his"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_does_not_read_is_closed_as_too_slow_and_resumes_without_a_hole() {
    let relay = Relay::start().await;
    let (mut person, first, position) = started(&relay).await;
    let hello = tests::socket::visitor_hello(person.boot_token().await, vec![position.clone()]);
    drop(first);
    let own = tests::personas::own_origin(relay.address());
    let mut slow = Socket::open_narrow(relay.address(), "/ws/visitor", Some(own.as_bytes())).await.unwrap();
    slow.greet(&hello).await.unwrap();
    live(&mut slow, position.conv).await;

    let mut agent = relay.owner().await.enter().await;
    let text = "x".repeat(16 * 1024);
    let mut last = 0;
    for _ in 0..60 {
        last = 0;
        for _ in 0..8 {
            last = agent.tell(Some(position.conv), &text).await.seq;
        }
    }
    let code = loop {
        if let Heard::Closed(code) = slow.hear().await {
            break code;
        }
    };
    let reached = slow.events().last().map_or(position.seq, |event| event.seq);
    assert_whole(&slow, position.seq);

    assert_eq!(code, protocol::close::TOO_SLOW);
    assert!(reached < last);
    let mut back = person.enter_from(vec![Position { seq: last - 10, ..position.clone() }]).await;
    back.event("the last one", |event| event.seq == last).await;
    assert_whole(&back, last - 10);
}
