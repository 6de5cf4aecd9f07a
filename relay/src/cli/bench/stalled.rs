//! `roost bench stalled`: readers who stop reading. The others must not notice, and the memory must not grow without end.

use std::io::Result;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::dialect::Dialect;
use super::entrance::Pair;
use super::line::Speaker;
use super::load::{Counts, Ear, Rooms, Tally};
use super::measured::Report;
use super::pace::Phase;
use super::roost::Door;
use super::server::{Setup, prepare};
use super::target::Target;

/// A stalled reader's kernel keeps as little as it can be told to, so that the server has to keep the rest. Linux doubles it.
const RECEIVE_BYTES: u32 = 2_304;

#[derive(Debug, clap::Args)]
pub(super) struct StalledArguments {
    /// Readers who stop reading, spread over the rooms
    #[arg(long, default_value_t = 1_000)]
    stalled: u32,
    /// Rooms, each with a sender and a reader who goes on reading
    #[arg(long, default_value_t = 25)]
    rooms: u32,
    /// Messages a second over all rooms
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// How long each of the three turns takes
    #[arg(long, default_value_t = 15)]
    seconds: u64,
}

/// More tabs of the senders, who read until their handle is dropped; their sockets stay open without it.
struct Others {
    reading: Vec<AbortOnDropHandle<()>>,
    _open: Vec<Speaker>,
}

pub(super) async fn measure(setup: &Setup, arguments: &StalledArguments) -> Result<Report> {
    let target = Target::roost(setup, &prepare(setup).await?).await?;
    let (rooms, tokens) = open(&target, arguments.rooms).await?;
    let length = Duration::from_secs(arguments.seconds);
    let load = || rooms.at_rate(arguments.rate, length, &target.processes);
    rooms.at_rate(arguments.rate, Duration::from_secs(2), &target.processes).await?;
    let without = load().await?;
    let mut others = enter(&target, &tokens, arguments.stalled).await?;
    let reading = load().await?;
    target.processes.forget_peak()?;
    let memory_before = target.processes.resident_bytes()?;
    others.reading.clear();
    let stalled = load().await?;
    let grown = target.processes.peak_bytes()?.saturating_sub(memory_before);
    drop(others);
    target.stop().await?;
    let mut report = Report::default();
    report.add("readers who stop reading", f64::from(arguments.stalled), "");
    describe("without them", &without, &mut report);
    describe("while they read", &reading, &mut report);
    describe("after they stopped", &stalled, &mut report);
    report.add("rise of the 99th percentile", rise(&without, &stalled), "%");
    report.add("rise against while they read", rise(&reading, &stalled), "%");
    report.add("growth of memory after they stopped", grown as f64 / 1_048_576.0, "MiB");
    Ok(report)
}

fn describe(when: &str, phase: &Phase, report: &mut Report) {
    let mut add = |what: &str, value, unit| report.add(format!("{when}: {what}"), value, unit);
    add("to a healthy screen, median", phase.screen_ms.at(0.5), "ms");
    add("to a healthy screen, 99th percentile", phase.screen_ms.at(0.99), "ms");
    add("messages that never arrived", phase.lost, "");
}

/// By how many percent the 99th percentile of delays rose.
fn rise(before: &Phase, after: &Phase) -> f64 {
    (after.screen_ms.at(0.99) / before.screen_ms.at(0.99) - 1.0) * 100.0
}

/// Opens rooms; gives who the senders are too.
async fn open(target: &Target, count: u32) -> Result<(Rooms, Vec<String>)> {
    let tally = Arc::<Tally>::default();
    let mut door = Door::open(target.entrance.address, Arc::clone(&target.entrance.key)).await?;
    let (mut rooms, mut tokens) = (Vec::new(), Vec::new());
    for _ in 0..count.max(1) {
        let (first, sender) = door.begin().await?;
        let second = door.enter(Some(&first.token)).await?.line;
        tokens.push(first.token);
        rooms.push(Pair { sender, first: first.line, second }.attend(Dialect::Roost, &tally));
    }
    Ok((Rooms::new(rooms, tally), tokens))
}

/// Opens more tabs of the senders, one sender after the other.
async fn enter(target: &Target, tokens: &[String], count: u32) -> Result<Others> {
    let mut door = Door::open(target.entrance.address, Arc::clone(&target.entrance.key)).await?;
    door.receive_bytes = Some(RECEIVE_BYTES);
    // What they hear is not what is measured.
    let tally = Arc::<Tally>::default();
    let (mut reading, mut open) = (Vec::new(), Vec::new());
    for token in tokens.iter().cycle().take(count as usize) {
        let line = door.enter(Some(token)).await?.line;
        open.push(line.speaker.clone());
        let (dialect, counts, tally) = (Dialect::Roost, Counts::Messages, Arc::clone(&tally));
        reading.push(Ear { dialect, line, counts, next: None, tally }.listen());
    }
    Ok(Others { reading, _open: open })
}
