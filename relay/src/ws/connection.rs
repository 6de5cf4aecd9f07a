//! What both sockets share: reading a frame, writing the queue, pacing.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, SinkExt, StreamExt};
use protocol::frame::{Ack, ClientFrame, Hello, Live, Nack, Resync, ResyncReason, ServerFrame, VERSION};
use protocol::ids::{Cmid, ConversationId};

use crate::actions::Ports;
use crate::actions::post::{PostError, commit};
use crate::auth::throttle::Bucket;
use crate::hub::{Hub, Outgoing, Resume, ResumeStep, Session, encode};
use crate::store::{Append, Lane, StoreError};

const HELLO: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_secs(10);
/// Messages of one socket between the queue and the disk at most; beyond it we stop reading.
const MOST_PENDING: usize = 64;

/// The socket is over: say why, if there is still somebody to say it to.
#[derive(Debug)]
pub(super) enum End {
    /// The line is dead.
    Gone,
    /// The other side said good-bye.
    Left,
    Close(u16, &'static str),
}

/// What happened on the socket.
pub(super) enum Incoming {
    Frame(ClientFrame),
    /// Something that keeps the connection alive and says nothing.
    Nothing,
}

/// One socket with its session. What is written goes out with the next wait for a frame, in as few packets as it fits.
pub(super) struct Connection {
    socket: WebSocket,
    has_unsent: bool,
    bucket: Option<Box<Bucket>>,
    pending: Option<Box<Pending>>,
    lane: Option<Lane>,
}

type Pending = FuturesOrdered<BoxFuture<'static, (Cmid, Result<Ack, PostError>)>>;

impl Connection {
    /// `frames_per_10s`: 0 = no limit.
    pub(super) fn new(socket: WebSocket, frames_per_10s: u32) -> Self {
        let bucket = (frames_per_10s > 0).then(|| {
            Box::new(Bucket::new(frames_per_10s, Duration::from_secs(10), frames_per_10s.saturating_mul(2)))
        });
        Self { socket, has_unsent: false, bucket, pending: None, lane: None }
    }

    /// The first frame must be a hello of our version, soon.
    pub(super) async fn hello(&mut self) -> Result<Hello, End> {
        let first = tokio::time::timeout(HELLO, async {
            loop {
                match read(self.socket.recv().await)? {
                    Incoming::Nothing => {}
                    Incoming::Frame(frame) => return Ok(frame),
                }
            }
        });
        match first.await {
            Err(_) => Err(End::Close(protocol::close::NOT_AUTHENTICATED, "no hello in time")),
            Ok(Ok(ClientFrame::Hello(hello))) if hello.v == VERSION => Ok(hello),
            Ok(Ok(ClientFrame::Hello(_))) => {
                Err(End::Close(protocol::close::PROTOCOL, "this version of the protocol is not spoken here"))
            }
            Ok(Ok(_)) => Err(End::Close(protocol::close::PROTOCOL, "the first frame must be hello")),
            Ok(Err(end)) => Err(end),
        }
    }

    /// Waits for the next frame, writing what the hub queues and what commits confirm meanwhile.
    pub(super) async fn next(&mut self, session: &Session) -> Result<ClientFrame, End> {
        let pause = match self.bucket.as_mut().map(|bucket| bucket.take()) {
            // Too fast: stop reading until a turn is free, so that the sender feels it and nothing is lost.
            Some(Err(wait)) => Some(wait),
            _ => None,
        };
        if let Some(wait) = pause {
            Box::pin(self.wait(session, wait)).await?;
        }
        loop {
            self.catch_up(session).await?;
            let is_full = self.pending.as_ref().is_some_and(|p| p.len() >= MOST_PENDING);
            tokio::select! {
                biased;
                () = session.has_more() => {}
                (cmid, result) = confirmed(&mut self.pending) => self.write(verdict(cmid, result)?).await?,
                message = self.socket.recv(), if !is_full => {
                    session.heard();
                    if let Incoming::Frame(frame) = read(message)? {
                        return Ok(frame);
                    }
                }
            }
        }
    }

