//! The client machine the widget and the inbox ship, on a real socket, writing down what happens to it.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use protocol::api::EventPage;
use protocol::client::{Client, Credential, Input, Link, Output};
use protocol::frame::{ClientFrame, Mark, Position, Send, ServerFrame};
use protocol::ids::ConversationId;
use protocol::wire::FromTree;
use relay::clock::{Clock, SystemClock};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::journal::{Entry, Journal};
use crate::personas::{Staff, Visitor, own_origin};
use crate::socket::BROKEN;

/// A request or a socket that takes longer counts as failed, as it does in a browser.
const LONGEST: Duration = Duration::from_secs(10);

pub enum Persona {
    Visitor(Visitor),
    Staff(Staff),
}

impl Persona {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Visitor(visitor) => visitor.address,
            Self::Staff(staff) => staff.address,
        }
    }

    async fn credential(&self) -> Option<Credential> {
        let (request, member) = match self {
            Self::Visitor(visitor) => (visitor.boot_request(), "boot"),
            Self::Staff(staff) => (staff.request("POST", "/api/ws-ticket").json(&json!({})), "ticket"),
        };
        let answer = request.try_send(self.address()).await.filter(|answer| answer.status == 200)?;
        let token = answer.json()[member].as_str()?.to_owned();
        Some(match self {
            Self::Visitor(_) => Credential::Boot(token),
            Self::Staff(_) => Credential::Ticket(token),
        })
    }

    async fn snapshot(&self, conv: ConversationId) -> Option<EventPage> {
        let request = match self {
            Self::Visitor(visitor) => visitor.events_request(conv, "?limit=200"),
            Self::Staff(staff) => {
                staff.request("GET", &format!("/api/conversations/{conv}/events?limit=200"))
            }
        };
        EventPage::from_tree(&request.try_send(self.address()).await?.json())
    }
}

enum Command {
    Say(Send),
    Read(Mark),
    Woke,
}

/// What can be seen of the client from outside.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub is_live: bool,
    /// Messages not yet confirmed.
    pub waiting: usize,
    pub positions: Vec<Position>,
    /// The conversation of the last message confirmed.
    pub conv: Option<ConversationId>,
}

/// A client at work in a task of its own. Dropping it ends the client.
pub struct Driven {
    commands: mpsc::UnboundedSender<Command>,
    pub state: watch::Receiver<State>,
    pub journal: Journal,
}

impl Driven {
    pub fn start(persona: Persona, seed: u32) -> Self {
        let (commands, orders) = mpsc::unbounded_channel();
        let (shown, state) = watch::channel(State::default());
        let journal = Journal::default();
        let client = match &persona {
            Persona::Visitor(_) => Client::visitor(seed),
            Persona::Staff(_) => Client::agent(seed),
        };
        let machine = Machine {
            persona,
            client,
            journal: journal.clone(),
            stream: None,
            timer: None,
            inputs: VecDeque::new(),
            conv: None,
            feed_seq: 0,
            shown,
        };
        tokio::spawn(machine.run(orders));
        Self { commands, state, journal }
    }

    pub fn say(&self, send: Send) {
        self.journal.write(Entry::Said(send.cmid));
        // A client that has ended says nothing, and its state shows it.
        let _ = self.commands.send(Command::Say(send));
    }

    pub fn read(&self, mark: Mark) {
        let _ = self.commands.send(Command::Read(mark));
    }

    /// The network is back: do not wait any longer.
    pub fn woke(&self) {
        let _ = self.commands.send(Command::Woke);
    }
}

struct Machine {
    persona: Persona,
    client: Client,
    journal: Journal,
    stream: Option<WebSocketStream<TcpStream>>,
    timer: Option<(u64, Instant)>,
    inputs: VecDeque<Input>,
    conv: Option<ConversationId>,
    /// Where the feed stood when the socket was greeted.
    feed_seq: u64,
    shown: watch::Sender<State>,
}

