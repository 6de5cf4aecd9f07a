//! Every operation of the API as its own description lists it, so that no test over "all routes" forgets one.

use protocol::api::Role;
use serde_json::{Value, json};

use crate::fixture::{SHOP, add_person, add_widget};
use crate::http::Request;
use crate::personas::Staff;
use crate::random::cmid;
use crate::relay::Relay;

/// A method and a path with its parameters unfilled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub method: String,
    pub path: String,
}

impl Route {
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned() }
    }

    pub fn is_unsafe(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// What the relay says it answers.
pub async fn described(relay: &Relay) -> Vec<Route> {
    let document = Request::new("GET", "/api/openapi.json").send(relay.address()).await.expect(200).json();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("the document has paths") {
        for method in operations.as_object().expect("a path has operations").keys() {
            routes.push(Route::new(&method.to_uppercase(), path));
        }
    }
    routes.sort();
    routes
}

/// A request that would succeed for somebody with the right, on something made for it alone.
pub async fn fill(relay: &Relay, route: &Route) -> (String, Option<Value>) {
    let path = match route.path.as_str() {
        path if path.starts_with("/api/campaigns/{id}") => {
            let app = &relay.running.app;
            let (campaign, _) = add_widget(&app.ports, &app.keys, relay.made.workspace, &[SHOP]).await;
            path.replace("{id}", &campaign.text())
        }
        path if path.starts_with("/api/conversations/{id}")
            || path.starts_with("/api/widget/conversations/{id}") =>
        {
            let mut visitor = relay.visitor();
            let conv = visitor.enter().await.tell(None, "hello").await.conv;
            path.replace("{id}", &conv.text())
        }
        "/api/people/invites/{id}" => {
            let invite =
                relay.owner().await.post("/api/people/invites", &new_invite()).await.expect(201).json();
            format!("/api/people/invites/{}", invite["id"].as_str().expect("an id"))
        }
        "/api/tokens/{id}" => {
            let token = relay.owner().await.post("/api/tokens", &new_token()).await.expect(201).json();
            format!("/api/tokens/{}", token["id"].as_str().expect("an id"))
        }
        path if path.starts_with("/api/people/{id}") => {
            let name = format!("Spare{}", cmid());
            let person = add_person(&relay.running.app.ports, relay.made.workspace, &name, Role::Agent).await;
            path.replace("{id}", &person.text())
        }
        path => path.replace("{token}", "in_unknown"),
    };
    (path, body(relay, route))
}

fn new_invite() -> Value {
    json!({ "email": format!("{}@example.com", cmid()), "role": "agent" })
}

fn new_token() -> Value {
    json!({ "name": "A program", "scopes": ["conversations:read"] })
}

/// A body of the right shape.
pub fn body(relay: &Relay, route: &Route) -> Option<Value> {
    let body = match (route.method.as_str(), route.path.as_str()) {
        ("POST", "/api/auth/login") => {
            json!({ "email": "nobody@example.com", "password": "not the password" })
        }
        ("POST", "/api/campaigns") => {
            json!({ "name": "New", "channel": "webchat", "allowed_origins": [SHOP] })
        }
        ("PATCH", "/api/campaigns/{id}") => json!({ "name": "Other" }),
        ("POST", "/api/campaigns/{id}/key/rotate") => json!({ "overlap_seconds": 0 }),
        ("PATCH", "/api/conversations/{id}") => json!({ "status": "pending" }),
        ("POST", "/api/conversations/{id}/messages") => {
            json!({ "cmid": cmid().text(), "body": { "kind": "text", "text": "hi" } })
        }
        ("POST", "/api/invites/{token}") => json!({ "name": "New", "password": "a long enough phrase" }),
        ("PATCH", "/api/me") => json!({ "availability": "busy" }),
        ("POST", "/api/me/password") => {
            json!({ "current": "not the password", "new": "a long enough phrase" })
        }
        ("POST", "/api/origins/check") => json!({ "allowed_origins": [], "address": SHOP }),
        ("POST", "/api/password-reset") => {
            json!({ "token": "unknown", "password": "a long enough phrase" })
        }
        ("POST", "/api/people/invites") => new_invite(),
        ("PATCH", "/api/people/{id}") => json!({ "role": "supervisor" }),
        ("POST", "/api/setup") => {
            json!({ "token": "su_x", "name": "X", "email": "x@example.com", "password": "a long enough phrase", "workspace": "X" })
        }
        ("POST", "/api/tokens") => new_token(),
        ("POST", "/api/widget/boot") => json!({ "key": relay.made.key }),
        _ => return None,
    };
    Some(body)
}

/// The request as somebody's inbox sends it, or anybody's page when nobody is signed in.
pub async fn request(relay: &Relay, route: &Route, by: Option<&Staff>) -> Request {
    let (path, body) = fill(relay, route).await;
    let request = match by {
        Some(staff) => staff.request(&route.method, &path),
        None => crate::personas::own_request(relay.address(), &route.method, &path),
    };
    match body {
        Some(body) => request.json(&body),
        None => request,
    }
}
