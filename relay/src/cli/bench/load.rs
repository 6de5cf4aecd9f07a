//! Rooms under load: everybody listens in a task of their own, and one tally counts what arrives.

use std::io::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use super::dialect::{Dialect, Heard, Sender};
use super::entrance::{Entrance, Pair, in_lanes};
use super::line::Line;
use super::stamp::Stamp;

/// What arrived, and how long after it was meant to leave.
#[derive(Debug, Default)]
pub(super) struct Tally {
    delays: Mutex<Delays>,
    /// Until then whoever hears something says the next thing.
    goes_on_until: AtomicU64,
}

#[derive(Debug, Default)]
pub(super) struct Delays {
    /// Messages, to the other's screen.
    pub(super) screen_ms: Vec<f64>,
    /// Acknowledgements, to the sender.
    pub(super) ack_ms: Vec<f64>,
}

/// What a listener counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Messages,
    Acks,
}

impl Tally {
    /// What arrived since the last time, which is forgotten.
    pub(super) fn take(&self) -> Delays {
        std::mem::take(&mut *self.lock())
    }

    /// From now until then everything that arrives makes room for the next message.
    pub(super) fn go_on_until(&self, end: Stamp) {
        self.goes_on_until.store(end.0, Ordering::Relaxed);
    }

    /// Waits until so many messages have arrived, or nothing comes any more.
    pub(super) async fn settle(&self, messages: u64) {
        const QUIET: Duration = Duration::from_secs(1);
        const LONGEST: Duration = Duration::from_secs(10);
        let began = Instant::now();
        let (mut before, mut moved) = (0, began);
        while began.elapsed() < LONGEST && moved.elapsed() < QUIET {
            let (arrived, all) = self.counts();
            if arrived >= messages {
                return;
            }
            if all != before {
                (before, moved) = (all, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Messages that have arrived, and everything that has.
    fn counts(&self) -> (u64, u64) {
        let delays = self.lock();
        let messages = delays.screen_ms.len() as u64;
        (messages, messages + delays.ack_ms.len() as u64)
    }

    fn note(&self, counts: Counts, stamp: Stamp) {
        let delay_ms = stamp.age().as_secs_f64() * 1e3;
        let mut delays = self.lock();
        match counts {
            Counts::Messages => delays.screen_ms.push(delay_ms),
            Counts::Acks => delays.ack_ms.push(delay_ms),
        }
    }

    fn goes_on(&self) -> bool {
        Stamp::now().0 < self.goes_on_until.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Delays> {
        self.delays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who listens.
pub(super) struct Ear {
    pub(super) dialect: Dialect,
    pub(super) line: Line,
    pub(super) counts: Counts,
    /// Who says the next thing, while it goes on.
    pub(super) next: Option<Sender>,
    pub(super) tally: Arc<Tally>,
}

impl Ear {
    /// Listens until the line ends or the handle is dropped.
    pub(super) fn listen(self) -> AbortOnDropHandle<()> {
        // A line that breaks shows in what never arrives.
        AbortOnDropHandle::new(tokio::spawn(async move {
            let _ = self.run().await;
        }))
    }

    async fn run(mut self) -> Result<()> {
        while let Some(frame) = self.line.listener.next().await? {
            match (self.dialect.hear(frame), self.counts) {
                (Heard::Message(stamp), Counts::Messages) | (Heard::Ack(stamp), Counts::Acks) => {
                    self.tally.note(self.counts, stamp);
                    if let Some(next) = self.next.as_ref().filter(|_| self.tally.goes_on()) {
                        next.send(Stamp::now()).await?;
                    }
                }
                (Heard::Asked(answer), Counts::Messages | Counts::Acks) => {
                    self.line.speaker.say(answer).await?;
                }
                (Heard::Message(_) | Heard::Ack(_) | Heard::Nothing, Counts::Messages | Counts::Acks) => {}
            }
        }
        Ok(())
    }
}

/// Somebody who sends, and those who listen for it.
pub(super) type Room = (Sender, Vec<AbortOnDropHandle<()>>);

impl Pair {
    /// Listens at both ends: for acks at the sender's, for messages at the other's.
    pub(super) fn attend(self, dialect: Dialect, tally: &Arc<Tally>) -> Room {
        let Self { sender, first, second } = self;
        let ear = |line, counts, next| Ear { dialect, line, counts, next, tally: Arc::clone(tally) }.listen();
        let ears = vec![ear(first, Counts::Acks, None), ear(second, Counts::Messages, Some(sender.clone()))];
        (sender, ears)
    }
}

/// Rooms in which somebody may send.
pub(super) struct Rooms {
    pub(super) senders: Arc<[Sender]>,
    pub(super) tally: Arc<Tally>,
    _ears: Vec<AbortOnDropHandle<()>>,
}

impl Rooms {
    pub(super) fn new(rooms: Vec<Room>, tally: Arc<Tally>) -> Self {
        let (senders, ears): (Vec<Sender>, Vec<_>) = rooms.into_iter().unzip();
        Self { senders: senders.into(), tally, _ears: ears.into_iter().flatten().collect() }
    }

    /// Opens two-member rooms.
    pub(super) async fn open(entrance: &Entrance, count: u32) -> Result<Self> {
        let tally = Arc::<Tally>::default();
        let rooms = in_lanes(count, |numbers| {
            let (entrance, tally) = (entrance.clone(), Arc::clone(&tally));
            async move {
                let mut lane = entrance.lane().await?;
                let mut rooms = Vec::new();
                for number in numbers {
                    rooms.push(lane.pair(number).await?.attend(entrance.dialect, &tally));
                }
                Result::Ok(rooms)
            }
        })
        .await?;
        Ok(Self::new(rooms, tally))
    }
}
