//! A visitor with the client that widget and inbox ship: the same machine, on a line of its own.

use std::collections::VecDeque;
use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use protocol::client::{Client, Credential, Input, Link, Output, Timeline};
use protocol::event::EventBody;
use protocol::frame::{ClientFrame, Send, ServerFrame};
use protocol::ids::{Cmid, ConversationId};
use protocol::message::Body;
use protocol::wire::FromTree;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::line::{Dial, Line};
use super::roost::{Door, VISITORS};
use super::stamp::Stamp;
use crate::crypto::random_bytes;

/// What a websocket's close is called when nobody said why.
const BROKEN: u16 = 1006;
/// A boot or an upgrade that takes longer has failed, as in a browser.
const PATIENCE: Duration = Duration::from_secs(15);

/// Who a visitor is and what they do.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) address: SocketAddr,
    pub(super) key: Arc<str>,
    /// Spreads reconnects.
    pub(super) seed: u32,
    pub(super) habit: Habit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Has no conversation.
    Silent,
    /// Has begun one.
    Conversing,
    /// Has begun one, and says something while the server is away.
    Insisting,
}

/// What everybody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Gathering,
    /// From now on only a new connection counts.
    Bracing,
    /// The server is away.
    Outage,
    Over,
}

/// What became of a visitor.
#[derive(Debug)]
pub(super) struct Outcome {
    /// When everything was as before again.
    pub(super) live_at: Option<Stamp>,
    /// Messages that are missing, holes in the sequence, and conversations that could not be resumed.
    pub(super) gaps: usize,
    /// Messages that are there twice.
    pub(super) doubles: usize,
}

/// How many are live, have heard all there is to hear, and have everything confirmed.
#[derive(Debug, Default)]
pub(super) struct Board {
    settled: AtomicU32,
}

impl Board {
    pub(super) fn settled(&self) -> u32 {
        self.settled.load(Ordering::Relaxed)
    }
}

pub(super) struct Visitor {
    plan: Plan,
    board: Arc<Board>,
    client: Client,
    inputs: VecDeque<Input>,
    line: Option<Line>,
    timer: Option<(u64, Instant)>,
    /// Who the server said this is.
    token: Option<String>,
    said: Vec<Cmid>,
    /// A connection that counts has been accepted.
    is_back: bool,
    /// The conversation is live on this connection.
    is_caught_up: bool,
    is_settled: bool,
    live_at: Option<Stamp>,
    resyncs: usize,
}

impl Visitor {
    pub(super) fn new(plan: Plan, board: Arc<Board>) -> Self {
        Self {
            client: Client::visitor(plan.seed),
            plan,
            board,
            inputs: VecDeque::from([Input::Start]),
            line: None,
            timer: None,
            token: None,
            said: Vec::new(),
            is_back: false,
            is_caught_up: false,
            is_settled: false,
            live_at: None,
            resyncs: 0,
        }
    }

    /// Lives until it is over.
    pub(super) async fn live(mut self, mut stage: watch::Receiver<Stage>) -> Outcome {
        loop {
            while let Some(input) = self.inputs.pop_front() {
                for output in self.client.handle(input) {
                    self.perform(output).await;
                }
            }
            self.show();
            let timer = self.timer;
            tokio::select! {
                changed = stage.changed() => {
                    // Whoever led the scenario may have given up.
                    let now = if changed.is_ok() { *stage.borrow_and_update() } else { Stage::Over };
                    match now {
                        Stage::Gathering => {}
                        Stage::Bracing => self.is_back = false,
                        Stage::Outage if self.plan.habit == Habit::Insisting => self.say(),
                        Stage::Outage => {}
                        Stage::Over => return self.outcome(),
                    }
                }
                heard = hear(&mut self.line) => self.take(heard),
                () = due(timer) => {
                    if let Some((number, _)) = self.timer.take() {
                        self.inputs.push_back(Input::Timer { number });
                    }
                }
            }
        }
    }

    fn say(&mut self) {
        let cmid = Cmid(random_bytes());
        let (conv, body) = (self.conversation(), Body::plain("Is anybody there?"));
        self.said.push(cmid);
        let send = Send { cmid, conv, body, reply_to: None, note: false };
        self.inputs.push_back(Input::Say { send, now_ms: 0 });
    }

    fn conversation(&self) -> Option<ConversationId> {
        self.client.positions().first().map(|position| position.conv)
    }

