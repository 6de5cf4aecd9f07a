//! Tokens open what they were made for, once, and nothing else.

use protocol::close;
use protocol::frame::{ClientFrame, Hello, Position, ResyncReason, ServerFrame, VERSION};
use serde_json::json;
use tests::database::Database;
use tests::fixture::{SHOP, add_widget};
use tests::http::Request;
use tests::personas::Visitor;
use tests::random::Random;
use tests::relay::Relay;
use tests::socket::visitor_hello;

fn agent_hello(ticket: Option<String>) -> ClientFrame {
    ClientFrame::Hello(Hello { v: VERSION, boot: None, ticket, subs: Vec::new(), feed: Vec::new() })
}

/// What becomes of a visitor's hello with this token.
async fn present(visitor: &Visitor, boot: &str) -> Result<(), u16> {
    let mut socket = visitor.socket().await;
    socket.greet(&visitor_hello(boot.to_owned(), Vec::new())).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_token_opens_one_socket() {
    let relay = Relay::start().await;
    let visitor = relay.visitor();
    let boot = visitor.boot_token().await;

    assert_eq!(present(&visitor, &boot).await, Ok(()));
    assert_eq!(present(&visitor, &boot).await, Err(close::NOT_AUTHENTICATED));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_token_presented_many_times_at_once_opens_one_socket() {
    let relay = Relay::start().await;
    let visitor = relay.visitor();
    let boot = visitor.boot_token().await;

    let tries = (0..16).map(|_| {
        let (visitor, boot) = (visitor.clone(), boot.clone());
        tokio::spawn(async move { present(&visitor, &boot).await.is_ok() })
    });
    let tries: Vec<_> = tries.collect();
    let mut opened = 0;
    for one in tries {
        opened += usize::from(one.await.unwrap());
    }

    assert_eq!(opened, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_cut_and_foreign_boot_tokens_are_refused() {
    let relay = Relay::start().await;
    let visitor = relay.visitor();
    let boot = visitor.boot_token().await;
    let other_relay = Relay::start().await;
    let mut random = Random::new(7);
    let mut wrong = vec![
        String::new(),
        "x".into(),
        boot[1..].to_owned(),
        boot[..boot.len() - 1].to_owned(),
        format!("{boot}A"),
        format!("{boot}="),
        relay.owner().await.ticket().await,
        other_relay.visitor().boot_token().await,
        visitor.key.clone(),
        "A".repeat(4_000),
        "é".repeat(50),
    ];
    for _ in 0..40 {
        let mut letters: Vec<char> = boot.chars().collect();
        let at = usize::try_from(random.below(letters.len() as u64 - 2)).unwrap();
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        wrong.push(letters.into_iter().collect());
    }

    for token in wrong {
        assert_eq!(present(&visitor, &token).await, Err(close::NOT_AUTHENTICATED), "{token}");
    }
    assert_eq!(present(&visitor, &boot).await, Ok(()), "none of them spent the real one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_opens_one_agents_socket_and_no_visitors() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let boot = relay.visitor().boot_token().await;
    let ticket = owner.ticket().await;

    let mut as_visitor = relay.visitor().socket().await;
    assert_eq!(
        as_visitor.greet(&agent_hello(Some(ticket.clone()))).await.unwrap_err(),
        close::NOT_AUTHENTICATED
    );
    let mut first = owner.socket().await;
    assert!(first.greet(&agent_hello(Some(ticket.clone()))).await.is_ok());
    for wrong in [Some(ticket), Some(boot.clone()), Some(String::new()), Some(owner.cookie.clone()), None] {
        let mut socket = owner.socket().await;
        assert_eq!(socket.greet(&agent_hello(wrong)).await.unwrap_err(), close::NOT_AUTHENTICATED);
    }
    let mut with_boot = owner.socket().await;
    assert_eq!(
        with_boot.greet(&visitor_hello(boot, Vec::new())).await.unwrap_err(),
        close::NOT_AUTHENTICATED
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_dies_with_the_session_it_was_made_for() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let ticket = owner.ticket().await;
    owner.post("/api/auth/logout", &json!({})).await.expect(204);

    let mut socket = owner.socket().await;

    assert_eq!(socket.greet(&agent_hello(Some(ticket))).await.unwrap_err(), close::NOT_AUTHENTICATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_alone_opens_no_socket_and_a_ticket_needs_a_session() {
    let relay = Relay::start().await;
    let unsigned = tests::personas::own_request(relay.address(), "POST", "/api/ws-ticket")
        .json(&json!({}))
        .send(relay.address())
        .await;

    assert_eq!((unsigned.status, unsigned.code().as_str()), (401, "not_signed_in"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_visitor_never_reaches_anothers_conversation() {
    let relay = Relay::start().await;
    let mut victim = relay.visitor();
    let mut theirs = victim.enter().await;
    let secret = theirs.tell(None, "my card number").await;
    let mut thief = relay.visitor();
    let mut socket = thief.enter().await;
    socket.tell(None, "hello").await;

    // By following it.
    socket
        .transmit(&ClientFrame::Sub(Position { conv: secret.conv, epoch: secret.epoch.clone(), seq: 0 }))
        .await;
    let refused = socket
        .find("a refusal", |frame| match frame {
            ServerFrame::Resync(resync) => Some(resync.clone()),
            _ => None,
        })
        .await;
    // By writing into it.
    let name = socket.say(Some(secret.conv), "give it to me").await;
    let nack = socket.nack(name).await;
    // By marking and typing in it.
    socket.read_up_to(secret.conv, 99).await;
    socket.transmit(&ClientFrame::Typing(protocol::frame::SayTyping { conv: secret.conv, on: true })).await;
    // By the snapshot.
    let snapshot = thief.events(secret.conv, "").await;
    let unknown = thief.events(protocol::ids::ConversationId([7; 16]), "").await;
    socket.tell(None, "the end").await;
    theirs.tell(Some(secret.conv), "still mine").await;
    theirs.message("still mine").await;

    assert_eq!((refused.conv, refused.reason), (Some(secret.conv), ResyncReason::Forbidden));
    assert_eq!(nack.code, "not_found");
    assert_eq!(snapshot.status, 404);
    assert_eq!(snapshot.body, unknown.body, "somebody else's looks like none");
    assert!(!format!("{:?}", socket.log).contains("card number"));
    assert_eq!(theirs.texts(), ["my card number", "still mine"]);
    assert!(!theirs.log.iter().any(|frame| matches!(frame, ServerFrame::Typing(_))));
    let slice = relay.running.app.ports.store.events_after(secret.conv, 0, 100).await.unwrap();
    assert_eq!(slice.last_seq, 2, "no receipt was stored either");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_of_one_campaign_is_a_stranger_in_another() {
    let relay = Relay::start().await;
    let app = &relay.running.app;
    let (_, other_key) = add_widget(&app.ports, &app.keys, relay.made.workspace, &[SHOP]).await;
    let mut person = relay.visitor();
    let mut socket = person.enter().await;
    let first = socket.tell(None, "in the first shop").await;

    let mut elsewhere = Visitor { key: other_key, ..person.clone() };
    let mut other =
        elsewhere.enter_from(vec![Position { conv: first.conv, epoch: first.epoch.clone(), seq: 0 }]).await;
    let second = other.tell(None, "in the second").await;
    other.message("in the second").await;

    assert_eq!(other.ready.as_ref().unwrap().conv, None);
    assert_ne!(elsewhere.token, person.token);
    assert_ne!(second.conv, first.conv);
    assert_eq!(elsewhere.events(first.conv, "").await.status, 404);
    assert_eq!(other.texts(), ["in the second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_snapshot_needs_a_visitors_token_in_the_header() {
    let relay = Relay::start().await;
    let mut person = relay.visitor();
    let conv = person.enter().await.tell(None, "hello").await.conv;
    let token = person.token.clone().unwrap();
    let boot = person.boot_token().await;
    let path = format!("/api/widget/conversations/{conv}/events");

    let address = relay.address();
    let ask = |value: Option<String>| {
        let request = Request::new("GET", &path);
        let request = match value {
            Some(value) => request.header("authorization", value),
            None => request,
        };
        async move { request.send(address).await.status }
    };

    for wrong in [
        None,
        Some("Bearer ".into()),
        Some(token.clone()),
        Some(format!("Basic {token}")),
        Some(format!("Bearer {boot}")),
        Some(format!("Bearer {token}x")),
    ] {
        assert_eq!(ask(wrong.clone()).await, 401, "{wrong:?}");
    }
    assert_eq!(ask(Some(format!("Bearer {token}"))).await, 200);
    let in_address = Request::new("GET", &format!("{path}?token={token}")).send(relay.address()).await;
    assert!(matches!(in_address.status, 400 | 401), "tokens do not belong into addresses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_unknown_or_malformed_visitor_token_starts_afresh() {
    let relay = Relay::start().await;
    let mut known = relay.visitor();
    let conv = known.enter().await.tell(None, "hello").await.conv;
    let real = known.token.clone().unwrap();

    for token in [
        "",
        "vt_",
        "vt_x",
        "null",
        &real.to_uppercase(),
        &real[..real.len() - 1],
        &format!("{real} "),
        &"v".repeat(10_000),
    ] {
        let mut stranger = Visitor { token: Some(token.to_owned()), ..relay.visitor() };
        let socket = stranger.enter().await;
        assert_eq!(socket.ready.as_ref().unwrap().conv, None, "{token}");
        assert_ne!(stranger.token.as_deref(), Some(token));
    }
    let back = known.enter().await;
    assert_eq!(back.ready.as_ref().unwrap().conv, Some(conv));
    assert_eq!(known.token, Some(real));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_never_spoke_leaves_no_trace() {
    let relay = Relay::start().await;
    for _ in 0..3 {
        relay.visitor().enter().await.leave().await;
    }

    let rows = Database::of(&relay.folder)
        .number("select (select count(*) from contact) + (select count(*) from visitor)");

    assert_eq!(rows, 0);
}
