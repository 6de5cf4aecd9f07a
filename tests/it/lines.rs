//! Lines that go bad between clients, nodes, database and Redis: nothing is lost or doubled, and nobody stays away for long.

use std::time::{Duration, Instant};

use tests::crowd::Crowd;
use tests::driven::{Driven, Persona};
use tests::fleet::{Fleet, Place};
use tests::histcheck::History;
use tests::journal::Entry;
use tests::proxy::{Line, Proxy, Way};
use tests::random::{Random, cmid};
use tests::socket::send_of;
use tests::until::{until, until_within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const VISITORS: usize = 6;
const ROUNDS: usize = 20;
/// How long answers are held back before they are lost, at most.
const LONGEST_MS: u64 = 100;

/// Both ends of a line.
async fn line() -> (Proxy, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap()).await;
    let (near, far) = tokio::join!(TcpStream::connect(proxy.address), listener.accept());
    (proxy, near.unwrap(), far.unwrap().0)
}

#[tokio::test]
async fn a_deaf_line_holds_everything_back_and_gives_it_when_it_is_good_again() {
    let (proxy, mut near, mut far) = line().await;
    let mut answer = [0; 4];

    proxy.set(Line::Deaf(Way::There));
    near.write_all(b"said").await.unwrap();
    far.write_all(b"back").await.unwrap();
    near.read_exact(&mut answer).await.unwrap();
    let nothing = tokio::time::timeout(Duration::from_millis(100), far.peek(&mut [0])).await;
    proxy.set(Line::Good);

    assert_eq!(&answer, b"back", "the other way is good");
    assert!(nothing.is_err(), "a deaf line carries nothing");
    far.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"said");
}

#[tokio::test]
async fn a_cut_line_is_reset_at_both_ends_and_a_stranded_one_says_nothing() {
    let (proxy, mut near, mut far) = line().await;

    proxy.strand();
    near.write_all(b"said").await.unwrap();
    let nothing = tokio::time::timeout(Duration::from_millis(100), far.peek(&mut [0])).await;
    proxy.cut(100);

    assert!(nothing.is_err(), "a stranded connection carries nothing");
    for end in [&mut near, &mut far] {
        let error = end.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_whose_answers_are_lost_lose_and_double_nothing() {
    let mut random = Random::announced("commits_whose_answers_are_lost_lose_and_double_nothing");
    let fleet = Fleet::start(crate::program(), 2).await;
    let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % 2)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
    crowd.is_there().await;

    for round in 0..ROUNDS {
        let line = fleet.line(round % 2, Place::Database);
        crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        line.set(Line::Deaf(Way::Back));
        crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        line.cut(100);
        line.set(Line::Good);
    }
    crowd.comes_back().await;
    crowd.settle().await;

    crowd.has_heard_everything(&fleet.database).await;
    History::open(fleet.database.clone()).check(&crowd.journals());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deaf_subscription_that_nobody_tells_of_is_found_out() {
    let fleet = Fleet::start(crate::program(), 2).await;
    let mut agent = fleet.owner(0).enter().await;
    let mut visitor = fleet.visitor(1).enter().await;
    let conv = visitor.tell(None, "hello").await.conv;
    agent.message("hello").await;

    fleet.line(0, Place::Redis).strand();
    let began = Instant::now();
    let mut quick = 0;
    for n in 0.. {
        let (words, said) = (format!("line {n}"), Instant::now());
        visitor.tell(Some(conv), &words).await;
        agent.message(&words).await;
        // By a sweep, half a second is luck; five times in a row it is a subscription that hears.
        quick = if said.elapsed() < Duration::from_millis(500) { quick + 1 } else { 0 };
        if quick == 5 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(40), "the node has not noticed");
    }
}

/// How many messages a client has heard, its own among them.
fn messages(client: &Driven) -> usize {
    let is_message = |entry: &&Entry| matches!(entry, Entry::Heard(event) if event.body.kind() == "message");
    client.journal.entries().iter().filter(is_message).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_whose_line_dies_without_a_word_comes_back_by_itself() {
    let fleet = Fleet::start(crate::program(), 2).await;
    let agent = Driven::start(Persona::Staff(fleet.owner(1)), 2);
    until("the agent to be there", || async { agent.state.borrow().is_live.then_some(()) }).await;
    let visitor = Driven::start(Persona::Visitor(fleet.visitor(0)), 1);
    visitor.say(send_of(cmid(), None, "hello"));
    let conv = until("the first message to be stored", || async { visitor.state.borrow().conv }).await;

    fleet.line(0, Place::Clients).strand();
    visitor.say(send_of(cmid(), Some(conv), "can you hear me?"));
    agent.say(send_of(cmid(), Some(conv), "are you still there?"));

    // Twice the silence that a client takes for death: it may have heard something just before its line died.
    until_within("both to hear everything", Duration::from_secs(85), || async {
        [&visitor, &agent].into_iter().all(|client| messages(client) == 3).then_some(())
    })
    .await;
    History::open(fleet.database.clone()).check(&[visitor.journal.clone(), agent.journal.clone()]);
}