    /// Takes in what was heard; `None`: the line has ended.
    fn take(&mut self, heard: Option<ServerFrame>) {
        let Some(frame) = heard else {
            self.line = None;
            self.is_caught_up = false;
            self.inputs.push_back(Input::Closed { code: BROKEN });
            return;
        };
        if matches!(frame, ServerFrame::Live(_)) {
            self.is_caught_up = true;
        }
        self.inputs.push_back(Input::Frame(frame));
    }

    async fn perform(&mut self, output: Output) {
        match output {
            Output::Authorize => {
                let boot = timeout(PATIENCE, self.boot()).await;
                self.inputs.push_back(match boot {
                    Ok(Ok(boot)) => Input::Credential(Credential::Boot(boot)),
                    Ok(Err(_)) | Err(_) => Input::NoCredential { final_refusal: false },
                });
            }
            Output::Open => {
                let dial = Dial { address: self.plan.address, path: VISITORS, receive_bytes: None };
                self.line = timeout(PATIENCE, dial.open()).await.ok().and_then(Result::ok);
                let opened = self.line.is_some();
                self.inputs.push_back(if opened { Input::Opened } else { Input::Closed { code: BROKEN } });
            }
            Output::Transmit(frame) => self.transmit(&frame).await,
            Output::Close => {
                self.line = None;
                self.is_caught_up = false;
            }
            Output::Wake { number, after_ms } => {
                self.timer = Some((number, Instant::now() + Duration::from_millis(after_ms)));
            }
            Output::Ready(ready) => {
                self.token = ready.visitor;
                self.is_back = true;
                if self.said.is_empty() && self.plan.habit != Habit::Silent {
                    self.say();
                }
            }
            Output::LoadSnapshot(_) | Output::LoadEverything => self.resyncs += 1,
            // A screen's and a device's business.
            Output::Save { .. }
            | Output::Unsave { .. }
            | Output::LinkChanged(_)
            | Output::OutboxChanged
            | Output::SendFailed { .. }
            | Output::Sent { .. }
            | Output::TimelineChanged(_)
            | Output::Event(_)
            | Output::Typing(_)
            | Output::Presence(_)
            | Output::Availability(_)
            | Output::GaveUp { .. } => {}
        }
    }

    async fn boot(&self) -> Result<String> {
        let mut door = Door::open(self.plan.address, Arc::clone(&self.plan.key)).await?;
        door.boot(self.token.as_deref()).await
    }

    async fn transmit(&self, frame: &ClientFrame) {
        if let Some(line) = &self.line {
            // A broken line is noticed by listening to it.
            let _ = line.speaker.say(&frame.to_text()).await;
        }
    }

    /// Tells the board where this visitor stands.
    fn show(&mut self) {
        let follows = self.is_caught_up || self.plan.habit == Habit::Silent;
        let is_live = self.is_back && self.client.link() == Link::Live && follows;
        self.live_at = if is_live { Some(self.live_at.unwrap_or_else(Stamp::now)) } else { None };
        let is_settled = is_live && self.client.outbox().is_empty();
        if is_settled != self.is_settled {
            self.is_settled = is_settled;
            if is_settled {
                self.board.settled.fetch_add(1, Ordering::Relaxed);
            } else {
                self.board.settled.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn outcome(self) -> Outcome {
        let timeline = self.conversation().and_then(|conv| self.client.timeline(conv));
        let events = timeline.map(Timeline::events).unwrap_or_default();
        let (mut holes, mut before) = (0, 0);
        for event in events {
            holes += usize::from(event.prev != before);
            before = event.seq;
        }
        let times = |cmid: Cmid| {
            let is_it =
                |body: &EventBody| matches!(body, EventBody::Message(message) if message.cmid == cmid);
            events.iter().filter(|event| is_it(&event.body)).count()
        };
        let times: Vec<usize> = self.said.iter().map(|cmid| times(*cmid)).collect();
        let missing = times.iter().filter(|times| **times == 0).count();
        Outcome {
            live_at: self.live_at,
            gaps: missing + holes + self.resyncs,
            doubles: times.iter().filter(|times| **times > 1).count(),
        }
    }
}

/// The next frame; `None` when the line has ended. Without a line nothing is heard.
async fn hear(line: &mut Option<Line>) -> Option<ServerFrame> {
    let Some(line) = line else { return std::future::pending().await };
    let frame = line.listener.next().await.ok()??;
    let tree: serde_json::Value = serde_json::from_slice(frame).ok()?;
    ServerFrame::from_tree(&tree)
}

async fn due(timer: Option<(u64, Instant)>) {
    match timer {
        Some((_, at)) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
