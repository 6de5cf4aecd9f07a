//! Joining by invitation: a link that works once, for the address and role it was made with.

use protocol::api::Role;
use serde_json::json;
use tests::database::Database;
use tests::http::Answer;
use tests::personas::{Staff, own_request};
use tests::relay::Relay;

/// Invites somebody; gives the token of the link and the invitation's id.
async fn invite(by: &Staff, email: &str, role: &str) -> (String, String) {
    let invite =
        by.post("/api/people/invites", &json!({ "email": email, "role": role })).await.expect(201).json();
    let link = invite["link"].as_str().expect("a link");
    (
        link.split_once("#token=")
            .expect("the token is behind the #, which servers and logs never see")
            .1
            .to_owned(),
        invite["id"].as_str().unwrap().to_owned(),
    )
}

async fn view(relay: &Relay, token: &str) -> Answer {
    own_request(relay.address(), "GET", &format!("/api/invites/{token}")).send(relay.address()).await
}

async fn accept(relay: &Relay, token: &str) -> Answer {
    let body = json!({ "name": "Nora", "password": "a long enough phrase" });
    own_request(relay.address(), "POST", &format!("/api/invites/{token}"))
        .json(&body)
        .send(relay.address())
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_seen_accepted_once_and_gone() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let (token, _) = invite(&owner, "Nora@example.com", "supervisor").await;

    let seen = view(&relay, &token).await.expect(200).json();
    let joined = accept(&relay, &token).await;
    let again = accept(&relay, &token).await;

    assert_eq!(
        (&seen["workspace"], &seen["email"], &seen["role"]),
        (&json!("Northwind"), &json!("nora@example.com"), &json!("supervisor"))
    );
    assert_eq!(
        (joined.status, &joined.json()["role"], &joined.json()["email"]),
        (200, &json!("supervisor"), &json!("nora@example.com"))
    );
    assert!(joined.header("set-cookie").unwrap().starts_with("__Host-sid="));
    assert_eq!((again.status, again.code().as_str()), (404, "invite_not_valid"));
    assert_eq!(view(&relay, &token).await.status, 404);
    assert_eq!(owner.get("/api/people/invites").await.json()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_accept_at_once_one_joins() {
    let relay = Relay::start().await;
    let (token, _) = invite(&relay.owner().await, "nora@example.com", "agent").await;

    let (one, two, three) =
        tokio::join!(accept(&relay, &token), accept(&relay, &token), accept(&relay, &token));

    let joined = [one, two, three].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(joined, 1);
    assert_eq!(relay.owner().await.get("/api/people").await.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn withdrawn_expired_and_made_up_invitations_admit_nobody() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let (withdrawn, id) = invite(&owner, "one@example.com", "agent").await;
    let (expired, _) = invite(&owner, "two@example.com", "agent").await;
    owner.delete(&format!("/api/people/invites/{id}")).await.expect(204);
    Database::of(&relay.folder)
        .execute("update invite set expires_at = created_at - 1 where email = 'two@example.com'");

    for token in [withdrawn.as_str(), &expired, "in_", "x", &withdrawn[..withdrawn.len() - 1]] {
        assert_eq!(view(&relay, token).await.status, 404);
        assert_eq!(accept(&relay, token).await.status, 404);
    }
    assert_eq!(owner.delete(&format!("/api/people/invites/{id}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_is_here_is_not_invited_again() {
    let relay = Relay::start().await;
    relay.hire("Nora", Role::Agent).await;

    let answer = relay
        .owner()
        .await
        .post("/api/people/invites", &json!({ "email": "NORA@example.com", "role": "agent" }))
        .await;

    assert_eq!((answer.status, answer.code().as_str()), (409, "email_taken"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_is_shown_to_its_maker_only() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let (token, _) = invite(&owner, "nora@example.com", "agent").await;

    let list = owner.get("/api/people/invites").await.expect(200).text();

    assert!(list.contains("nora@example.com") && !list.contains(&token));
    let stored = std::fs::read(relay.folder.data().join("roost.db-wal")).unwrap_or_default();
    assert!(!stored.windows(token.len()).any(|window| window == token.as_bytes()));
}
