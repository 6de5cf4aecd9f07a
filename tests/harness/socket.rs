//! A websocket that remembers everything it heard, and can be told to say anything.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use protocol::event::{Event, EventBody};
use protocol::frame::{Ack, ClientFrame, Hello, Mark, Nack, Position, Ready, Send, ServerFrame, VERSION};
use protocol::ids::{Cmid, ConversationId};
use protocol::message::Body;
use protocol::wire::FromTree;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::random::cmid;
use crate::until::within;

/// The line broke without a close frame.
pub const BROKEN: u16 = 1006;

#[derive(Debug)]
pub enum Heard {
    Frame(Box<ServerFrame>),
    Closed(u16),
}

pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Every frame in the order it came.
    pub log: Vec<ServerFrame>,
    /// Frames that nobody has looked for yet.
    waiting: VecDeque<ServerFrame>,
    pub ready: Option<Ready>,
}

/// The hello of a visitor.
pub fn visitor_hello(boot: String, subs: Vec<Position>) -> ClientFrame {
    ClientFrame::Hello(Hello { v: VERSION, boot: Some(boot), ticket: None, subs, feed: Vec::new() })
}

impl Socket {
    /// Opens a socket; the refusal's HTTP status otherwise.
    pub async fn open(address: SocketAddr, path: &str, origin: Option<&[u8]>) -> Result<Self, u16> {
        let stream = TcpStream::connect(address).await.expect("the relay accepts connections");
        Self::upgrade(stream, address, path, origin).await
    }

    /// Opens a socket whose operating system holds back very little, like a reader on a bad line.
    pub async fn open_narrow(address: SocketAddr, path: &str, origin: Option<&[u8]>) -> Result<Self, u16> {
        let socket = TcpSocket::new_v4().expect("sockets can be made");
        socket.set_recv_buffer_size(4096).expect("the buffer can be small");
        let stream = socket.connect(address).await.expect("the relay accepts connections");
        Self::upgrade(stream, address, path, origin).await
    }

