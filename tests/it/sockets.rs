//! What a socket takes and what it closes for, and that being too fast only means being slowed down.

use protocol::close;
use protocol::frame::{ClientFrame, Hello, VERSION};
use tests::personas::own_origin;
use tests::relay::Relay;
use tests::socket::{Socket, send_of, visitor_hello};
use tests::until::within_time;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_over_64_kib_closes_the_socket_with_4413() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;

    visitor.transmit_text(format!("{{\"t\":\"send\",\"x\":\"{}\"}}", "x".repeat(64 * 1024))).await;

    assert_eq!(visitor.closed().await, close::TOO_BIG);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_over_16_kib_is_refused_and_the_conversation_goes_on() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;

    let too_long = visitor.say(None, &"ä".repeat(8 * 1024 + 1)).await;
    let nack = visitor.nack(too_long).await;
    let empty = visitor.say(None, " \n\t").await;
    let empty = visitor.nack(empty).await;
    let fits = visitor.tell(None, &"ä".repeat(8 * 1024)).await;

    assert_eq!((nack.code.as_str(), empty.code.as_str()), ("too_long", "empty"));
    assert_eq!(fits.seq, 1, "what was refused left nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_frame_closes_the_socket_with_4400() {
    let relay = Relay::start().await;
    let frames = [
        "",
        "{",
        "[]",
        "null",
        "\"hello\"",
        "{}",
        "{\"t\":null}",
        "{\"t\":\"\"}",
        "{\"t\":\"event\"}",
        "{\"t\":\"ack\"}",
        "{\"t\":\"Send\"}",
        "{\"t\":\"send\"}",
        "{\"t\":\"send\",\"cmid\":\"1\",\"conv\":null,\"body\":{\"kind\":\"text\",\"text\":\"a\"}}",
        "{\"t\":\"send\",\"cmid\":\"0192f0c1-7a2b-7c3d-8e4f-0123456789ab\",\"body\":{\"kind\":\"html\",\"text\":\"a\"}}",
        "{\"t\":\"send\",\"cmid\":\"0192f0c1-7a2b-7c3d-8e4f-0123456789ab\",\"body\":{\"kind\":\"text\",\"text\":7}}",
        "{\"t\":\"sub\",\"conv\":\"x\",\"epoch\":\"\",\"seq\":0}",
        "{\"t\":\"sub\",\"conv\":\"0192f0c1-7a2b-7c3d-8e4f-0123456789ab\",\"epoch\":\"\",\"seq\":-1}",
        "{\"t\":\"recv\",\"seq\":1e400}",
        "{\"t\":\"typing\",\"on\":true}",
        "{\"t\":\"hello\",\"v\":1,\"boot\":\"again\"}",
        "{\"t\":\"typing\",\"conv\":\"0192f0c1-7a2b-7c3d-8e4f-0123456789ab\",\"on\":\"\\ud800\"}",
    ];
    for frame in frames {
        let mut visitor = relay.visitor().enter().await;
        visitor.transmit_text(frame).await;
        assert_eq!(visitor.closed().await, close::PROTOCOL, "{frame}");
    }
    let deep = format!("{{\"t\":\"unsub\",\"x\":{}1{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let mut visitor = relay.visitor().enter().await;
    visitor.transmit_text(deep).await;
    assert_eq!(visitor.closed().await, close::PROTOCOL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binary_frames_close_the_socket_with_4400() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    let mut agent = relay.owner().await.enter().await;

    for socket in [&mut visitor, &mut agent] {
        socket.transmit_raw(Message::binary(b"{\"t\":\"unsub\"}".to_vec())).await;
        assert_eq!(socket.closed().await, close::PROTOCOL);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_frame_must_be_a_hello_of_this_version() {
    let relay = Relay::start().await;
    let visitor = relay.visitor();
    let boot = visitor.boot_token().await;
    let hello = |v| {
        ClientFrame::Hello(Hello {
            v,
            boot: Some(boot.clone()),
            ticket: None,
            subs: Vec::new(),
            feed: Vec::new(),
        })
    };

    for first in [ClientFrame::Send(send_of(tests::random::cmid(), None, "early")), hello(0), hello(2)] {
        let mut socket = visitor.socket().await;
        assert_eq!(socket.greet(&first).await.unwrap_err(), close::PROTOCOL, "{first:?}");
    }
    let mut socket = visitor.socket().await;
    assert!(
        socket.greet(&hello(VERSION)).await.is_ok(),
        "the token was not spent by the hellos refused before"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_without_a_hello_is_closed_after_five_seconds() {
    let relay = Relay::start().await;
    let own = own_origin(relay.address());
    let mut sockets = Vec::new();
    for path in ["/ws/visitor", "/ws/agent"] {
        sockets.push(Socket::open(relay.address(), path, Some(own.as_bytes())).await.unwrap());
    }
    // Pings are no hello.
    sockets[0].transmit_raw(Message::Ping(bytes_of("still here"))).await;

    for socket in &mut sockets {
        let code = within_time("the close", std::time::Duration::from_secs(7), socket.closed()).await;
        assert_eq!(code, close::NOT_AUTHENTICATED);
    }
}

fn bytes_of(text: &'static str) -> tokio_tungstenite::tungstenite::Bytes {
    tokio_tungstenite::tungstenite::Bytes::from_static(text.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_over_the_limit_is_slowed_down_and_loses_nothing() {
    let relay = Relay::start_with(|config| config.limits.frames_per_10s_visitor = 20).await;
    let mut visitor = relay.visitor().enter().await;
    let began = tokio::time::Instant::now();

    let mut names = Vec::new();
    for number in 0..46 {
        names.push(visitor.say(None, &format!("{number}")).await);
    }
    let mut seqs = Vec::new();
    for name in names {
        seqs.push(visitor.ack(name).await.seq);
    }

    assert_eq!(seqs, (1..=46).collect::<Vec<u64>>());
    // 40 at once, the other six at two a second; the first frame after hello may find one turn taken.
    assert!(began.elapsed().as_millis() >= 2_400, "{:?}", began.elapsed());
    assert_eq!(visitor.ready.as_ref().unwrap().limits.frames_per_10s, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boots_beyond_the_limit_are_refused_with_429_and_a_time_to_come_back() {
    let relay = Relay::start_with(|config| config.limits.boots_per_minute_per_ip = 3).await;
    let visitor = relay.visitor();

    for _ in 0..3 {
        visitor.boot().await.expect(200);
    }
    let refused = visitor.boot().await;

    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_requests"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some(visitor.origin.as_str()),
        "the page must be able to read why"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_are_not_served_and_one_that_ends_makes_room() {
    let relay = Relay::start_with(|config| config.limits.connections_per_ip = 4).await;
    let own = own_origin(relay.address());
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(Socket::open(relay.address(), "/ws/visitor", Some(own.as_bytes())).await.unwrap());
    }

    let mut beyond = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
    let mut byte = [0_u8; 1];
    let heard = tests::until::within(
        "the connection to be dropped",
        tokio::io::AsyncReadExt::read(&mut beyond, &mut byte),
    )
    .await;
    held.pop().unwrap().leave().await;

    assert!(matches!(heard, Ok(0) | Err(_)), "not a byte for the fifth");
    tests::until::until("room for another", || async {
        let mut stream = tokio::net::TcpStream::connect(relay.address()).await.ok()?;
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .ok()?;
        let mut begin = [0_u8; 12];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut begin).await.ok()?;
        (&begin == b"HTTP/1.1 200").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compression_is_never_negotiated() {
    let relay = Relay::start().await;
    let mut stream = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
    let request = format!(
        "GET /ws/visitor HTTP/1.1\r\nhost: x\r\norigin: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
        own_origin(relay.address())
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1024];
    let length = tokio::io::AsyncReadExt::read(&mut stream, &mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).to_lowercase();

    assert!(answer.starts_with("http/1.1 101"), "{answer}");
    assert!(!answer.contains("extensions"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_with_many_positions_does_not_follow_what_is_not_the_visitors() {
    let relay = Relay::start().await;
    let mut stranger = relay.visitor().enter().await;
    let theirs = stranger.tell(None, "private words").await;
    let visitor = relay.visitor();
    let subs: Vec<_> = (0..500)
        .map(|_| protocol::frame::Position { conv: theirs.conv, epoch: theirs.epoch.clone(), seq: 0 })
        .collect();

    let mut socket = visitor.socket().await;
    socket.greet(&visitor_hello(visitor.boot_token().await, subs)).await.unwrap();
    stranger.tell(Some(theirs.conv), "more private words").await;
    let own = socket.tell(None, "mine").await;

    assert_ne!(own.conv, theirs.conv);
    assert!(!format!("{:?}", socket.log).contains("private"));
}
