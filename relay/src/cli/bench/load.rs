//! Visitors by the thousand.

use std::collections::HashMap;
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use protocol::frame::{ClientFrame, Hello, Send, ServerFrame, VERSION};
use protocol::ids::{Cmid, ConversationId};
use protocol::message::Body;
use protocol::wire::FromTree;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::server::SITE;
use crate::crypto::random_bytes;

type Socket = WebSocketStream<TcpStream>;

/// How many connect side by side.
const LANES: u32 = 32;

pub(super) struct Crowd {
    sockets: Vec<Socket>,
}

/// What a chatter gave.
pub(super) struct Sent {
    pub(super) waits_ms: Vec<f64>,
    pub(super) took: Duration,
}

impl Crowd {
    /// Connects visitors, each with a boot over HTTP and a hello.
    pub(super) async fn connect(address: SocketAddr, key: &str, count: u32) -> Result<Self> {
        // The limit may be lower than what was asked for; connecting then says so.
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        let lanes = LANES.min(count.max(1));
        let tasks = (0..lanes).map(|lane| {
            let share = count / lanes + u32::from(lane < count % lanes);
            let key = key.to_owned();
            tokio::spawn(async move {
                let mut http = TcpStream::connect(address).await?;
                let mut sockets = Vec::new();
                for _ in 0..share {
                    let boot = boot(&mut http, &key).await?;
                    sockets.push(enter(address, boot).await?);
                }
                Result::Ok(sockets)
            })
        });
        let mut sockets = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            sockets.extend(task.await.map_err(Error::other)??);
        }
        Ok(Self { sockets })
    }

    /// Everybody sends, keeping `window` messages under way, for a while.
    pub(super) async fn chatter(self, window: u32, length: Duration) -> Sent {
        let began = Instant::now();
        let tasks: Vec<_> =
            self.sockets.into_iter().map(|socket| tokio::spawn(talk(socket, window, length))).collect();
        let mut waits_ms = Vec::new();
        for task in tasks {
            waits_ms.extend(task.await.unwrap_or_default());
        }
        Sent { waits_ms, took: began.elapsed() }
    }
}

async fn boot(http: &mut TcpStream, key: &str) -> Result<String> {
    let body = serde_json::json!({ "key": key, "page": { "url": "https://bench.example/", "locale": "en" } })
        .to_string();
    let request = format!(
        "POST /api/widget/boot HTTP/1.1\r\nhost: bench\r\norigin: {SITE}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    http.write_all(request.as_bytes()).await?;
    let answer = read_answer(http).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    answer
        .get("boot")
        .and_then(|b| b.as_str())
        .map(str::to_owned)
        .ok_or_else(|| Error::other(format!("not let in: {answer}")))
}

/// Reads one HTTP answer with a length.
async fn read_answer(http: &mut TcpStream) -> Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0_u8; 4096];
        let count = http.read(&mut chunk).await?;
        read.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let head = read.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
        if let Some(at) = head {
            let text = String::from_utf8_lossy(read.get(..at).unwrap_or_default()).to_lowercase();
            let length = text
                .split("content-length:")
                .nth(1)
                .and_then(|l| l.split("\r\n").next())
                .and_then(|l| l.trim().parse::<usize>().ok());
            let length = length.ok_or_else(|| Error::other("an answer without a length"))?;
            if read.len() >= at + length {
                return Ok(read.get(at..at + length).unwrap_or_default().to_vec());
            }
        }
        if count == 0 {
            return Err(Error::other("the server hung up"));
        }
    }
}

async fn enter(address: SocketAddr, boot: String) -> Result<Socket> {
    let mut request = format!("ws://{address}/ws/visitor").into_client_request().map_err(Error::other)?;
    let origin = format!("http://{address}").parse().map_err(Error::other)?;
    request.headers_mut().insert("origin", origin);
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
    let (mut socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
        .await
        .map_err(Error::other)?;
    let hello = ClientFrame::Hello(Hello {
        v: VERSION,
        boot: Some(boot),
        ticket: None,
        subs: Vec::new(),
        feed: Vec::new(),
    });
    socket.send(Message::Text(hello.to_text().into())).await.map_err(Error::other)?;
    while let Some(message) = socket.next().await {
        if matches!(read(message.map_err(Error::other)?), Some(ServerFrame::Ready(_))) {
            return Ok(socket);
        }
    }
    Err(Error::other("the socket closed before it was ready"))
}

fn read(message: Message) -> Option<ServerFrame> {
    let tree: serde_json::Value = serde_json::from_str(message.into_text().ok()?.as_str()).ok()?;
    ServerFrame::from_tree(&tree)
}

/// Sends and waits for acks; gives how long each took, in milliseconds.
async fn talk(mut socket: Socket, window: u32, length: Duration) -> Vec<f64> {
    let began = Instant::now();
    let mut waits = Vec::new();
    let mut under_way: HashMap<Cmid, Instant> = HashMap::new();
    let mut conv: Option<ConversationId> = None;
    loop {
        let is_open = began.elapsed() < length;
        // The first message starts the conversation; the others name it.
        let room = if conv.is_some() { window as usize } else { 1 };
        while is_open && under_way.len() < room {
            let cmid = Cmid(random_bytes());
            let text = "A message of the usual length, as people write when they ask about their order and when it will arrive, more or less.";
            let send =
                ClientFrame::Send(Send { cmid, conv, body: Body::plain(text), reply_to: None, note: false });
            under_way.insert(cmid, Instant::now());
            if socket.send(Message::Text(send.to_text().into())).await.is_err() {
                return waits;
            }
        }
        if under_way.is_empty() {
            return waits;
        }
        let Some(Ok(message)) = socket.next().await else { return waits };
        // Only acks matter here; parsing every echo would measure the load instead of the server.
        let is_ack = matches!(&message, Message::Text(text) if text.starts_with("{\"t\":\"ack\""));
        if is_ack
            && let Some(ServerFrame::Ack(ack)) = read(message)
            && let Some(sent) = under_way.remove(&ack.cmid)
        {
            conv = Some(ack.conv);
            waits.push(sent.elapsed().as_secs_f64() * 1e3);
        }
    }
}
