//! Two ways to load rooms: at a rate, whatever becomes of it, or as fast as it goes.

use std::io::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dialect::Sender;
use super::load::{Delays, Rooms};
use super::measured::Sorted;
use super::process::Processes;
use super::stamp::Stamp;

/// What came of a phase of load.
pub(super) struct Phase {
    pub(super) screen_ms: Sorted,
    pub(super) ack_ms: Sorted,
    /// The server's.
    pub(super) cpu: Duration,
    pub(super) took: Duration,
    /// Messages that were to be sent and did not arrive.
    pub(super) lost: f64,
}

impl Phase {
    fn new(delays: Delays, cpu: Duration, took: Duration, meant: u64) -> Self {
        let (screen_ms, ack_ms) = (Sorted::new(delays.screen_ms), Sorted::new(delays.ack_ms));
        let lost = (meant as f64 - screen_ms.count()).max(0.0);
        Self { screen_ms, ack_ms, cpu, took, lost }
    }

    /// CPU of the server for each message on the other's screen, in microseconds.
    pub(super) fn cpu_per_delivery_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.screen_ms.count()
    }
}

/// As fast as it goes: in how many rooms, and how many messages each keeps under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pressure {
    pub(super) rooms: usize,
    pub(super) window: u32,
}

impl Rooms {
    /// Messages leave one room after the other at a steady rate a second, late or not: delays count from when each was meant to.
    pub(super) async fn at_rate(&self, rate: u32, length: Duration, processes: &Processes) -> Result<Phase> {
        self.tally.take();
        let (cpu_before, began) = (processes.cpu()?, Instant::now());
        let senders = Arc::clone(&self.senders);
        // A thread of its own: the runtime's clock goes by milliseconds.
        let pacing = tokio::task::spawn_blocking(move || pace(&senders, rate, length));
        let meant = pacing.await.map_err(Error::other)?;
        self.tally.settle(meant).await;
        Ok(Phase::new(self.tally.take(), processes.cpu()? - cpu_before, began.elapsed(), meant))
    }

    /// Whatever arrives makes room for the next message.
    pub(super) async fn saturate(
        &self,
        pressure: Pressure,
        length: Duration,
        processes: &Processes,
    ) -> Result<Phase> {
        self.tally.take();
        let (cpu_before, began) = (processes.cpu()?, Instant::now());
        self.tally.go_on_until(Stamp::now().after(length));
        for sender in self.senders.iter().take(pressure.rooms) {
            for _ in 0..pressure.window {
                sender.send(Stamp::now()).await?;
            }
        }
        tokio::time::sleep(length.saturating_sub(began.elapsed())).await;
        let phase = Phase::new(self.tally.take(), processes.cpu()? - cpu_before, began.elapsed(), 0);
        // What is still under way must not be counted in what comes next.
        self.tally.settle(u64::MAX).await;
        Ok(phase)
    }
}

/// Sends on time, as well as a thread can be on time; gives how many messages there were to send.
fn pace(senders: &[Sender], rate: u32, length: Duration) -> u64 {
    let begin = Stamp::now();
    let count = (f64::from(rate) * length.as_secs_f64()) as u64;
    for (number, sender) in (0..count).zip(senders.iter().cycle()) {
        let due = begin.after(Duration::from_secs(1).mul_f64(number as f64 / f64::from(rate)));
        let wait = due.wait();
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        // What could not be sent counts as lost.
        let _ = sender.send_now(due);
    }
    count
}
