//! Programs: what an API token opens, when it ends, and writes that are sent again.

use protocol::api::Role;
use protocol::close;
use protocol::frame::{ClientFrame, Hello, VERSION};
use serde_json::{Value, json};
use tests::database::Database;
use tests::http::Request;
use tests::personas::{Program, Staff};
use tests::random::cmid;
use tests::relay::Relay;
use tests::routes::{Route, described, fill};
use tests::socket::Socket;

const ALL: &[&str] = &["conversations:read", "conversations:write", "settings:read", "settings:write"];

fn campaign(name: &str) -> Value {
    json!({ "name": name, "channel": "webchat", "allowed_origins": [] })
}

async fn campaign_names(owner: &Staff) -> Vec<String> {
    let list = owner.get("/api/campaigns").await.expect(200).json();
    let name = |campaign: &Value| campaign["name"].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_reads_and_answers_for_whoever_made_its_token() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let program = Program::of(&owner, &["conversations:read", "conversations:write"]).await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "is anybody there?").await.conv;

    let list = program.get("/api/conversations").await.expect(200).json();
    let answer = json!({ "cmid": cmid().text(), "body": { "kind": "text", "text": "a program is" } });
    program.post(&format!("/api/conversations/{conv}/messages"), &answer).await.expect(200);

    assert_eq!(list["items"][0]["id"], conv.text());
    let heard = visitor.message("a program is").await;
    assert_eq!(heard.actor.name.as_deref(), Some("Olga"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_scope_opens_its_routes_and_no_others() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut wrong = Vec::new();
    for scope in ALL {
        let program = Program::of(&owner, &[scope]).await;
        for route in described(&relay).await {
            let noun = route.path.split('/').nth(2).unwrap_or_default();
            let is_for_nobody_in_particular =
                matches!(noun, "setup" | "auth" | "invites" | "widget" | "password-reset");
            if is_for_nobody_in_particular {
                continue;
            }
            let is_settings = matches!(noun, "campaigns" | "origins")
                || (noun == "people" && !(route.method == "GET" && route.path == "/api/people"));
            let area = if is_settings { "settings" } else { "conversations" };
            let need = format!("{area}:{}", if route.is_unsafe() { "write" } else { "read" });
            let is_for_browsers = noun == "tokens"
                || route.path.ends_with("/reset-link")
                || route.path.ends_with("/identity-secret")
                || (noun == "me" && route.is_unsafe());
            let expected = match (is_for_browsers, *scope == need) {
                (true, _) => "browser_only",
                (false, true) => "",
                (false, false) => "scope_missing",
            };
            let code = ask(&relay, &program, &route).await;
            if code != expected {
                wrong.push(format!("{scope}: {} {}: {code:?}, not {expected:?}", route.method, route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The word of the refusal; empty when it was none of rights.
async fn ask(relay: &Relay, program: &Program, route: &Route) -> String {
    let (path, body) = fill(relay, route).await;
    let request = program.request(&route.method, &path);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = request.send(relay.address()).await;
    if matches!(answer.status, 401 | 403) { answer.code() } else { String::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_reaches_no_further_than_its_makers_role_of_today() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let admin = relay.hire("Adam", Role::Admin).await;
    let program = Program::of(&admin, ALL).await;
    program.post("/api/campaigns", &campaign("While admin")).await.expect(201);

    owner.patch(&format!("/api/people/{}", admin.person), &json!({ "role": "agent" })).await.expect(200);
    let refused = program.post("/api/campaigns", &campaign("While agent")).await;
    program.get("/api/conversations").await.expect(200);
    owner
        .patch(&format!("/api/people/{}", admin.person), &json!({ "membership": "deactivated" }))
        .await
        .expect(200);

    assert_eq!((refused.status, refused.code().as_str()), (403, "not_allowed"));
    assert_eq!(program.get("/api/conversations").await.code(), "token_not_valid");
    assert!(!campaign_names(&owner).await.contains(&"While agent".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_is_refused_at_once_and_its_socket_closes() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let program = Program::of(&owner, ALL).await;
    let ticket = program.post("/api/ws-ticket", &json!({})).await.expect(200).json();
    let hello = ClientFrame::Hello(Hello {
        v: VERSION,
        boot: None,
        ticket: ticket["ticket"].as_str().map(str::to_owned),
        subs: Vec::new(),
        feed: Vec::new(),
    });
    let origin = format!("http://{}", relay.address());
    let mut socket =
        Socket::open(relay.address(), "/ws/agent", Some(origin.as_bytes())).await.expect("our own origin");
    socket.greet(&hello).await.expect("the ticket is good");

    owner.delete(&format!("/api/tokens/{}", program.id)).await.expect(204);

    assert_eq!(socket.closed().await, close::NOT_AUTHENTICATED);
    assert_eq!(program.get("/api/conversations").await.code(), "token_not_valid");
    assert_eq!(owner.get("/api/tokens").await.json()["items"], json!([]));
    assert_eq!(owner.delete(&format!("/api/tokens/{}", program.id)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_tokens_but_never_their_text() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let program = Program::of(&owner, &["settings:read"]).await;
    program.get("/api/campaigns").await.expect(200);

    let listed = owner.get("/api/tokens").await;

    let token = &listed.json()["items"][0];
    assert!(program.token.starts_with(token["hint"].as_str().unwrap()) && program.token.len() > 40);
    assert!(!listed.text().contains(&program.token), "{}", listed.text());
    assert_eq!((&token["made_by"], &token["token"]), (&json!("Olga"), &Value::Null));
    assert!(token["last_used_at"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wishes_that_make_no_sense_are_refused_with_the_field() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    for (wish, status, field) in [
        (json!({ "name": "", "scopes": ["settings:read"] }), 422, "name"),
        (json!({ "name": "P", "scopes": [] }), 422, "scopes"),
        (json!({ "name": "P", "scopes": ["settings:read"], "expires_in_days": 0 }), 422, "expires_in_days"),
        (
            json!({ "name": "P", "scopes": ["settings:read"], "expires_in_days": 4000 }),
            422,
            "expires_in_days",
        ),
    ] {
        let answer = owner.post("/api/tokens", &wish).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (status, Some(field)), "{wish}");
    }
    let unknown = owner.post("/api/tokens", &json!({ "name": "P", "scopes": ["everything"] })).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (422, "invalid_body"));
    let texts = ["rst_", "rst_AAAA", "vt_AAAA", "", "rst_\u{e9}"];
    for text in texts {
        let request = Request::new("GET", "/api/me").header("authorization", format!("Bearer {text}"));
        assert_eq!(request.send(relay.address()).await.status, 401, "{text:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_sent_again_under_its_key_is_done_once_and_answered_alike() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let send = |key: &str, body: &Value| {
        owner.request("POST", "/api/campaigns").header("idempotency-key", key).json(body)
    };

    let first = send("one", &campaign("Once")).send(relay.address()).await;
    let again = send("one", &campaign("Once")).send(relay.address()).await;
    let other = send("one", &campaign("Other")).send(relay.address()).await;
    let fresh = send("two", &campaign("Once")).send(relay.address()).await;

    assert_eq!((first.status, again.status, fresh.status), (201, 201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    assert_ne!(first.json()["id"], fresh.json()["id"]);
    assert_eq!(campaign_names(&owner).await.iter().filter(|name| *name == "Once").count(), 2);
    for bad in ["", " ", &"k".repeat(256)] {
        let answer = send(bad, &campaign("Never")).send(relay.address()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_idempotency_key"), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_under_one_key_make_one_thing() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    let sends = (0..12).map(|_| {
        let request =
            owner.request("POST", "/api/campaigns").header("idempotency-key", "k").json(&campaign("Crowd"));
        let address = relay.address();
        tokio::spawn(async move { request.send(address).await })
    });
    let mut made = 0;
    for send in sends.collect::<Vec<_>>() {
        let answer = send.await.unwrap();
        match answer.status {
            201 => made += usize::from(answer.header("idempotency-replayed").is_none()),
            status => assert_eq!((status, answer.code().as_str()), (409, "idempotency_key_in_use")),
        }
    }

    assert_eq!(made, 1);
    assert_eq!(campaign_names(&owner).await.iter().filter(|name| *name == "Crowd").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_belongs_to_one_person_and_a_refusal_may_be_tried_again() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let admin = relay.hire("Adam", Role::Admin).await;
    let program = Program::of(&owner, ALL).await;
    let post = |request: Request, body: &Value| {
        let (request, address) = (request.header("idempotency-key", "k").json(body), relay.address());
        async move { request.send(address).await }
    };

    let refused = post(owner.request("POST", "/api/campaigns"), &campaign("")).await;
    let mine = post(owner.request("POST", "/api/campaigns"), &campaign("Mine")).await;
    let theirs = post(admin.request("POST", "/api/campaigns"), &campaign("Mine")).await;
    let by_program = post(program.request("POST", "/api/campaigns"), &campaign("Mine")).await;

    assert_eq!((refused.status, mine.status, theirs.status, by_program.status), (422, 201, 201, 201));
    assert_ne!(mine.json()["id"], theirs.json()["id"]);
    assert_eq!(mine.json()["id"], by_program.json()["id"], "a program is its maker");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_to_answer_again_cannot_be_read_in_the_database() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let wish = json!({ "name": "Secret", "scopes": ["settings:read"] });
    let request = owner.request("POST", "/api/tokens").header("idempotency-key", "k").json(&wish);
    let first = request.send(relay.address()).await.expect(201).json();
    let again = request.send(relay.address()).await.expect(201).json();
    assert_eq!(first["token"], again["token"]);

    let bytes = first["token"].as_str().unwrap().bytes();
    let token = bytes.fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let answers = Database::of(&relay.folder).rows("select answer from idempotent_request");

    assert_eq!(answers.len(), 1);
    assert!(!answers[0][0].contains(&token));
}
