//! Signing in and out: one cookie that only the browser sees, and an end that is an end everywhere.

use std::time::Duration;

use protocol::api::Role;
use protocol::close;
use serde_json::{Value, json};
use tests::database::Database;
use tests::fixture::{PASSWORD, email_of};
use tests::http::Answer;
use tests::personas::{Staff, own_request};
use tests::relay::Relay;
use tests::socket::Socket;
use tests::until::within_time;

const SOON: Duration = Duration::from_secs(5);

async fn login(relay: &Relay, email: &str, password: &str) -> Answer {
    own_request(relay.address(), "POST", "/api/auth/login")
        .json(&json!({ "email": email, "password": password }))
        .send(relay.address())
        .await
}

fn cookie_of(answer: &Answer) -> String {
    let header = answer.header("set-cookie").expect("a cookie");
    header.split(';').next().unwrap().strip_prefix("__Host-sid=").unwrap().to_owned()
}

/// A link for somebody, and its token.
async fn reset_token(by: &Staff, person: &str) -> String {
    let made = by.post(&format!("/api/people/{person}/reset-link"), &json!({})).await.expect(201).json();
    let link = made["link"].as_str().expect("a link");
    link.split_once("/reset#token=").expect("behind the #, which servers and logs never see").1.to_owned()
}

