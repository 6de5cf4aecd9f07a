//! How the load gets in, whatever the server speaks.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::dialect::{Dialect, Sender};
use super::line::{Dial, Line};
use super::roost::Door;

/// So many come in side by side.
const LANES: u32 = 32;
/// Everybody must be in after this time.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where the load gets in. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    pub(super) dialect: Dialect,
    pub(super) address: SocketAddr,
    /// Roost's widget key; nothing elsewhere.
    pub(super) key: Arc<str>,
}

impl Entrance {
    /// One of several ways in that are used side by side.
    pub(super) async fn lane(&self) -> Result<Lane> {
        Ok(match self.dialect {
            Dialect::Roost => Lane::Roost(Door::open(self.address, Arc::clone(&self.key)).await?),
            Dialect::Plain => Lane::Plain(self.address),
            Dialect::Socketio => Lane::Socketio(self.address),
        })
    }

    /// Opens sockets that do nothing, each in a room of its own.
    pub(super) async fn idlers(&self, count: u32) -> Result<Vec<Line>> {
        in_lanes(count, |numbers| {
            let entrance = self.clone();
            async move {
                let mut lane = entrance.lane().await?;
                let mut lines = Vec::new();
                for number in numbers {
                    lines.push(lane.idle(number).await?);
                }
                Result::Ok(lines)
            }
        })
        .await
    }
}

/// One after the other comes in here.
pub(super) enum Lane {
    Roost(Door),
    Plain(SocketAddr),
    Socketio(SocketAddr),
}

/// The two members of a room.
pub(super) struct Pair {
    pub(super) sender: Sender,
    /// The sender's own socket.
    pub(super) first: Line,
    /// The other's.
    pub(super) second: Line,
}

impl Lane {
    async fn idle(&mut self, number: u32) -> Result<Line> {
        match self {
            Self::Roost(door) => door.enter(None).await.map(|visitor| visitor.line),
            Self::Plain(address) => join_plain(*address, &format!("idle{number}")).await,
            Self::Socketio(address) => join_socketio(*address, &format!("idle{number}")).await,
        }
    }

    /// Opens a two-member room. In Roost that is a visitor with two tabs.
    pub(super) async fn pair(&mut self, number: u32) -> Result<Pair> {
        let room = format!("room{number}");
        match self {
            Self::Roost(door) => {
                let (first, sender) = door.begin().await?;
                let second = door.enter(Some(&first.token)).await?.line;
                Ok(Pair { sender, first: first.line, second })
            }
            Self::Plain(address) => {
                let second = join_plain(*address, &room).await?;
                let first = join_plain(*address, &room).await?;
                Ok(Pair { sender: Sender::plain(first.speaker.clone()), first, second })
            }
            Self::Socketio(address) => {
                let second = join_socketio(*address, &room).await?;
                let first = join_socketio(*address, &room).await?;
                Ok(Pair { sender: Sender::socketio(first.speaker.clone()), first, second })
            }
        }
    }
}

/// Joins a room that is named by the address.
pub(super) async fn join_plain(address: SocketAddr, room: &str) -> Result<Line> {
    Dial { address, path: &format!("/room/{room}"), receive_bytes: None }.open().await
}

/// Joins a room of a Socket.IO server that takes it from the query: the transport's greeting, then the main namespace.
pub(super) async fn join_socketio(address: SocketAddr, room: &str) -> Result<Line> {
    let path = format!("/socket.io/?EIO=4&transport=websocket&room={room}");
    let mut line = Dial { address, path: &path, receive_bytes: None }.open().await?;
    line.listener.until(b"0{").await?;
    line.speaker.say("40").await?;
    line.listener.until(b"40").await?;
    Ok(line)
}

/// Shares numbers out to tasks that work side by side; gives what all of them made.
pub(super) async fn in_lanes<T, Work>(count: u32, work: impl Fn(Range<u32>) -> Work) -> Result<Vec<T>>
where
    T: Send + 'static,
    Work: Future<Output = Result<Vec<T>>> + Send + 'static,
{
    let lanes = LANES.min(count.max(1));
    let first_of = |lane: u32| count * lane / lanes;
    let tasks: Vec<_> = (0..lanes)
        .map(|lane| work(first_of(lane)..first_of(lane + 1)))
        .map(|work| tokio::spawn(tokio::time::timeout(PATIENCE, work)))
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.extend(task.await.map_err(Error::other)???);
    }
    Ok(made)
}
