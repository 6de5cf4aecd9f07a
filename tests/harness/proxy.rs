//! A line between two processes that can be made bad while it is used: deaf, slow, late, cut.
//!
//! TCP loses no bytes, and neither does a line: what it holds back arrives when it is good again, or never when it is cut.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const BUFFER: usize = 16 * 1024;
/// A slow line carries a piece so often.
const BEAT: Duration = Duration::from_millis(50);
const BEATS_PER_S: usize = 20;

/// Seen from whoever opened the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    There,
    Back,
    Both,
}

/// How a line behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Good,
    /// Connections stay, new ones are accepted, and nothing gets through.
    Deaf(Way),
    Slow {
        bytes_per_s: usize,
    },
    /// Whatever is said arrives so much later.
    Late(Duration),
    /// So many of a hundred new connections are reset at once.
    Refusing {
        percent: u64,
    },
}

#[derive(Debug, Clone, Copy)]
struct Condition {
    line: Line,
    /// How often connections were cut, and how many of a hundred the last time.
    cuts: u64,
    percent: u64,
    /// Connections with a lower number are deaf for good.
    stranded: u64,
}

/// Listens on a port of its own and carries everything on. Dropping it cuts every connection.
pub struct Proxy {
    pub address: SocketAddr,
    condition: watch::Sender<Condition>,
    accepted: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Nobody has to listen at the other end yet.
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let good = Condition { line: Line::Good, cuts: 0, percent: 0, stranded: 0 };
        let (condition, watched) = watch::channel(good);
        let accepted = Arc::new(AtomicU64::new(0));
        let accepting = tokio::spawn(accept(listener, to, watched, Arc::clone(&accepted)));
        Self { address, condition, accepted, accepting }
    }

    /// From now on the line behaves like this, for connections that are open too.
    pub fn set(&self, line: Line) {
        self.condition.send_modify(|condition| condition.line = line);
    }

    /// Resets so many of a hundred open connections.
    pub fn cut(&self, percent: u64) {
        self.condition.send_modify(|condition| {
            condition.cuts += 1;
            condition.percent = percent;
        });
    }

    /// Connections that are open now carry nothing any more, and nobody is told; new ones do.
    pub fn strand(&self) {
        let so_far = self.accepted.load(Ordering::Relaxed);
        self.condition.send_modify(|condition| condition.stranded = so_far);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    to: SocketAddr,
    condition: watch::Receiver<Condition>,
    accepted: Arc<AtomicU64>,
) {
    loop {
        let (client, _) = listener.accept().await.expect("connections can be accepted");
        let number = accepted.fetch_add(1, Ordering::Relaxed);
        let cuts = condition.borrow().cuts;
        tokio::spawn(connection(client, to, Link { number, cuts, condition: condition.clone() }));
    }
}

async fn connection(mut client: TcpStream, to: SocketAddr, link: Link) {
    if link.is_refused() {
        return reset(&client);
    }
    let Ok(mut server) = TcpStream::connect(to).await else { return reset(&client) };
    // The line must not add a lateness nobody asked for. A stream that is gone already shows when it is read.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let has_ended_in_order = tokio::select! {
        () = link.clone().cut() => false,
        ended = carry(&mut client, &mut server, &link) => ended.is_ok(),
    };
    if !has_ended_in_order {
        reset(&client);
        reset(&server);
    }
}

/// What is dropped after this ends with a reset instead of a goodbye.
fn reset(stream: &TcpStream) {
    // One that is gone already needs none.
    let _ = stream.set_zero_linger();
}

async fn carry(client: &mut TcpStream, server: &mut TcpStream, link: &Link) -> io::Result<()> {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::try_join!(
        pump(from_client, to_server, Way::There, link.clone()),
        pump(from_server, to_client, Way::Back, link.clone()),
    )?;
    Ok(())
}

async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, way: Way, mut link: Link) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            // A goodbye travels like everything else.
            link.passes(way, 1).await;
            return to.shutdown().await;
        }
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            let size = link.passes(way, rest.len()).await;
            to.write_all(&rest[..size]).await?;
            rest = &rest[size..];
        }
    }
}

/// The line as one connection sees it.
#[derive(Clone)]
struct Link {
    number: u64,
    /// How often connections had been cut when this one was made, or when it last looked.
    cuts: u64,
    condition: watch::Receiver<Condition>,
}

impl Link {
    /// A place among a hundred, spread evenly over connections that follow one another.
    const fn place(&self) -> u64 {
        self.number.wrapping_mul(37) % 100
    }

    fn is_refused(&self) -> bool {
        let line = self.condition.borrow().line;
        matches!(line, Line::Refusing { percent } if self.place() < percent)
    }

    /// Waits as the line demands; gives how many of these bytes may go on now.
    async fn passes(&mut self, way: Way, most: usize) -> usize {
        loop {
            let now = *self.condition.borrow_and_update();
            let line = if self.number < now.stranded { Line::Deaf(Way::Both) } else { now.line };
            match line {
                Line::Good | Line::Refusing { .. } => return most,
                Line::Late(by) => {
                    tokio::time::sleep(by).await;
                    return most;
                }
                Line::Slow { bytes_per_s } => {
                    tokio::time::sleep(BEAT).await;
                    return (bytes_per_s / BEATS_PER_S).clamp(1, most);
                }
                Line::Deaf(deaf) if deaf != Way::Both && deaf != way => return most,
                Line::Deaf(_) => {
                    if self.condition.changed().await.is_err() {
                        // The proxy is gone, and so will this be in a moment.
                        std::future::pending::<()>().await;
                    }
                }
            }
        }
    }

    /// Resolves when this connection is among those that are cut.
    async fn cut(mut self) {
        loop {
            let now = *self.condition.borrow_and_update();
            if now.cuts != self.cuts && self.place() < now.percent {
                return;
            }
            self.cuts = now.cuts;
            if self.condition.changed().await.is_err() {
                return;
            }
        }
    }
}
