//! Ways into Roost: visitors by the widget's boot, agents by signing in.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::frame::{ClientFrame, Hello, Send, ServerFrame, VERSION};
use protocol::ids::Cmid;
use protocol::message::Body;
use protocol::wire::FromTree;
use serde_json::{Value, json};

use super::dialect::Sender;
use super::http::Http;
use super::line::{Dial, Line};
use super::server::{EMAIL, PASSWORD, SITE};
use crate::crypto::random_bytes;

pub(super) const VISITORS: &str = "/ws/visitor";
const AGENTS: &str = "/ws/agent";

/// Where visitors come in, with one connection for all their boots.
pub(super) struct Door {
    address: SocketAddr,
    key: Arc<str>,
    http: Http,
    /// See [`Dial::receive_bytes`], for those who come in from now on.
    pub(super) receive_bytes: Option<u32>,
}

/// A visitor whose socket is open.
pub(super) struct Visitor {
    pub(super) line: Line,
    /// Who they are; another socket with the same token is another tab of theirs.
    pub(super) token: String,
}

impl Door {
    pub(super) async fn open(address: SocketAddr, key: Arc<str>) -> Result<Self> {
        Ok(Self { address, key, http: Http::connect(address).await?, receive_bytes: None })
    }

    /// Gets a boot token. `visitor`: who they were before.
    pub(super) async fn boot(&mut self, visitor: Option<&str>) -> Result<String> {
        let page = json!({ "url": "https://bench.example/", "locale": "en" });
        let body = json!({ "key": &*self.key, "visitor": visitor, "page": page });
        let headers = format!("origin: {SITE}\r\n");
        self.http.post("/api/widget/boot", &headers, &body).await?.text("boot")
    }

    /// Lets somebody in: boot, socket, hello. They follow their latest conversation, if they have one.
    pub(super) async fn enter(&mut self, visitor: Option<&str>) -> Result<Visitor> {
        let boot = self.boot(visitor).await?;
        let dial = Dial { address: self.address, path: VISITORS, receive_bytes: self.receive_bytes };
        let mut line = dial.open().await?;
        let ready = greet(&mut line, Some(boot), None).await?;
        let token = ready.get("visitor").and_then(Value::as_str).map(str::to_owned);
        let token = token.ok_or_else(|| Error::other("a visitor was not told who they are"))?;
        Ok(Visitor { line, token })
    }

    /// Lets somebody new in who says a first thing, which begins a conversation.
    pub(super) async fn begin(&mut self) -> Result<(Visitor, Sender)> {
        let mut visitor = self.enter(None).await?;
        let body = Body::plain("Hello");
        let send = Send { cmid: Cmid(random_bytes()), conv: None, body, reply_to: None, note: false };
        visitor.line.speaker.say(&ClientFrame::Send(send).to_text()).await?;
        let answer = visitor.line.listener.until(b"{\"t\":\"ack\"").await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let Some(ServerFrame::Ack(ack)) = ServerFrame::from_tree(&answer) else {
            return Err(Error::other("an ack was not understood"));
        };
        let sender = Sender::roost(visitor.line.speaker.clone(), ack.conv);
        Ok((visitor, sender))
    }
}

/// Where agents come in, with one connection for all their tickets.
pub(super) struct Desk {
    address: SocketAddr,
    http: Http,
    headers: String,
}

impl Desk {
    /// Signs the owner in.
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let mut http = Http::connect(address).await?;
        let own_page = format!("origin: http://{address}\r\nx-requested-with: roost\r\n");
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let answer = http.post("/api/auth/login", &own_page, &login).await?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| Error::other("the owner could not sign in"))?;
        Ok(Self { address, http, headers: format!("{own_page}cookie: {cookie}\r\n") })
    }

    /// Asks for something; gives how long it took until all of it was here.
    pub(super) async fn get(&mut self, path: &str) -> Result<(Duration, Value)> {
        let began = Instant::now();
        let answer = self.http.get(path, &self.headers).await?;
        let took = began.elapsed();
        Ok((took, answer.json()?))
    }

    /// Opens one more of the agent's sockets, which hears everything in the workspace.
    pub(super) async fn enter(&mut self) -> Result<Line> {
        let ticket = self.http.post("/api/ws-ticket", &self.headers, &json!({})).await?.text("ticket")?;
        let mut line = Dial { address: self.address, path: AGENTS, receive_bytes: None }.open().await?;
        greet(&mut line, None, Some(ticket)).await?;
        Ok(line)
    }
}

/// Says hello and waits until the relay is ready; gives what it says then.
async fn greet(line: &mut Line, boot: Option<String>, ticket: Option<String>) -> Result<Value> {
    let hello = Hello { v: VERSION, boot, ticket, subs: Vec::new(), feed: Vec::new() };
    line.speaker.say(&ClientFrame::Hello(hello).to_text()).await?;
    let ready = line.listener.until(b"{\"t\":\"ready\"").await?;
    Ok(serde_json::from_slice(&ready)?)
}
