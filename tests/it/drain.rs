//! Told to stop, the relay stops in order: clients learn when to come back, and nothing acknowledged is lost.

use protocol::close;
use protocol::frame::ServerFrame;
use tests::database::Database;
use tests::driven::{Driven, Persona};
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::http::Request;
use tests::personas::{Staff, Visitor};
use tests::random::cmid;
use tests::relay::{Relay, open_config};
use tests::socket::{Socket, send_of};
use tests::until::until;

use crate::program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sigterm_clients_are_told_to_come_back_and_the_program_ends_with_0() {
    let folder = Folder::new();
    let (made, cookie) = prepare(&open_config(&folder)).await;
    let server = program().serve(&folder.data(), 0).await;
    let mut visitor = Visitor::new(server.address, &made.key, SHOP).enter().await;
    let mut agent = Staff::new(server.address, made.owner, &cookie).enter().await;
    let sent: Vec<_> = {
        let mut names = Vec::new();
        for number in 0..40 {
            names.push(visitor.say(None, &format!("{number}")).await);
        }
        names
    };
    visitor.ack(sent[0]).await;

    server.terminate().await;
    let mut spread = Vec::new();
    for socket in [&mut visitor, &mut agent] {
        let word = socket
            .find("a word to come back", |frame| match frame {
                ServerFrame::Reconnect(reconnect) => Some(reconnect.clone()),
                _ => None,
            })
            .await;
        spread.push(word.after_ms);
        assert_eq!(socket.closed().await, close::RESTART);
    }

    assert!(spread.iter().all(|after_ms| *after_ms <= 15_000));
    assert_eq!(server.ended().await, Some(0));
    assert!(!folder.data().join("roost.db-wal").exists(), "the log was folded into the file");
    let acked: Vec<_> = visitor
        .log
        .iter()
        .filter_map(|f| if let ServerFrame::Ack(ack) = f { Some(ack.seq) } else { None })
        .collect();
    let history = History::open(Database::of(&folder));
    history.check_store();
    assert!(history.feed_since(0).len() >= acked.len());
    assert!(!folder.data().join("control.sock").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_draining_nobody_new_is_let_in_and_readyz_says_so() {
    let relay = Relay::start().await;
    assert_eq!(Request::new("GET", "/readyz").send(relay.address()).await.status, 200);
    // A connection from before the drain may still ask once.
    let mut early = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut early, b"GET /readyz HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    until("the relay to have begun to read", || async { Some(()) }).await;

    relay.running.app.shutdown.drain();
    tokio::io::AsyncWriteExt::write_all(&mut early, b"\r\n").await.unwrap();
    let mut heard = Vec::new();
    let _ =
        tests::until::within("an answer", tokio::io::AsyncReadExt::read_to_end(&mut early, &mut heard)).await;

    let said = String::from_utf8_lossy(&heard);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 503"), "{said}");
    until("new connections to be refused", || async {
        match tokio::net::TcpStream::connect(relay.address()).await {
            Err(_) => Some(()),
            Ok(_) => None,
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_under_load_loses_and_doubles_nothing() {
    let folder = Folder::new();
    let (made, _) = prepare(&open_config(&folder)).await;
    let mut server = program().serve(&folder.data(), 0).await;
    let port = server.address.port();
    let visitors: Vec<Driven> = (1..5)
        .map(|seed| Driven::start(Persona::Visitor(Visitor::new(server.address, &made.key, SHOP)), seed))
        .collect();

    for round in 0..3 {
        for number in 0..50 {
            for visitor in &visitors {
                let conv = visitor.state.borrow().conv;
                visitor.say(send_of(cmid(), conv, &format!("{round}/{number}")));
            }
        }
        until("some answers", || async {
            visitors.iter().all(|v| v.state.borrow().conv.is_some()).then_some(())
        })
        .await;
        server.terminate().await;
        assert_eq!(server.ended().await, Some(0));
        server = program().serve(&folder.data(), port).await;
        visitors.iter().for_each(Driven::woke);
    }
    until("every message to be confirmed", || async {
        visitors.iter().for_each(Driven::woke);
        visitors.iter().all(|v| v.state.borrow().waiting == 0).then_some(())
    })
    .await;

    server.terminate().await;
    server.ended().await;
    let journals: Vec<_> = visitors.iter().map(|v| v.journal.clone()).collect();
    let history = History::open(Database::of(&folder));
    history.check(&journals);
    let messages = history.feed_since(0).len();
    assert_eq!(messages, 3 * 50 * visitors.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_in_one_process_is_there_in_the_next() {
    let folder = Folder::new();
    let (made, _) = prepare(&open_config(&folder)).await;
    let server = program().serve(&folder.data(), 0).await;
    let mut person = Visitor::new(server.address, &made.key, SHOP);
    let first = person.enter().await.tell(None, "before").await;
    server.terminate().await;
    server.ended().await;

    let server = program().serve(&folder.data(), 0).await;
    person.address = server.address;
    let mut socket: Socket = person.enter().await;
    socket.message("before").await;
    let again = socket.tell(None, "after").await;

    assert_eq!((again.conv, again.seq, again.epoch), (first.conv, 2, first.epoch));
}