    async fn upgrade(
        stream: TcpStream,
        address: SocketAddr,
        path: &str,
        origin: Option<&[u8]>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("the address is one");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.try_into().expect("the origin fits into a header"));
        }
        match within("an answer to the upgrade", tokio_tungstenite::client_async(request, stream)).await {
            Ok((stream, _)) => Ok(Self { stream, log: Vec::new(), waiting: VecDeque::new(), ready: None }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("the upgrade failed: {error}"),
        }
    }

    /// Says hello and waits until the relay is ready, or gives the close code.
    pub async fn greet(&mut self, hello: &ClientFrame) -> Result<Ready, u16> {
        self.transmit(hello).await;
        match self.hear().await {
            Heard::Frame(frame) => {
                let ServerFrame::Ready(ready) = *frame else { panic!("not ready: {frame:?}") };
                self.waiting.clear();
                self.ready = Some(ready.clone());
                Ok(ready)
            }
            Heard::Closed(code) => Err(code),
        }
    }

    pub async fn transmit(&mut self, frame: &ClientFrame) {
        self.transmit_text(frame.to_text()).await;
    }

    pub async fn transmit_text(&mut self, text: impl Into<String>) {
        self.transmit_raw(Message::text(text.into())).await;
    }

    /// What cannot be written because the relay has closed shows when listening.
    pub async fn transmit_raw(&mut self, message: Message) {
        let _ = self.stream.send(message).await;
    }

    /// Says something; the ack comes later.
    pub async fn say(&mut self, conv: Option<ConversationId>, text: &str) -> Cmid {
        let cmid = cmid();
        self.transmit(&ClientFrame::Send(send_of(cmid, conv, text))).await;
        cmid
    }

    pub async fn note(&mut self, conv: ConversationId, text: &str) -> Cmid {
        let cmid = cmid();
        self.transmit(&ClientFrame::Send(Send { note: true, ..send_of(cmid, Some(conv), text) })).await;
        cmid
    }

    /// Says something and waits until it is safe.
    pub async fn tell(&mut self, conv: Option<ConversationId>, text: &str) -> Ack {
        let cmid = self.say(conv, text).await;
        self.ack(cmid).await
    }

    pub async fn read_up_to(&mut self, conv: ConversationId, seq: u64) {
        self.transmit(&ClientFrame::Read(Mark { conv, seq })).await;
    }

    pub async fn ack(&mut self, cmid: Cmid) -> Ack {
        self.find("an ack", |frame| match frame {
            ServerFrame::Ack(ack) if ack.cmid == cmid => Some(ack.clone()),
            _ => None,
        })
        .await
    }

    pub async fn nack(&mut self, cmid: Cmid) -> Nack {
        self.find("a nack", |frame| match frame {
            ServerFrame::Nack(nack) if nack.cmid == cmid => Some(nack.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for an event.
    pub async fn event(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
        self.find(what, |frame| match frame {
            ServerFrame::Event(event) if is_it(event) => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for a message with this text.
    pub async fn message(&mut self, text: &str) -> Event {
        self.event(&format!("the message {text:?}"), |event| text_of(event) == Some(text)).await
    }

    /// Waits for a frame, looking first at those that came while something else was waited for.
    pub async fn find<T>(&mut self, what: &str, is_it: impl Fn(&ServerFrame) -> Option<T>) -> T {
        for at in 0..self.waiting.len() {
            if let Some(found) = is_it(&self.waiting[at]) {
                self.waiting.remove(at);
                return found;
            }
        }
        loop {
            match within(what, self.hear()).await {
                Heard::Frame(frame) => {
                    if let Some(found) = is_it(&frame) {
                        self.waiting.pop_back();
                        return found;
                    }
                }
                Heard::Closed(code) => {
                    panic!("{what}: the socket was closed with {code} before; heard {:#?}", self.log.last())
                }
            }
        }
    }

    /// The next thing the relay says.
    pub async fn hear(&mut self) -> Heard {
        within("something from the relay", self.listen()).await
    }

    async fn listen(&mut self) -> Heard {
        loop {
            let text = match self.stream.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(frame))) => {
                    return Heard::Closed(frame.map_or(1005, |f| f.code.into()));
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Heard::Closed(BROKEN),
            };
            let value: serde_json::Value = serde_json::from_str(text.as_str()).expect("frames are JSON");
            let frame =
                ServerFrame::from_tree(&value).unwrap_or_else(|| panic!("a frame of a wrong shape: {value}"));
            assert!(!matches!(frame, ServerFrame::Unknown), "an unknown frame: {value}");
            self.log.push(frame.clone());
            self.waiting.push_back(frame.clone());
            return Heard::Frame(Box::new(frame));
        }
    }

    /// Waits until the relay closes; gives the code.
    pub async fn closed(&mut self) -> u16 {
        within("the relay to close the socket", async {
            loop {
                if let Heard::Closed(code) = self.listen().await {
                    return code;
                }
            }
        })
        .await
    }

    /// Ends the socket in order.
    pub async fn leave(mut self) {
        let _ = self.stream.close(None).await;
    }

    /// Every event heard so far, in order.
    pub fn events(&self) -> Vec<&Event> {
        let events = self.log.iter().filter_map(|frame| match frame {
            ServerFrame::Event(event) => Some(event),
            _ => None,
        });
        events.collect()
    }

    /// Every text heard so far, in order; notes too.
    pub fn texts(&self) -> Vec<&str> {
        self.events().into_iter().filter_map(text_of).collect()
    }
}

pub fn send_of(cmid: Cmid, conv: Option<ConversationId>, text: &str) -> Send {
    Send { cmid, conv, body: Body::plain(text), reply_to: None, note: false }
}

/// What a message or note says.
pub fn text_of(event: &Event) -> Option<&str> {
    match &event.body {
        EventBody::Message(message) | EventBody::Note(message) => Some(message.body.words()),
        _ => None,
    }
}
