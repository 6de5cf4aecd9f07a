//! What requests must be: from our own pages, JSON of the described shape; and that nothing malformed breaks anything.

use serde_json::{Value, json};
use tests::http::Request;
use tests::personas::own_origin;
use tests::random::Random;
use tests::relay::Relay;
use tests::routes::{Route, body, described, fill};

/// What a foreign page, or a script outside a browser, could send.
fn foreign(own: &str) -> Vec<Vec<(&'static str, String)>> {
    let own = || own.to_owned();
    let text = |value: &str| value.to_owned();
    vec![
        vec![],
        vec![("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", text("same-origin"))],
        vec![("origin", own())],
        vec![("sec-fetch-site", text("same-origin")), ("origin", own())],
        vec![("sec-fetch-site", text("cross-site")), ("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", text("same-site")), ("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", text("none")), ("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", text("cross-site")), ("origin", own()), ("x-requested-with", text("roost"))],
        vec![
            ("sec-fetch-site", text("same-origin")),
            ("origin", text("https://evil.example")),
            ("x-requested-with", text("roost")),
        ],
        vec![("origin", text("https://evil.example")), ("x-requested-with", text("roost"))],
        vec![("origin", text("null")), ("x-requested-with", text("roost"))],
        vec![("origin", format!("{}.evil.example", own())), ("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", text("same-origin")), ("x-requested-with", text("XMLHttpRequest"))],
        vec![("sec-fetch-site", text("Same-Origin")), ("x-requested-with", text("roost"))],
        vec![("sec-fetch-site", String::new()), ("x-requested-with", text("roost"))],
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_foreign_request_changes_anything_even_with_the_cookie() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let own = own_origin(relay.address());
    let mut targets: Vec<(Route, String, Option<Value>)> = Vec::new();
    for route in described(&relay).await {
        // The boot is for foreign pages; the key and the origin's list guard it.
        if route.is_unsafe() && route.path != "/api/widget/boot" {
            let (path, body) = fill(&relay, &route).await;
            targets.push((route, path, body));
        }
    }
    let before = owner.get("/api/campaigns").await.text() + &owner.get("/api/people").await.text();

    for (route, path, body) in &targets {
        for headers in foreign(&own) {
            let mut request =
                Request::new(&route.method, path).header("cookie", format!("__Host-sid={}", owner.cookie));
            for (name, value) in &headers {
                request = request.header(name, value);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send(relay.address()).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (403, "foreign_request"),
                "{route:?} with {headers:?}"
            );
        }
    }
    assert_eq!(owner.get("/api/campaigns").await.text() + &owner.get("/api/people").await.text(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_an_origin_from_our_own_page_is_taken() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let cookie = format!("theme=dark; __Host-sid={}", owner.cookie);

    for (name, value) in
        [("sec-fetch-site", "same-origin".to_owned()), ("origin", own_origin(relay.address()))]
    {
        let request = Request::new("POST", "/api/ws-ticket")
            .header("cookie", &cookie)
            .header("x-requested-with", "roost")
            .header(name, value);
        request.send(relay.address()).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_members_are_refused_everywhere() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut tried = 0;

    for route in described(&relay).await {
        let Some(mut body) = body(&relay, &route) else { continue };
        body["surprise"] = json!({ "is_admin": true });
        let (path, _) = fill(&relay, &route).await;
        let answer = owner.request(&route.method, &path).json(&body).send(relay.address()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{route:?}");
        tried += 1;
    }
    assert!(tried >= 13, "{tried}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_json_is_taken() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request =
            owner.request("PATCH", "/api/me").header("content-type", kind).raw("{\"availability\":\"busy\"}");
        let answer = request.send(relay.address()).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "not_json"), "{kind}");
    }
    let bare = owner.request("PATCH", "/api/me").raw("{}").send(relay.address()).await;
    assert_eq!(bare.status, 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn get_never_changes_anything() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    for route in described(&relay).await {
        if route.is_unsafe() {
            let (path, _) = fill(&relay, &route).await;
            let answer = owner.get(&path).await;
            assert!(matches!(answer.status, 200 | 401 | 404 | 405), "GET {path}: {}", answer.status);
        }
    }
    assert_eq!(owner.get("/api/me").await.status, 200, "GET on the sign-out did not sign out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_ids_and_endpoints_are_simply_not_found() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    for route in described(&relay).await {
        if !route.path.contains("{id}") || route.path.starts_with("/api/widget") {
            continue;
        }
        for id in [
            "0192f0c1-7a2b-7c3d-8e4f-0123456789ab",
            "x",
            "%00",
            "..%2f..%2fetc",
            "0",
            "%ff",
            "00000000-0000-0000-0000-000000000000",
        ] {
            let mut request = owner.request(&route.method, &route.path.replace("{id}", id));
            if let Some(body) = body(&relay, &route) {
                request = request.json(&body);
            }
            let answer = request.send(relay.address()).await;
            assert_eq!(answer.status, 404, "{route:?} {id}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        }
    }
    let nowhere = owner.get("/api/nowhere").await;
    assert_eq!((nowhere.status, nowhere.code().as_str()), (404, "no_such_endpoint"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_problem_details() {
    let relay = Relay::start().await;

    let answer =
        relay.owner().await.post("/api/campaigns", &json!({ "name": "", "channel": "webchat" })).await;
    let problem = answer.json();

    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        (answer.status, &problem["status"], &problem["code"], &problem["field"]),
        (422, &json!(422), &json!("invalid_name"), &json!("name"))
    );
    assert!(problem["detail"].as_str().unwrap().len() > 10);
}

/// A body that is almost right.
fn spoil(random: &mut Random, body: &str) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    match random.below(6) {
        0 => bytes.truncate(usize::try_from(random.below(bytes.len() as u64)).unwrap()),
        1 => bytes = random.bytes(200),
        2 => bytes = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)).into_bytes(),
        3 => bytes = body.replace(':', ":[").into_bytes(),
        4 => bytes = body.replace('"', "\\u0000\"").into_bytes(),
        _ => {
            for _ in 0..4 {
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                bytes[at] = random.bytes(1)[0];
            }
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_malformed_is_answered_with_a_5xx() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut random = Random::announced("nothing_malformed_is_answered_with_a_5xx");
    let routes = described(&relay).await;

    for route in &routes {
        // Password hashing is slow, and its routes take the same bodies as the others.
        if route.path == "/api/auth/logout" {
            continue;
        }
        let (path, body) = fill(&relay, route).await;
        let text = body.unwrap_or_else(|| json!({ "a": 1 })).to_string();
        for _ in 0..20 {
            let query = String::from_utf8_lossy(&random.bytes(6))
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>();
            let path = match random.below(4) {
                0 => format!("{path}?limit={query}&cursor={query}&after=-1&q=%22%00%27{query}"),
                1 => format!("{path}?limit=999999999999&cursor=AAAA&status={query}&q=%ff"),
                _ => path.clone(),
            };
            let request = owner
                .request(&route.method, &path)
                .header("content-type", "application/json")
                .raw(spoil(&mut random, &text));
            let answer = request.send(relay.address()).await;
            assert!(answer.status < 500, "{route:?} {path}: {} {}", answer.status, answer.text());
        }
    }
    assert_eq!(Request::new("GET", "/readyz").send(relay.address()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_http_harm_nobody() {
    let relay = Relay::start().await;
    let mut random = Random::announced("bytes_that_are_no_http_harm_nobody");
    let mut openings: Vec<Vec<u8>> = (0..60).map(|_| random.bytes(300)).collect();
    openings.extend([
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"GET  / HTTP/9.9\r\nhost: x\r\n\r\n".to_vec(),
        b"POST /api/widget/boot HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST /api/widget/boot HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(5_000)).into_bytes(),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000)).into_bytes(),
    ]);

    for opening in openings {
        let mut stream = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &opening).await;
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
        let mut heard = Vec::new();
        let _ = tests::until::within("an end", tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut heard))
            .await;
        assert!(!heard.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&heard));
    }
    assert_eq!(Request::new("GET", "/readyz").send(relay.address()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_is_refused() {
    let relay = Relay::start().await;
    let answer = relay
        .owner()
        .await
        .post("/api/campaigns", &json!({ "name": "x".repeat(200 * 1024), "channel": "webchat" }))
        .await;

    assert_eq!(answer.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_head_never_ends_is_cut_off() {
    let relay = Relay::start().await;
    let mut stream = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET / HTTP/1.1\r\nhost: x\r\nx: ").await.unwrap();

    let mut heard = Vec::new();
    let end = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut heard);
    let _ =
        tests::until::within_time("the connection to be cut", std::time::Duration::from_secs(15), end).await;

    assert!(heard.is_empty() || heard.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&heard));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_to_somebody_signed_in_is_kept_by_nobody() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    for path in ["/api/me", "/api/conversations", "/api/campaigns", "/api/people"] {
        assert_eq!(owner.get(path).await.expect(200).header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_look_names_the_member_that_is_wrong() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let path = format!("/api/campaigns/{}", relay.made.campaign);

    let fields = [
        (json!({ "color": "mauve" }), "appearance.color"),
        (json!({ "offset_x": 201 }), "appearance.offset_x"),
        (json!({ "offset_y": 201 }), "appearance.offset_y"),
        (json!({ "title": "t".repeat(61) }), "appearance.title"),
        (json!({ "welcome": "w".repeat(1_001) }), "appearance.welcome"),
        (json!({ "language": "fr" }), "appearance.language"),
    ];
    for (appearance, field) in fields {
        let answer = owner.patch(&path, &json!({ "appearance": appearance })).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some(field)));
    }
}