impl Machine {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Command>) {
        self.inputs.push_back(Input::Start);
        loop {
            while let Some(input) = self.inputs.pop_front() {
                for output in self.client.handle(input) {
                    self.perform(output).await;
                }
            }
            self.show();
            let timer = self.timer;
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Command::Say(send)) => self.inputs.push_back(Input::Say { send, now_ms: u64::try_from(SystemClock.now_ms()).unwrap_or(0) }),
                    Some(Command::Read(mark)) => self.inputs.push_back(Input::Read(mark)),
                    Some(Command::Woke) => self.inputs.push_back(Input::Woke),
                    None => return,
                },
                heard = listen(&mut self.stream) => self.take(heard),
                () = due(timer) => {
                    if let Some((number, _)) = self.timer.take() {
                        self.inputs.push_back(Input::Timer { number });
                    }
                }
            }
        }
    }

    fn show(&self) {
        self.shown.send_replace(State {
            is_live: self.client.link() == Link::Live,
            waiting: self.client.outbox().items().len(),
            positions: self.client.positions(),
            conv: self.conv,
        });
    }

    fn take(&mut self, heard: Result<String, u16>) {
        let text = match heard {
            Ok(text) => text,
            Err(code) => {
                self.stream = None;
                self.inputs.push_back(Input::Closed { code });
                return;
            }
        };
        let value: serde_json::Value = serde_json::from_str(&text).expect("frames are JSON");
        let frame = ServerFrame::from_tree(&value).expect("frames have their shape");
        match &frame {
            ServerFrame::Ready(ready) => {
                if let (Persona::Visitor(visitor), Some(token)) = (&mut self.persona, &ready.visitor) {
                    visitor.token = Some(token.clone());
                }
                self.feed_seq = ready.feed.first().map_or(0, |position| position.seq);
            }
            ServerFrame::Ack(ack) => {
                self.conv = Some(ack.conv);
                self.journal.write(Entry::Acked(ack.clone()));
            }
            ServerFrame::Event(event) => self.journal.write(Entry::Heard(Box::new(event.clone()))),
            _ => {}
        }
        self.inputs.push_back(Input::Frame(frame));
    }

    async fn perform(&mut self, output: Output) {
        match output {
            Output::Authorize => {
                let input = match timeout(LONGEST, self.persona.credential()).await.ok().flatten() {
                    Some(credential) => Input::Credential(credential),
                    None => Input::NoCredential { final_refusal: false },
                };
                self.inputs.push_back(input);
            }
            Output::Open => {
                self.stream = timeout(LONGEST, self.dial()).await.ok().flatten();
                self.journal.write(Entry::Connected);
                self.inputs.push_back(if self.stream.is_some() {
                    Input::Opened
                } else {
                    Input::Closed { code: BROKEN }
                });
            }
            Output::Transmit(frame) => self.transmit(&frame).await,
            Output::Close => self.stream = None,
            Output::Wake { number, after_ms } => {
                self.timer = Some((number, Instant::now() + Duration::from_millis(after_ms)));
            }
            Output::LoadSnapshot(conv) => {
                if let Some(page) = timeout(LONGEST, self.persona.snapshot(conv)).await.ok().flatten() {
                    let (epoch, seq) = (page.as_of.epoch, page.as_of.seq);
                    self.inputs.push_back(Input::Snapshot {
                        conv,
                        epoch,
                        events: page.items,
                        seq,
                        has_older: page.has_older,
                    });
                }
            }
            Output::LoadEverything => self.journal.write(Entry::LoadedAll(self.feed_seq)),
            Output::GaveUp { code } => panic!("the relay does not want this client any more: {code}"),
            Output::SendFailed { cmid } => panic!("the message {cmid} was refused"),
            _ => {}
        }
    }

    async fn transmit(&mut self, frame: &ClientFrame) {
        match frame {
            ClientFrame::Hello(hello) => {
                hello.subs.iter().for_each(|position| self.journal.write(Entry::Stands(position.clone())));
            }
            ClientFrame::Sub(position) => self.journal.write(Entry::Stands(position.clone())),
            _ => {}
        }
        if let Some(stream) = &mut self.stream {
            // A broken line is noticed by listening to it.
            let _ = stream.send(Message::text(frame.to_text())).await;
        }
    }

    async fn dial(&self) -> Option<WebSocketStream<TcpStream>> {
        let (address, path) = match &self.persona {
            Persona::Visitor(visitor) => (visitor.address, "/ws/visitor"),
            Persona::Staff(staff) => (staff.address, "/ws/agent"),
        };
        let mut request = format!("ws://{address}{path}").into_client_request().ok()?;
        request.headers_mut().insert("origin", own_origin(address).parse().ok()?);
        let stream = TcpStream::connect(address).await.ok()?;
        Some(tokio_tungstenite::client_async(request, stream).await.ok()?.0)
    }
}

async fn listen(stream: &mut Option<WebSocketStream<TcpStream>>) -> Result<String, u16> {
    let Some(stream) = stream else { return std::future::pending().await };
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
            Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |f| f.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(BROKEN),
        }
    }
}

async fn due(timer: Option<(u64, Instant)>) {
    match timer {
        Some((_, at)) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
