//! Verified visitors: who they are is what their site signed, on every device, and nothing else makes anybody them.

use protocol::close;
use protocol::ids::WorkspaceId;
use relay::actions::campaigns;
use serde_json::{Value, json};
use tests::database::Database;
use tests::fixture::{SHOP, add_widget};
use tests::http::Request;
use tests::identity::Site;
use tests::personas::{Staff, Visitor};
use tests::relay::Relay;

fn campaign_path(relay: &Relay) -> String {
    format!("/api/campaigns/{}", relay.made.campaign)
}

async fn furnished() -> (Relay, Staff, Site) {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let site = Site::of(&relay, &owner).await;
    (relay, owner, site)
}

/// What the boot says of who somebody is.
async fn verdict(visitor: &Visitor) -> Value {
    visitor.boot().await.expect(200).json()["identity"].clone()
}

/// Whether somebody finds a conversation when they come.
async fn finds_one(visitor: &mut Visitor) -> bool {
    visitor.enter().await.ready.as_ref().unwrap().conv.is_some()
}

async fn require(owner: &Staff, relay: &Relay, is_required: bool) {
    let change = json!({ "identity_required": is_required });
    owner.patch(&campaign_path(relay), &change).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_person_has_one_conversation_on_all_devices() {
    let (relay, _, site) = furnished().await;
    let (mut laptop, mut phone) = (site.customer(&relay, "u-1"), site.customer(&relay, "u-1"));
    let mut stranger = site.customer(&relay, "u-2");

    // Both are there before anything is said.
    let (mut on_laptop, mut early) = (laptop.enter().await, phone.enter().await);
    let conv = on_laptop.tell(None, "from the laptop").await.conv;
    let same = early.tell(None, "from the phone").await.conv;
    let mut on_phone = phone.enter().await;
    on_phone.message("from the laptop").await;
    on_phone.message("from the phone").await;
    on_laptop.message("from the phone").await;

    assert_eq!((same, on_phone.ready.as_ref().unwrap().conv), (conv, Some(conv)));
    assert_ne!(laptop.token, phone.token, "each device has a token of its own");
    assert_eq!(phone.events(conv, "").await.status, 200);
    assert!(!finds_one(&mut stranger).await);
    assert_eq!(stranger.events(conv, "").await.status, 404);
    let before = phone.token.clone();
    assert!(finds_one(&mut phone).await);
    assert_eq!(phone.token, before, "a device that knows who it is keeps its token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_id_in_another_workspace_is_somebody_else() {
    let (relay, _, site) = furnished().await;
    let conv = site.customer(&relay, "u-1").enter().await.tell(None, "a secret of mine").await.conv;
    let (app, theirs, database) = (&relay.running.app, WorkspaceId([0xEE; 16]), Database::of(&relay.folder));
    let id = database.id(theirs.0);
    database.execute(&format!("insert into workspace (id, name, created_at) values ({id}, 'theirs', 1)"));
    database.execute(&format!("insert into division (id, workspace_id, name) values ({id}, {id}, 'theirs')"));
    let (campaign, key) = add_widget(&app.ports, &app.keys, theirs, &[SHOP]).await;
    let secret =
        campaigns::make_identity_secret(&app.ports, &app.vault, theirs, campaign).await.expect("it is there");

    let other = Site { campaign, secret };
    let mut namesake = Visitor { key, ..other.customer(&relay, "u-1") };

    assert_eq!(verdict(&namesake).await, "verified");
    assert!(!finds_one(&mut namesake).await);
    assert_eq!(namesake.events(conv, "").await.status, 404);
    namesake.identity_token = Some(site.token("u-1"));
    assert_eq!(verdict(&namesake).await, "refused", "signed for another campaign");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_no_proof_leaves_the_visitor_anonymous() {
    let (relay, _, site) = furnished().await;
    site.customer(&relay, "u-1").enter().await.tell(None, "a secret of mine").await;
    let foreign = Site { secret: "ids_guessed".into(), ..site.clone() };
    let good = site.token("u-1");
    let unsigned = good.rsplit_once('.').unwrap().0.to_owned();

    for token in [
        String::new(),
        "null".into(),
        "u-1".into(),
        foreign.token("u-1"),
        site.old_token("u-1"),
        site.token(""),
        site.token("u-1\u{0}"),
        good[..good.len() - 1].to_owned(),
        format!("{unsigned}."),
        unsigned,
        "A".repeat(10_000),
    ] {
        let mut visitor = Visitor { identity_token: Some(token.clone()), ..relay.visitor() };
        let boot = visitor.boot().await.expect(200).json();
        assert_eq!((&boot["identity"], &boot["visitor"]), (&json!("refused"), &Value::Null), "{token}");
        assert!(!finds_one(&mut visitor).await, "{token}");
    }
    // The page's own word is shown, and makes nobody anybody.
    let page = json!({ "identity": { "id": "u-1", "email": "ada@example.com" } });
    let mut claimant = Visitor { page, ..relay.visitor() };
    assert_eq!(verdict(&claimant).await, Value::Null);
    assert!(!finds_one(&mut claimant).await);
    assert_eq!(verdict(&site.customer(&relay, "u-1")).await, "verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_stays_with_whoever_said_it() {
    let (relay, _, site) = furnished().await;
    let mut visitor = relay.visitor();
    let conv = visitor.enter().await.tell(None, "not signed in yet").await.conv;
    let before = visitor.clone();

    visitor.identity_token = Some(site.token("u-1"));
    let boot = visitor.boot().await.expect(200).json();
    let own = visitor.enter().await.tell(None, "signed in now").await.conv;

    assert_eq!((&boot["identity"], &boot["is_known"]), (&json!("verified"), &json!(false)));
    assert_ne!(own, conv);
    assert_ne!(visitor.token, before.token, "whoever knew the old token does not come along");
    assert_eq!((visitor.events(conv, "").await.status, before.events(own, "").await.status), (404, 404));
    assert!(finds_one(&mut before.clone()).await, "and is who they were");

    // The next one at the same device.
    visitor.identity_token = Some(site.token("u-2"));
    assert!(!finds_one(&mut visitor).await);
    assert_eq!(visitor.events(own, "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_grew_old_keeps_a_device_that_is_known_and_lets_no_other_in() {
    let (relay, _, site) = furnished().await;
    let mut known = site.customer(&relay, "u-1");
    let conv = known.enter().await.tell(None, "hello").await.conv;
    let of = |token: Option<String>| Visitor { identity_token: token, ..known.clone() };

    for token in [None, Some(site.old_token("u-1"))] {
        let mut again = of(token);
        assert!(finds_one(&mut again).await);
        assert_eq!(again.token, known.token);
    }
    for token in [site.old_token("u-2"), "wrong".to_owned()] {
        let mut other = of(Some(token));
        assert!(!finds_one(&mut other).await, "somebody else may be there now");
        assert_eq!(other.events(conv, "").await.status, 401);
    }
    assert_eq!(verdict(&of(Some(site.old_token("u-1")))).await, "refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_is_required_nobody_comes_in_without_a_proof() {
    let (relay, owner, site) = furnished().await;
    let (mut customer, mut stranger) = (site.customer(&relay, "u-1"), relay.visitor());
    let (mut inside, mut outside) = (customer.enter().await, stranger.enter().await);
    inside.tell(None, "hello").await;
    outside.tell(None, "hello").await;

    require(&owner, &relay, true).await;

    assert_eq!(outside.closed().await, close::NOT_AUTHENTICATED);
    let old = Visitor { identity_token: Some(site.old_token("u-1")), ..customer.clone() };
    let silent = Visitor { identity_token: None, ..customer.clone() };
    for refused in [&stranger, &relay.visitor(), &old, &silent] {
        let answer = refused.boot().await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "identity_required"));
    }
    assert_eq!(verdict(&customer).await, "verified");
    inside.tell(None, "still here").await;
    let shown = owner.get(&campaign_path(&relay)).await.expect(200).json();
    assert_eq!(shown["identity"], json!({ "is_set": true, "is_required": true }));
    require(&owner, &relay, false).await;
    assert_eq!(stranger.boot().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_cannot_be_required_without_a_secret() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;

    let answer = owner.patch(&campaign_path(&relay), &json!({ "identity_required": true })).await;

    assert_eq!((answer.status, answer.code().as_str()), (422, "no_identity_secret"));
    assert_eq!(answer.json()["field"], "identity_required");
    let visitor = Visitor { identity_token: Some("x.y.z".into()), ..relay.visitor() };
    assert_eq!(verdict(&visitor).await, "refused", "a campaign without a secret verifies nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_replaced_or_taken_away_proves_nothing_any_more() {
    let (relay, owner, old) = furnished().await;
    let mut customer = old.customer(&relay, "u-1");
    let mut socket = customer.enter().await;
    let conv = socket.tell(None, "hello").await.conv;
    let mut bystander = relay.visitor().enter().await;

    let new = Site::of(&relay, &owner).await;

    assert_ne!(new.secret, old.secret);
    assert_eq!(socket.closed().await, close::NOT_AUTHENTICATED);
    assert_eq!(verdict(&old.customer(&relay, "u-1")).await, "refused");
    assert_eq!(customer.events(conv, "").await.status, 401, "the device's token ended, too");
    assert!(!finds_one(&mut Visitor { identity_token: None, ..customer.clone() }).await);
    customer.identity_token = Some(new.token("u-1"));
    assert!(finds_one(&mut customer).await, "who they are has not changed");
    bystander.tell(None, "nobody asked me").await;

    owner.delete(&format!("{}/identity-secret", campaign_path(&relay))).await.expect(204);
    assert_eq!(verdict(&new.customer(&relay, "u-1")).await, "refused");
    assert!(!finds_one(&mut Visitor { identity_token: None, ..customer }).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_secret_is_in_the_answer_that_made_it_and_nowhere_else() {
    let (relay, owner, site) = furnished().await;
    let visitor = site.customer(&relay, "u-1");

    let mut seen = visitor.boot().await.expect(200).text();
    for path in ["/api/campaigns", &campaign_path(&relay), "/api/people", "/api/me", "/api/tokens"] {
        seen += &owner.get(path).await.expect(200).text();
    }
    seen += &owner.patch(&campaign_path(&relay), &json!({ "name": "Other" })).await.expect(200).text();
    for path in [format!("/embed.js?key={}", visitor.key), format!("/widget/frame?key={}", visitor.key)] {
        seen += &Request::new("GET", &path).send(relay.address()).await.text();
    }

    assert!(site.secret.starts_with("ids_") && site.secret.len() == 47);
    assert!(!seen.contains("ids_") && !seen.contains("sealed"), "{seen}");
    assert!(seen.contains(r#""identity":{"is_set":true,"is_required":false}"#), "{seen}");
    let stored = Database::of(&relay.folder).rows("select identity_sealed from campaign");
    assert!(!stored[0][0].is_empty() && !stored[0][0].contains(&tests::database::hex(b"ids_")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_see_what_was_signed_and_what_was_only_said() {
    let (relay, owner, site) = furnished().await;
    let mut claims = site.claims("u-1", 0);
    claims["name"] = json!("Ada Lovelace");
    claims["email"] = json!("ada@example.com");
    let page = json!({ "identity": {
        "id": "u-9", "name": "Somebody Else", "email": "else@example.com", "phone": "+47 1", "company": "Berg AS",
        "attributes": { "plan": "gold", "verified": "no" },
    } });
    let mut customer =
        Visitor { identity_token: Some(site.sign(&claims)), page: page.clone(), ..relay.visitor() };
    let conv = customer.enter().await.tell(None, "hello").await.conv;
    let details = async || {
        let shown = owner.get(&format!("/api/conversations/{conv}")).await.expect(200).json();
        (shown["contact"]["name"].clone(), shown["contact_details"].clone())
    };

    let (name, signed) = details().await;
    assert_eq!(name, "Ada Lovelace");
    assert_eq!(signed["verified"], true);
    for (member, value) in [
        ("external_id", json!("u-1")),
        ("name", json!("Ada Lovelace")),
        ("email", json!("ada@example.com")),
        ("phone", Value::Null),
        ("company", json!("Berg AS")),
    ] {
        assert_eq!(signed[member], value, "{member}");
    }
    assert_eq!(signed["attributes"], json!({ "plan": "gold", "verified": "no" }));

    // The same device on a page that proves nothing.
    customer.identity_token = None;
    customer.enter().await;
    let (name, later) = details().await;
    assert_eq!(
        (name, &later["email"], &later["verified"]),
        (json!("Ada Lovelace"), &signed["email"], &json!(true))
    );

    let conv = Visitor { page, ..relay.visitor() }.enter().await.tell(None, "hello").await.conv;
    let stranger = owner.get(&format!("/api/conversations/{conv}")).await.expect(200).json();
    assert_eq!(stranger["contact_details"]["external_id"], "u-9");
    assert_eq!(stranger["contact_details"]["verified"], Value::Null);
}
