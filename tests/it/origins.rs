//! A page is let in exactly when its origin is on the list: compared as scheme, host and port, never by resemblance.

use serde_json::json;
use tests::http::Request;
use tests::personas::own_origin;
use tests::relay::Relay;
use tests::socket::Socket;

use crate::lookalikes::{ALLOWED, LIST, corpus};

async fn allow(relay: &Relay, list: &[&str]) {
    let path = format!("/api/campaigns/{}", relay.made.campaign);
    relay.owner().await.patch(&path, &json!({ "allowed_origins": list })).await.expect(200);
}

fn boot(relay: &Relay) -> Request {
    Request::new("POST", "/api/widget/boot").json(&json!({ "key": relay.made.key }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_is_answered_exactly_for_the_origins_on_the_list() {
    let relay = Relay::start().await;
    allow(&relay, &LIST).await;
    let corpus = corpus();
    assert!(corpus.len() >= 200);

    let mut wrong = Vec::new();
    for origin in &corpus {
        let answer = boot(&relay).header("origin", origin).send(relay.address()).await;
        // White space around a header's value is no part of it.
        let should = ALLOWED.contains(&origin.trim());
        if (answer.status == 200) != should
            || (!should && (answer.status, answer.code().as_str()) != (403, "origin_not_allowed"))
        {
            wrong.push(format!(
                "{origin:?}: {} instead of {}",
                answer.status,
                if should { "let in" } else { "refused" }
            ));
        }
    }

    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_without_an_origin_or_with_bytes_that_are_no_text_is_refused() {
    let relay = Relay::start().await;

    let without = boot(&relay).send(relay.address()).await;
    let bytes = boot(&relay).header("origin", b"https://shop.example\xff").send(relay.address()).await;
    let empty = boot(&relay).header("origin", "").send(relay.address()).await;

    for answer in [without, bytes, empty] {
        assert_eq!((answer.status, answer.code().as_str()), (403, "origin_not_allowed"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_allows_nobody() {
    let relay = Relay::start().await;
    allow(&relay, &[]).await;

    for origin in ["https://shop.example", &own_origin(relay.address()), "http://localhost", "null"] {
        let answer = boot(&relay).header("origin", origin).send(relay.address()).await;
        assert_eq!(answer.code(), "origin_not_allowed", "{origin}");
    }
    let frame =
        Request::new("GET", &format!("/widget/frame?key={}", relay.made.key)).send(relay.address()).await;
    assert!(frame.header("content-security-policy").unwrap().ends_with("frame-ancestors 'none'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_frame_may_be_shown_exactly_on_the_sites_of_the_list() {
    let relay = Relay::start().await;
    allow(&relay, &LIST).await;

    let frame =
        Request::new("GET", &format!("/widget/frame?key={}", relay.made.key)).send(relay.address()).await;
    let policy = frame.header("content-security-policy").unwrap();
    let ancestors: Vec<&str> = policy.rsplit_once("frame-ancestors ").unwrap().1.split(' ').collect();

    assert_eq!(
        ancestors,
        [
            "https://shop.example",
            "https://shop.example:8443",
            "http://shop.example:8080",
            "https://*.wild.example",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ]
    );
    assert_eq!(frame.header("x-frame-options"), None, "it would forbid what the list allows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_entry_can_smuggle_something_into_the_policy() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let path = format!("/api/campaigns/{}", relay.made.campaign);
    let entries = [
        "https://a.example; script-src *",
        "https://a.example 'unsafe-inline'",
        "https://a.example, *",
        "https://a.example\r\nx: y",
        "*",
        "https://*",
        "https://*.com",
        "https://*.co.uk",
        "https://*.github.io",
        "https://a.*.example",
        "'self'",
        "data:",
        "https:",
        "null",
        "file:///etc",
        "https://a.example/path",
        "https://u:p@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "ws://a.example",
        "a.example",
        "//a.example",
        "https://",
        "https://*.127.0.0.1",
        "https://*.[::1]",
        "http://*.a.example",
    ];

    for entry in entries {
        let answer = owner.patch(&path, &json!({ "allowed_origins": [entry] })).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_origin"), "{entry:?}");
    }
    let many: Vec<String> = (0..101).map(|n| format!("https://s{n}.example")).collect();
    assert_eq!(owner.patch(&path, &json!({ "allowed_origins": many })).await.status, 422);
    let frame =
        Request::new("GET", &format!("/widget/frame?key={}", relay.made.key)).send(relay.address()).await;
    assert!(
        frame.header("content-security-policy").unwrap().ends_with("frame-ancestors https://shop.example")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sockets_are_for_the_relays_own_pages_only() {
    let relay = Relay::start().await;
    let own = own_origin(relay.address());
    let port = relay.address().port();
    let mut foreign: Vec<Vec<u8>> = [
        "https://shop.example",
        "null",
        "",
        "file://",
        "http://127.0.0.1",
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://localhost",
        "http://127.0.0.2:80",
    ]
    .iter()
    .map(|o| o.as_bytes().to_vec())
    .collect();
    for text in [
        format!("https://127.0.0.1:{port}"),
        format!("{own}/"),
        format!("{own}0"),
        format!("{own}.evil.example"),
        format!("http://evil.example:{port}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://127.1:{port}"),
        format!("http://user@127.0.0.1:{port}"),
        format!("ws://127.0.0.1:{port}"),
        format!("{own} {own}"),
        format!("{own},{own}"),
        format!("HTTP://127.0.0.1:{port}"),
        format!("http://localhost.evil.example:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://localhost.:{port}"),
        format!("http://127.0.0.1:0{port}"),
    ] {
        foreign.push(text.into_bytes());
    }
    foreign.push(b"http://127.0.0.1\xff".to_vec());

    for path in ["/ws/visitor", "/ws/agent"] {
        assert_eq!(
            Socket::open(relay.address(), path, None).await.err(),
            Some(403),
            "{path} without an origin"
        );
        for origin in &foreign {
            let refused = Socket::open(relay.address(), path, Some(origin)).await.err();
            assert_eq!(refused, Some(403), "{path} from {}", String::from_utf8_lossy(origin));
        }
        for origin in [own.clone(), format!("http://localhost:{port}"), format!("http://[::1]:{port}")] {
            assert!(
                Socket::open(relay.address(), path, Some(origin.as_bytes())).await.is_ok(),
                "{path} from {origin}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_public_address_only_that_one_is_our_own() {
    let relay =
        Relay::start_with(|config| config.public_url = Some("https://chat.example".parse().unwrap())).await;

    for path in ["/ws/visitor", "/ws/agent"] {
        assert!(Socket::open(relay.address(), path, Some(b"https://chat.example")).await.is_ok());
        for origin in
            [own_origin(relay.address()), "http://chat.example".into(), "https://chat.example:8443".into()]
        {
            assert_eq!(
                Socket::open(relay.address(), path, Some(origin.as_bytes())).await.err(),
                Some(403),
                "{origin}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tester_in_the_inbox_says_what_the_gate_does() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    for (address, should) in [
        ("https://shop.example/tents?x=1#y", true),
        ("https://SHOP.example", true),
        ("https://shop.example:443/", true),
        ("https://a.wild.example/", true),
        ("https://wild.example", false),
        ("http://shop.example", false),
        ("https://evil.example", false),
        ("null", false),
        ("not an address", false),
    ] {
        let verdict = owner
            .post("/api/origins/check", &json!({ "allowed_origins": LIST, "address": address }))
            .await
            .expect(200)
            .json();
        assert_eq!(verdict["allowed"], should, "{address}: {verdict}");
        assert!(!verdict["reason"].as_str().unwrap().is_empty());
    }
}