    async fn wait(&mut self, session: &Session, wait: Duration) -> Result<(), End> {
        let until = tokio::time::Instant::now() + wait;
        loop {
            self.catch_up(session).await?;
            tokio::select! {
                () = tokio::time::sleep_until(until) => {
                    // The turn that was waited for.
                    if let Some(bucket) = &mut self.bucket {
                        let _ = bucket.take();
                    }
                    return Ok(());
                }
                () = session.has_more() => {}
                (cmid, result) = confirmed(&mut self.pending) => self.write(verdict(cmid, result)?).await?,
            }
        }
    }

    /// Hands a message to the store without waiting for it; the answer is written when it is safe.
    pub(super) fn post(&mut self, ports: &Ports, mut append: Append) {
        append.lane.clone_from(self.lane.get_or_insert_with(Lane::new));
        let (ports, cmid) = (ports.clone(), append.cmid);
        let pending = self.pending.get_or_insert_default();
        // The first poll takes the message's place in the store's queue, and first polls come in the order of pushing. With
        // tokio's budget spent a poll would do nothing, and the next message could overtake.
        let storing = tokio::task::unconstrained(async move { (cmid, commit(&ports, append).await) });
        pending.push_back(Box::pin(storing));
    }

    pub(super) async fn refuse(&mut self, cmid: Cmid, error: &PostError) -> Result<(), End> {
        self.write(refusal(cmid, error)).await
    }

    pub(super) async fn write(&mut self, frame: Bytes) -> Result<(), End> {
        let Ok(text) = Utf8Bytes::try_from(frame) else { unreachable!("frames are JSON text") };
        self.feed(Message::Text(text)).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), End> {
        self.has_unsent = true;
        in_time(self.socket.feed(message)).await
    }

    /// Writes everything that is at hand and sends it.
    async fn catch_up(&mut self, session: &Session) -> Result<(), End> {
        self.drain(session).await?;
        while let Some(Some((cmid, result))) = next_pending(&mut self.pending).now_or_never() {
            self.write(verdict(cmid, result)?).await?;
        }
        if std::mem::take(&mut self.has_unsent) {
            in_time(self.socket.flush()).await?;
        }
        Ok(())
    }