async fn reset(relay: &Relay, token: &str, password: &str) -> Answer {
    own_request(relay.address(), "POST", "/api/password-reset")
        .json(&json!({ "token": token, "password": password }))
        .send(relay.address())
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_link_works_once_ends_all_sessions_and_older_links() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let agent = relay.hire("Agnes", Role::Agent).await;
    let mut socket = agent.enter().await;
    let (older, token) =
        (reset_token(&owner, &agent.person.text()).await, reset_token(&owner, &agent.person.text()).await);

    let weak = reset(&relay, &token, "short").await;
    let done = reset(&relay, &token, "heron-tunnel-93").await;
    let again = reset(&relay, &token, "heron-tunnel-94").await;
    let by_older = reset(&relay, &older, "heron-tunnel-95").await;

    assert_eq!((weak.status, weak.code().as_str()), (422, "weak_password"));
    assert_eq!((done.status, again.status, by_older.status), (204, 404, 404), "{}", done.text());
    assert_eq!((again.code().as_str(), by_older.code().as_str()), ("link_not_valid", "link_not_valid"));
    assert_closed(&mut socket).await;
    assert_eq!(agent.get("/api/me").await.status, 401);
    assert_eq!(login(&relay, &email_of("Agnes"), PASSWORD).await.status, 401);
    assert_eq!(login(&relay, &email_of("Agnes"), "heron-tunnel-93").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_makes_a_password_link_for_somebody_above_or_deactivated() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let admin = relay.hire("Adam", Role::Admin).await;
    let agent = relay.hire("Agnes", Role::Agent).await;
    let path = |staff: &Staff| format!("/api/people/{}/reset-link", staff.person);

    let upwards = admin.post(&path(&owner), &json!({})).await;
    let token = reset_token(&admin, &agent.person.text()).await;
    owner.patch(&format!("/api/people/{}", agent.person), &json!({ "membership": "deactivated" })).await;

    assert_eq!((upwards.status, upwards.code().as_str()), (403, "not_allowed"));
    assert_eq!(admin.post(&path(&agent), &json!({})).await.status, 404);
    assert_eq!(reset(&relay, &token, "gannet-orbit-74").await.code(), "link_not_valid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_has_grown_too_old_loses_its_socket() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut socket = owner.enter().await;

    Database::of(&relay.folder).execute("update session set created_at = 0");

    assert_eq!(
        within_time("the socket to close", Duration::from_secs(8), socket.closed()).await,
        close::NOT_AUTHENTICATED
    );
}

async fn assert_closed(socket: &mut Socket) {
    assert_eq!(within_time("the socket to close", SOON, socket.closed()).await, close::NOT_AUTHENTICATED);
}

async fn assert_open(staff: &Staff, socket: &mut Socket) {
    assert_eq!(staff.get("/api/me").await.status, 200);
    socket
        .transmit_text(
            "{\"t\":\"sub\",\"conv\":\"0192f0c1-7a2b-7c3d-8e4f-0123456789ab\",\"epoch\":\"\",\"seq\":0}",
        )
        .await;
    socket
        .find("an answer", |frame| matches!(frame, protocol::frame::ServerFrame::Resync(_)).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_sets_a_cookie_no_script_and_no_other_site_can_use() {
    let relay = Relay::start().await;

    let first = login(&relay, "OLGA@example.com ", PASSWORD).await;
    let second = login(&relay, &email_of("Olga"), PASSWORD).await;
    let flags: Vec<&str> = second.header("set-cookie").unwrap().split("; ").skip(1).collect();

    assert_eq!(first.status, 200, "addresses are the same whatever their case");
    for flag in ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(flags.contains(&flag), "{flag} of {flags:?}");
    }
    assert!(!flags.iter().any(|flag| flag.starts_with("Domain")));
    assert_ne!(cookie_of(&first), cookie_of(&second), "each sign-in has a session of its own");
    assert_eq!(second.json()["email"], "olga@example.com");
    assert!(!second.text().contains("argon2") && !second.text().contains(&cookie_of(&second)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let relay = Relay::start().await;
    let agent = relay.hire("Agnes", Role::Agent).await;
    relay
        .owner()
        .await
        .patch(&format!("/api/people/{}", agent.person), &json!({ "membership": "deactivated" }))
        .await
        .expect(200);

    let wrong = login(&relay, &email_of("Olga"), "not the password").await;
    let unknown = login(&relay, "nobody@example.com", "not the password").await;
    let gone = login(&relay, &email_of("Agnes"), PASSWORD).await;

    assert_eq!((wrong.status, wrong.code().as_str()), (401, "wrong_credentials"));
    for other in [&unknown, &gone] {
        assert_eq!((other.status, &other.body), (wrong.status, &wrong.body));
        assert_eq!(
            other.headers.iter().map(|(n, _)| n).collect::<Vec<_>>(),
            wrong.headers.iter().map(|(n, _)| n).collect::<Vec<_>>()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_is_slowed_down_even_when_the_guess_is_right() {
    let relay = Relay::start_with(|config| config.limits.logins_per_minute_per_ip = 3).await;

    for _ in 0..3 {
        assert_eq!(login(&relay, &email_of("Olga"), "not the password").await.status, 401);
    }
    let right = login(&relay, &email_of("Olga"), PASSWORD).await;
    let invite = own_request(relay.address(), "GET", "/api/invites/in_guess").send(relay.address()).await;

    assert_eq!((right.status, right.code().as_str()), (429, "too_many_requests"));
    assert_eq!(invite.status, 429, "all ways in share one limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_this_session_and_its_socket_and_no_other() {
    let relay = Relay::start().await;
    let (here, there) = (relay.owner().await, relay.owner().await);
    let (mut this, mut other) = (here.enter().await, there.enter().await);

    let answer = here.post("/api/auth/logout", &json!({})).await;

    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_closed(&mut this).await;
    assert_eq!(here.get("/api/me").await.status, 401);
    assert_open(&there, &mut other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_all_other_sessions() {
    let relay = Relay::start().await;
    let (here, there) = (relay.owner().await, relay.owner().await);
    let (mut this, mut other) = (here.enter().await, there.enter().await);

    let wrong = here
        .post("/api/me/password", &json!({ "current": "not the password", "new": "another long phrase" }))
        .await;
    let weak = here.post("/api/me/password", &json!({ "current": PASSWORD, "new": "short" })).await;
    here.post("/api/me/password", &json!({ "current": PASSWORD, "new": "another long phrase" }))
        .await
        .expect(204);

    assert_eq!((wrong.status, weak.status), (422, 422));
    assert_closed(&mut other).await;
    assert_eq!(there.get("/api/me").await.status, 401);
    assert_open(&here, &mut this).await;
    assert_eq!(login(&relay, &email_of("Olga"), PASSWORD).await.status, 401);
    assert_eq!(login(&relay, &email_of("Olga"), "another long phrase").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_role_or_a_deactivation_ends_sessions_and_sockets() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    for (name, change) in
        [("Agnes", json!({ "role": "supervisor" })), ("Arno", json!({ "membership": "deactivated" }))]
    {
        let agent = relay.hire(name, Role::Agent).await;
        let mut socket = agent.enter().await;

        owner.patch(&format!("/api/people/{}", agent.person), &change).await.expect(200);

        assert_closed(&mut socket).await;
        let answer = agent.get("/api/me").await;
        assert_eq!(answer.status, 401, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_deactivated_comes_back_only_when_activated_again() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let agent = relay.hire("Agnes", Role::Agent).await;
    let path = format!("/api/people/{}", agent.person);

    owner.patch(&path, &json!({ "membership": "deactivated" })).await.expect(200);
    assert_eq!(login(&relay, &email_of("Agnes"), PASSWORD).await.status, 401);
    owner.patch(&path, &json!({ "membership": "active" })).await.expect(200);

    assert_eq!(login(&relay, &email_of("Agnes"), PASSWORD).await.status, 200);
    assert_eq!(agent.get("/api/me").await.status, 401, "the old session stays ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_that_are_no_sessions_are_nobodys() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let real = &owner.cookie;

    for value in [
        String::new(),
        "ss_".into(),
        real[..real.len() - 1].to_owned(),
        format!("{real}x"),
        real.to_lowercase(),
        "../../etc".into(),
        "a".repeat(8_000),
    ] {
        let forged = Staff { cookie: value.clone(), ..owner.clone() };
        assert_eq!(forged.get("/api/me").await.status, 401, "{value}");
    }
    let under_another_name = own_request(relay.address(), "GET", "/api/me")
        .header("cookie", format!("sid={real}"))
        .send(relay.address())
        .await;
    assert_eq!(under_another_name.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_from_long_ago_is_over() {
    let relay = Relay::start().await;
    let (idle, old) = (relay.owner().await, relay.owner().await);
    let database = Database::of(&relay.folder);
    let hours = |hours: i64| hours * 3_600_000;
    let digest = |staff: &Staff| database.bytes(&relay::crypto::digest_of(&staff.cookie));

    for (column, staff, age) in [("seen_at", &idle, hours(13)), ("created_at", &old, hours(7 * 24 + 1))] {
        database.execute(&format!(
            "update session set {column} = {column} - {age} where digest = {}",
            digest(staff)
        ));
    }

    assert_eq!(idle.get("/api/me").await.status, 401);
    assert_eq!(old.get("/api/me").await.status, 401);
    let left = database.number("select count(*) from session");
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_account_needs_the_link_and_is_made_once() {
    let folder = tests::folder::Folder::new();
    let running = relay::running::Running::start(tests::relay::open_config(&folder)).await.unwrap();
    let at = running.address;
    let token = running.app.offer_setup();
    let ask = |body: Value| own_request(at, "POST", "/api/setup").json(&body);
    let setup = |token: &str, password: &str| {
        json!({ "token": token, "name": "Olga", "email": "olga@example.com", "password": password, "workspace": "Northwind",
                "widget": { "name": "Shop", "allowed_origins": ["https://shop.example"] } })
    };

    let needed = own_request(at, "GET", "/api/setup").send(at).await.expect(200).json();
    let guessed = ask(setup("su_guess", "a long enough phrase")).send(at).await;
    let weak = ask(setup(&token, "short")).send(at).await;
    let mut elsewhere = setup(&token, "a long enough phrase");
    elsewhere["widget"]["allowed_origins"] = json!(["https://shop.example/cart"]);
    let elsewhere = ask(elsewhere).send(at).await;
    let mut nameless = setup(&token, "a long enough phrase");
    nameless["widget"]["name"] = json!("");
    let nameless = ask(nameless).send(at).await;
    let done = ask(setup(&token, "a long enough phrase")).send(at).await;
    let again = ask(setup(&token, "a long enough phrase")).send(at).await;

    assert_eq!(needed["needed"], true);
    assert_eq!((guessed.status, guessed.code().as_str()), (403, "setup_link_not_valid"));
    for (refused, field) in
        [(weak, "password"), (elsewhere, "widget.allowed_origins"), (nameless, "widget.name")]
    {
        assert_eq!((refused.status, refused.json()["field"].as_str()), (422, Some(field)));
    }
    assert_eq!(done.status, 200, "a refused try does not spend the link: {}", done.text());
    assert!(done.json()["campaign"]["key"].as_str().unwrap().starts_with("pk_"));
    assert_eq!(
        own_request(at, "GET", "/api/me")
            .header("cookie", format!("__Host-sid={}", cookie_of(&done)))
            .send(at)
            .await
            .status,
        200
    );
    assert!(matches!(again.status, 403 | 409));
    assert_eq!(own_request(at, "GET", "/api/setup").send(at).await.json()["needed"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_with_a_long_name_is_set_up_with_its_widget() {
    let folder = tests::folder::Folder::new();
    let running = relay::running::Running::start(tests::relay::open_config(&folder)).await.unwrap();
    let at = running.address;
    let setup = json!({ "token": running.app.offer_setup(), "name": "Olga", "email": "olga@example.com", "password": "a long enough phrase",
        "workspace": "N".repeat(100), "widget": { "name": "Shop", "allowed_origins": ["https://shop.example"] } });

    let done = own_request(at, "POST", "/api/setup").json(&setup).send(at).await.expect(200).json();

    assert_eq!(done["campaign"]["appearance"]["title"].as_str(), Some("N".repeat(60).as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_change_of_password_names_the_field_that_is_wrong() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let change = async |current: &str, new: &str| {
        let answer = owner.post("/api/me/password", &json!({ "current": current, "new": new })).await;
        (answer.status, answer.json()["field"].as_str().map(str::to_owned))
    };

    assert_eq!(change("not this one", "a long enough phrase").await, (422, Some("current".to_owned())));
    assert_eq!(change(PASSWORD, "short").await, (422, Some("new".to_owned())));
}
