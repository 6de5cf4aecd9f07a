//! What each role may do: every route of the API, whoever asks.

use protocol::api::Role;
use serde_json::json;
use tests::relay::Relay;
use tests::routes::{Route, described, request};

/// Who may use a route, and how it then answers the request of [`tests::routes`].
enum Rule {
    /// Nobody needs to be signed in.
    Open(u16),
    SignedIn(u16),
    /// Supervisors, admins and owners.
    Supervise(u16),
    /// Admins and owners.
    Administer(u16),
}

use Rule::{Administer, Open, SignedIn, Supervise};

const TABLE: &[(&str, &str, Rule)] = &[
    ("POST", "/api/auth/login", Open(401)),
    ("POST", "/api/auth/logout", SignedIn(204)),
    ("GET", "/api/campaigns", Supervise(200)),
    ("POST", "/api/campaigns", Administer(201)),
    ("GET", "/api/campaigns/{id}", Supervise(200)),
    ("PATCH", "/api/campaigns/{id}", Administer(200)),
    ("DELETE", "/api/campaigns/{id}", Administer(204)),
    ("POST", "/api/campaigns/{id}/identity-secret", Administer(201)),
    ("DELETE", "/api/campaigns/{id}/identity-secret", Administer(204)),
    ("POST", "/api/campaigns/{id}/key/revoke", Administer(200)),
    ("POST", "/api/campaigns/{id}/key/rotate", Administer(200)),
    ("GET", "/api/conversations", SignedIn(200)),
    ("GET", "/api/conversations/counts", SignedIn(200)),
    ("GET", "/api/conversations/{id}", SignedIn(200)),
    ("PATCH", "/api/conversations/{id}", SignedIn(200)),
    ("GET", "/api/conversations/{id}/events", SignedIn(200)),
    ("POST", "/api/conversations/{id}/messages", SignedIn(200)),
    ("GET", "/api/invites/{token}", Open(404)),
    ("POST", "/api/invites/{token}", Open(404)),
    ("GET", "/api/me", SignedIn(200)),
    ("PATCH", "/api/me", SignedIn(200)),
    ("POST", "/api/me/password", SignedIn(422)),
    ("POST", "/api/origins/check", Supervise(200)),
    ("GET", "/api/people", SignedIn(200)),
    ("GET", "/api/people/invites", Administer(200)),
    ("POST", "/api/people/invites", Administer(201)),
    ("DELETE", "/api/people/invites/{id}", Administer(204)),
    ("PATCH", "/api/people/{id}", Administer(200)),
    ("POST", "/api/people/{id}/reset-link", Administer(201)),
    ("POST", "/api/password-reset", Open(404)),
    ("GET", "/api/setup", Open(200)),
    ("POST", "/api/setup", Open(403)),
    ("GET", "/api/tokens", Administer(200)),
    ("POST", "/api/tokens", Administer(201)),
    ("DELETE", "/api/tokens/{id}", Administer(204)),
    ("OPTIONS", "/api/widget/boot", Open(204)),
    ("POST", "/api/widget/boot", Open(403)),
    // A visitor's token is asked for; no role helps.
    ("GET", "/api/widget/conversations/{id}/events", Open(401)),
    ("POST", "/api/ws-ticket", SignedIn(200)),
];

impl Rule {
    fn expected(&self, role: Option<Role>) -> u16 {
        let (least, status) = match self {
            Open(status) => return *status,
            SignedIn(status) => (&[Role::Agent, Role::Supervisor, Role::Admin, Role::Owner][..], status),
            Supervise(status) => (&[Role::Supervisor, Role::Admin, Role::Owner][..], status),
            Administer(status) => (&[Role::Admin, Role::Owner][..], status),
        };
        match role {
            None => 401,
            Some(role) if least.contains(&role) => *status,
            Some(_) => 403,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_role_as_the_table_says() {
    let relay = Relay::start().await;
    let mut table: Vec<Route> = TABLE.iter().map(|(method, path, _)| Route::new(method, path)).collect();
    table.sort();
    assert_eq!(table, described(&relay).await, "a route without a rule, or a rule without a route");
    let mut people = Vec::new();
    for (name, role) in
        [("Agnes", Role::Agent), ("Susan", Role::Supervisor), ("Adam", Role::Admin), ("Otto", Role::Owner)]
    {
        people.push((role, relay.hire(name, role).await.person));
    }

    let mut wrong = Vec::new();
    for (method, path, rule) in TABLE {
        let route = Route::new(method, path);
        for role in [None, Some(Role::Agent), Some(Role::Supervisor), Some(Role::Admin), Some(Role::Owner)] {
            let staff = match people.iter().find(|(known, _)| Some(*known) == role) {
                Some((_, person)) => Some(relay.staff(*person).await),
                None => None,
            };
            let answer = request(&relay, &route, staff.as_ref()).await.send(relay.address()).await;
            if answer.status != rule.expected(role) {
                wrong.push(format!(
                    "{method} {path} for {role:?}: {} instead of {}: {}",
                    answer.status,
                    rule.expected(role),
                    answer.text()
                ));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_above_themselves() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let admin = relay.hire("Adam", Role::Admin).await;
    let agent = relay.hire("Agnes", Role::Agent).await;
    let of = |person| format!("/api/people/{person}");

    for (path, change) in [
        (of(owner.person), json!({ "role": "agent" })),
        (of(owner.person), json!({ "membership": "deactivated" })),
        (of(agent.person), json!({ "role": "owner" })),
        (of(admin.person), json!({ "role": "owner" })),
    ] {
        let answer = admin.patch(&path, &change).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "not_allowed"), "{change}");
    }
    let invite =
        admin.post("/api/people/invites", &json!({ "email": "new@example.com", "role": "owner" })).await;
    assert_eq!(invite.status, 403);
    assert_eq!(admin.get("/api/me").await.json()["role"], "admin");
    assert_eq!(owner.get("/api/me").await.json()["role"], "owner");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_owner_stays() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let path = format!("/api/people/{}", owner.person);

    for change in [json!({ "role": "admin" }), json!({ "membership": "deactivated" })] {
        let answer = owner.patch(&path, &change).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "last_owner"));
    }
    relay.hire("Otto", Role::Owner).await;
    owner.patch(&path, &json!({ "role": "agent" })).await.expect(200);
    assert_eq!(owner.get("/api/me").await.status, 401, "new rights begin with a new session");
    assert_eq!(relay.owner().await.get("/api/campaigns").await.status, 403);
}