    /// Writes everything queued. A close waits until what was taken in is confirmed.
    async fn drain(&mut self, session: &Session) -> Result<(), End> {
        while let Some(item) = session.next() {
            match item {
                Outgoing::Text(frame) => self.write(frame).await?,
                Outgoing::Ping => self.feed(Message::Ping(Bytes::new())).await?,
                Outgoing::Close(code, reason) => {
                    Box::pin(self.settle()).await?;
                    return Err(End::Close(code, reason));
                }
            }
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), End> {
        while let Some((cmid, result)) = next_pending(&mut self.pending).await {
            self.write(verdict(cmid, result)?).await?;
        }
        Ok(())
    }

    /// Replays to the end; true when the topic is live.
    pub(super) async fn replay(
        &mut self,
        hub: &Hub,
        session: &Arc<Session>,
        mut resume: Resume,
    ) -> Result<ResumeStep, End> {
        loop {
            match resume.step(hub, session).await {
                Ok(ResumeStep::Frames(frames)) => {
                    for frame in frames {
                        self.write(frame).await?;
                    }
                }
                Ok(end) => return Ok(end),
                Err(error) => return Err(unavailable(error)),
            }
        }
    }

    /// Answers a wish to follow a conversation: the replay and where it is live from, or why it cannot be resumed.
    pub(super) async fn answer_sub(
        &mut self,
        hub: &Hub,
        session: &Arc<Session>,
        conv: ConversationId,
        resume: Result<Resume, ResyncReason>,
    ) -> Result<(), End> {
        let end = match resume {
            Ok(resume) => self.replay(hub, session, resume).await?,
            Err(reason) => ResumeStep::Resync(reason),
        };
        let frame = match end {
            ResumeStep::Resync(reason) => ServerFrame::Resync(Resync { conv: Some(conv), reason }),
            ResumeStep::Live(seq) => ServerFrame::Live(Live { conv, seq }),
            ResumeStep::Frames(_) => unreachable!("a replay ends live or refused"),
        };
        self.write(encode(&frame)).await
    }

    pub(super) async fn end(&mut self, end: End) {
        // Whatever is written here, the other side may be gone already.
        match end {
            End::Gone => {}
            // The answer to a close waits to be written.
            End::Left => drop(in_time(self.socket.flush()).await),
            End::Close(code, reason) => {
                let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
                let _ = in_time(self.socket.send(close)).await;
                // Let the close arrive before the line is cut.
                let _ = tokio::time::timeout(Duration::from_secs(1), async {
                    while let Some(Ok(_)) = self.socket.recv().await {}
                })
                .await;
            }
        }
    }
}

/// What a sender is told of a message.
pub(super) fn verdict(cmid: Cmid, result: Result<Ack, PostError>) -> Result<Bytes, End> {
    match result {
        Ok(ack) => Ok(encode(&ServerFrame::Ack(ack))),
        // What the store could not do may work in a moment: the client keeps the message and sends it again.
        Err(PostError::Store(error)) if !matches!(error, StoreError::Full) => Err(unavailable(error)),
        Err(error) => Ok(refusal(cmid, &error)),
    }
}

fn refusal(cmid: Cmid, error: &PostError) -> Bytes {
    encode(&ServerFrame::Nack(Nack { cmid, code: error.code().to_owned(), detail: error.to_string() }))
}

/// A mark that finds no room is made up for by the next: marks say how far, not that there was one.
pub(super) fn unless_full(marked: Result<(), StoreError>) -> Result<(), End> {
    match marked {
        Ok(()) | Err(StoreError::Full) => Ok(()),
        Err(error) => Err(unavailable(error)),
    }
}

pub(super) fn unavailable(error: StoreError) -> End {
    tracing::warn!(%error, "the store did not answer; the client will come back");
    End::Close(protocol::close::RESTART, "the store did not answer; try again")
}

/// A reader that takes nothing for so long is gone. Mostly nothing has to be waited for, so the clock is made only then.
async fn in_time(writing: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    let mut writing = std::pin::pin!(writing);
    let at_once = std::future::poll_fn(|context| match writing.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    });
    let written = match at_once.await {
        Some(result) => result,
        None => match Box::pin(tokio::time::timeout(WRITE, writing)).await {
            Ok(result) => result,
            Err(_) => return Err(End::Gone),
        },
    };
    written.map_err(|_| End::Gone)
}

async fn confirmed(pending: &mut Option<Box<Pending>>) -> (Cmid, Result<Ack, PostError>) {
    match next_pending(pending).await {
        Some(confirmed) => confirmed,
        None => std::future::pending().await,
    }
}

async fn next_pending(pending: &mut Option<Box<Pending>>) -> Option<(Cmid, Result<Ack, PostError>)> {
    let next = pending.as_mut()?.next().await;
    if next.is_none() {
        *pending = None;
    }
    next
}

fn read(message: Option<Result<Message, axum::Error>>) -> Result<Incoming, End> {
    match message {
        None => Err(End::Gone),
        Some(Err(error)) => Err(explain(&error)),
        Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
            Ok(frame) => Ok(Incoming::Frame(frame)),
            Err(error) => {
                tracing::debug!(%error, "a frame was not understood");
                Err(End::Close(protocol::close::PROTOCOL, "the frame was not understood"))
            }
        },
        Some(Ok(Message::Binary(_))) => Err(End::Close(protocol::close::PROTOCOL, "frames are text")),
        Some(Ok(Message::Close(_))) => Err(End::Left),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::Nothing),
    }
}

/// A frame over the limit is told apart from a broken line.
fn explain(error: &axum::Error) -> End {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = source {
        if let Some(tokio_tungstenite::tungstenite::Error::Capacity(_)) = current.downcast_ref() {
            return End::Close(protocol::close::TOO_BIG, "the frame is too big");
        }
        source = current.source();
    }
    End::Gone
}
