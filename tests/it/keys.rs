//! Widget keys: rotated in peace, revoked at once; sites taken away and campaigns deleted close what they opened.

use std::time::Duration;

use protocol::close;
use serde_json::{Value, json};
use tests::fixture::SHOP;
use tests::http::Request;
use tests::personas::{Staff, Visitor};
use tests::relay::Relay;
use tests::until::{until, within_time};

/// Everything an admin takes away is gone this soon.
const SOON: Duration = Duration::from_secs(5);

fn campaign_path(relay: &Relay) -> String {
    format!("/api/campaigns/{}", relay.made.campaign)
}

async fn rotate(owner: &Staff, relay: &Relay, overlap_seconds: u32) -> Value {
    owner
        .post(&format!("{}/key/rotate", campaign_path(relay)), &json!({ "overlap_seconds": overlap_seconds }))
        .await
        .expect(200)
        .json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_key_works_for_the_overlap_beside_the_new_one() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let old = relay.visitor();

    let answer = rotate(&owner, &relay, 3600).await;
    let new = Visitor { key: answer["key"].as_str().unwrap().to_owned(), ..old.clone() };

    assert_ne!(new.key, old.key);
    assert!(answer["snippet"].as_str().unwrap().contains(&new.key));
    assert_eq!(answer["retiring_keys"][0]["key"], old.key.as_str());
    for visitor in [&old, &new] {
        assert_eq!(visitor.boot().await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_overlap_only_the_new_key_works_and_old_sockets_are_closed() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut old = relay.visitor();
    let mut before = old.enter().await;

    let answer = rotate(&owner, &relay, 1).await;
    let mut new = Visitor { key: answer["key"].as_str().unwrap().to_owned(), ..old.clone() };
    let mut after = new.enter().await;
    let refused = until("the old key to end", || async {
        let answer = old.boot().await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    let code =
        within_time("the old key's socket to close", SOON + Duration::from_secs(1), before.closed()).await;

    assert_eq!((refused.status, refused.code().as_str()), (403, "key_unknown"));
    assert_eq!(code, close::FORBIDDEN);
    assert_eq!(after.tell(None, "still here").await.seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_outlives_the_key_it_was_begun_with() {
    let relay = Relay::start().await;
    let mut person = relay.visitor();
    let conv = person.enter().await.tell(None, "hello").await.conv;

    person.key = rotate(&relay.owner().await, &relay, 0).await["key"].as_str().unwrap().to_owned();
    let again = person.enter().await;

    assert_eq!(again.ready.as_ref().unwrap().conv, Some(conv));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_closes_its_sockets_and_boots_nobody() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut person = relay.visitor();
    let unused = person.boot_token().await;
    let mut socket = person.enter().await;

    let answer =
        owner.post(&format!("{}/key/revoke", campaign_path(&relay)), &json!({})).await.expect(200).json();
    let code = within_time("the socket to close", SOON, socket.closed()).await;
    let refused = person.boot().await;

    assert_eq!((&answer["key"], &answer["snippet"]), (&Value::Null, &Value::Null));
    assert_eq!(code, close::FORBIDDEN);
    assert_eq!((refused.status, refused.code().as_str()), (403, "key_unknown"));
    let frame = Request::new("GET", &format!("/widget/frame?key={}", person.key)).send(relay.address()).await;
    assert_eq!(frame.status, 404);
    assert!(frame.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    // A boot token from before the revocation opens nothing that stays open.
    let mut late = person.socket().await;
    if late.greet(&tests::socket::visitor_hello(unused, Vec::new())).await.is_ok() {
        assert_eq!(
            within_time("the late socket to close", SOON + Duration::from_secs(1), late.closed()).await,
            close::FORBIDDEN
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_a_site_away_closes_its_visitors_and_nobody_elses() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let path = campaign_path(&relay);
    owner.patch(&path, &json!({ "allowed_origins": [SHOP, "https://blog.example"] })).await.expect(200);
    let mut shop = relay.visitor().enter().await;
    let mut blog = Visitor { origin: "https://blog.example".into(), ..relay.visitor() };
    let mut reader = blog.enter().await;

    owner.patch(&path, &json!({ "allowed_origins": [SHOP] })).await.expect(200);
    let code = within_time("the blog's socket to close", SOON, reader.closed()).await;
    let refused = blog.boot().await;

    assert_eq!(code, close::FORBIDDEN);
    assert_eq!((refused.status, refused.code().as_str()), (403, "origin_not_allowed"));
    assert_eq!(shop.tell(None, "still here").await.seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_campaign_ends_its_widget_and_keeps_its_conversations() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut person = relay.visitor();
    let mut socket = person.enter().await;
    let conv = socket.tell(None, "hello").await.conv;

    owner.delete(&campaign_path(&relay)).await.expect(204);
    let code = within_time("the socket to close", SOON, socket.closed()).await;

    assert_eq!(code, close::FORBIDDEN);
    assert_eq!(person.boot().await.code(), "key_unknown");
    assert_eq!(owner.get(&campaign_path(&relay)).await.status, 404);
    assert_eq!(owner.delete(&campaign_path(&relay)).await.status, 404);
    let rows = owner.get("/api/conversations").await.expect(200).json();
    assert_eq!(rows["items"][0]["id"], conv.text());
    assert_eq!(owner.get("/api/campaigns").await.expect(200).json()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistyped_and_unknown_keys_are_refused_alike() {
    let relay = Relay::start().await;
    let real = relay.visitor();
    let foreign = Relay::start().await.visitor().key;
    let mut keys = vec![
        String::new(),
        "pk_".into(),
        foreign,
        real.key.to_uppercase(),
        format!("{} ", real.key),
        real.key[..real.key.len() - 1].to_owned(),
    ];
    keys.push("pk_".to_owned() + &"a".repeat(5_000));

    for key in keys {
        let answer = Visitor { key: key.clone(), ..real.clone() }.boot().await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "key_unknown"), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_campaign_remembers_where_it_was_last_seen() {
    let relay = Relay::start().await;
    relay.visitor().boot().await.expect(200);

    let campaign = relay.owner().await.get(&campaign_path(&relay)).await.expect(200).json();

    assert_eq!(campaign["last_seen"]["origin"], SHOP);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_is_stored_neither_in_clear_nor_in_the_log_of_changes() {
    let relay = Relay::start().await;
    let key = relay.made.key.clone();
    let token = {
        let mut person = relay.visitor();
        person.enter().await.tell(None, "hello").await;
        person.token.unwrap()
    };
    let cookie = relay.owner().await.cookie;

    for entry in std::fs::read_dir(relay.folder.data()).unwrap().flatten() {
        let content = std::fs::read(entry.path()).unwrap_or_default();
        for secret in [&key, &token, &cookie] {
            let is_inside = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_inside, "{} holds a secret in clear", entry.path().display());
        }
    }
}
