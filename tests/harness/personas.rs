//! People: a visitor on somebody's page, and somebody who works here.

use std::net::SocketAddr;

use protocol::event::FeedPosition;
use protocol::frame::{ClientFrame, Hello, Position, VERSION};
use protocol::ids::{ConversationId, PersonId};
use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::socket::{Socket, visitor_hello};

/// The origin of the relay's own pages.
pub fn own_origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Somebody on a site with the widget.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub address: SocketAddr,
    pub key: String,
    /// The page's origin.
    pub origin: String,
    /// What the page kept from last time.
    pub token: Option<String>,
    /// What the site's own server signed.
    pub identity_token: Option<String>,
    pub page: Value,
}

impl Visitor {
    pub fn new(address: SocketAddr, key: &str, origin: &str) -> Self {
        Self {
            address,
            key: key.to_owned(),
            origin: origin.to_owned(),
            token: None,
            identity_token: None,
            page: json!({}),
        }
    }

    /// What the loader asks before the panel opens.
    pub async fn boot(&self) -> Answer {
        self.boot_request().send(self.address).await
    }

    pub fn boot_request(&self) -> Request {
        let body = json!({
            "key": self.key,
            "visitor": self.token,
            "identity_token": self.identity_token,
            "page": self.page,
        });
        Request::new("POST", "/api/widget/boot").header("origin", &self.origin).json(&body)
    }

    pub fn events_request(&self, conv: ConversationId, query: &str) -> Request {
        let token = self.token.as_deref().unwrap_or_default();
        let path = format!("/api/widget/conversations/{conv}/events{query}");
        Request::new("GET", &path).header("authorization", format!("Bearer {token}"))
    }

    pub async fn boot_token(&self) -> String {
        self.boot().await.expect(200).json()["boot"].as_str().expect("a boot token").to_owned()
    }

    /// A socket of the panel that has said nothing yet.
    pub async fn socket(&self) -> Socket {
        Socket::open(self.address, "/ws/visitor", Some(own_origin(self.address).as_bytes()))
            .await
            .expect("the panel's origin is allowed")
    }

    /// Opens the panel: boot, socket, hello; remembers the token as the page would.
    pub async fn enter(&mut self) -> Socket {
        self.enter_from(Vec::new()).await
    }

    pub async fn enter_from(&mut self, subs: Vec<Position>) -> Socket {
        let hello = visitor_hello(self.boot_token().await, subs);
        let mut socket = self.socket().await;
        let ready = socket.greet(&hello).await.expect("the hello is good");
        self.token = ready.visitor;
        socket
    }

    /// The visitor's own snapshot of a conversation.
    pub async fn events(&self, conv: ConversationId, query: &str) -> Answer {
        self.events_request(conv, query).send(self.address).await
    }
}

/// Somebody who works here, signed in in one browser.
#[derive(Debug, Clone)]
pub struct Staff {
    pub address: SocketAddr,
    pub person: PersonId,
    /// The session cookie's value.
    pub cookie: String,
}

impl Staff {
    pub fn new(address: SocketAddr, person: PersonId, cookie: &str) -> Self {
        Self { address, person, cookie: cookie.to_owned() }
    }

    /// A request as the inbox sends it.
    pub fn request(&self, method: &str, path: &str) -> Request {
        own_request(self.address, method, path).header("cookie", format!("__Host-sid={}", self.cookie))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send(self.address).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send(self.address).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send(self.address).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send(self.address).await
    }

    pub async fn ticket(&self) -> String {
        self.post("/api/ws-ticket", &json!({})).await.expect(200).json()["ticket"]
            .as_str()
            .expect("a ticket")
            .to_owned()
    }

    pub async fn socket(&self) -> Socket {
        Socket::open(self.address, "/ws/agent", Some(own_origin(self.address).as_bytes()))
            .await
            .expect("the inbox's origin is allowed")
    }

    /// Opens the inbox: ticket, socket, hello.
    pub async fn enter(&self) -> Socket {
        self.enter_from(Vec::new()).await
    }

    pub async fn enter_from(&self, feed: Vec<FeedPosition>) -> Socket {
        let hello = ClientFrame::Hello(Hello {
            v: VERSION,
            boot: None,
            ticket: Some(self.ticket().await),
            subs: Vec::new(),
            feed,
        });
        let mut socket = self.socket().await;
        socket.greet(&hello).await.expect("the hello is good");
        socket
    }
}

/// A program with an API token.
#[derive(Debug, Clone)]
pub struct Program {
    pub address: SocketAddr,
    pub id: String,
    pub token: String,
}

impl Program {
    /// Made by somebody, with these scopes.
    pub async fn of(staff: &Staff, scopes: &[&str]) -> Self {
        let wish = json!({ "name": "A program", "scopes": scopes });
        let made = staff.post("/api/tokens", &wish).await.expect(201).json();
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Self { address: staff.address, id: text("id"), token: text("token") }
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, path).header("authorization", format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send(self.address).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send(self.address).await
    }
}

/// A request from one of the relay's own pages by nobody in particular.
pub fn own_request(address: SocketAddr, method: &str, path: &str) -> Request {
    Request::new(method, path)
        .header("origin", own_origin(address))
        .header("sec-fetch-site", "same-origin")
        .header("x-requested-with", "roost")
}
