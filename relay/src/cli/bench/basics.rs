//! `roost bench` without a scenario: binary, start, idle sockets, durable messages.

use std::io::Result;
use std::sync::Arc;
use std::time::Duration;

use super::dialect::Dialect;
use super::entrance::{Entrance, in_lanes};
use super::idle::hold;
use super::load::{Counts, Ear, Rooms, Tally};
use super::measured::{Report, Sorted};
use super::pace::Pressure;
use super::roost::Door;
use super::server::{Server, Setup, prepare};
use super::target::Target;

#[derive(Debug, clap::Args)]
pub(super) struct BasicsArguments {
    /// Idle visitor sockets to hold open
    #[arg(long, default_value_t = 10_000)]
    sockets: u32,
    /// Visitors who send at the same time
    #[arg(long, default_value_t = 256)]
    senders: u32,
    /// Messages each sender keeps under way
    #[arg(long, default_value_t = 8)]
    window: u32,
    /// How long to send
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Starts to time
    #[arg(long, default_value_t = 5)]
    starts: u32,
}

pub(super) async fn measure(setup: &Setup, arguments: &BasicsArguments) -> Result<Report> {
    let mut report = Report::default();
    let key = prepare(setup).await?;
    report.add("binary size", std::fs::metadata(std::env::current_exe()?)?.len() as f64 / 1_048_576.0, "MiB");
    start_up(setup, arguments.starts, &mut report).await?;
    let target = Target::roost(setup, &key).await?;
    idle(&target, arguments.sockets, &mut report).await?;
    let target = target.afresh().await?;
    messages(&target, arguments, &mut report).await?;
    target.stop().await?;
    Ok(report)
}

async fn start_up(setup: &Setup, starts: u32, report: &mut Report) -> Result<()> {
    let (mut ready, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..starts.max(1) {
        let server = Server::start(setup).await?;
        ready.push(server.ready_in.as_secs_f64() * 1e3);
        memory.push(server.processes.resident_bytes()? as f64 / 1_048_576.0);
        server.stop().await?;
    }
    report.add("start to ready", Sorted::new(ready).at(0.5), "ms");
    report.add("memory at start", Sorted::new(memory).at(0.5), "MiB");
    Ok(())
}

async fn idle(target: &Target, sockets: u32, report: &mut Report) -> Result<()> {
    let idle = hold(target, sockets).await?;
    report.add("idle visitor sockets", f64::from(sockets), "");
    report.add("memory per idle socket", idle.memory_kib, "KiB");
    report.add("connect with boot and key check", idle.connect_us, "µs of server CPU");
    report.add("connects", idle.connects_per_s, "/s");
    Ok(())
}

async fn messages(target: &Target, arguments: &BasicsArguments, report: &mut Report) -> Result<()> {
    let rooms = monologues(&target.entrance, arguments.senders).await?;
    let pressure = Pressure { rooms: usize::MAX, window: arguments.window };
    let phase = rooms.saturate(pressure, Duration::from_secs(arguments.seconds), &target.processes).await?;
    let (count, cpu) = (phase.ack_ms.count(), phase.cpu.as_secs_f64());
    report.add("durable messages acknowledged", count / phase.took.as_secs_f64(), "/s");
    report.add("server CPU per message", cpu * 1e6 / count, "µs");
    report.add("durable messages per core-second", count / cpu, "/s");
    report.add("send to ack, median", phase.ack_ms.at(0.5), "ms");
    report.add("send to ack, 99th percentile", phase.ack_ms.at(0.99), "ms");
    Ok(())
}

/// Visitors with one tab each, who go on as soon as what they said is safe.
async fn monologues(entrance: &Entrance, count: u32) -> Result<Rooms> {
    let tally = Arc::<Tally>::default();
    let rooms = in_lanes(count, |numbers| {
        let (entrance, tally) = (entrance.clone(), Arc::clone(&tally));
        async move {
            let mut door = Door::open(entrance.address, entrance.key).await?;
            let mut rooms = Vec::new();
            for _ in numbers {
                let (visitor, sender) = door.begin().await?;
                let ear = Ear {
                    dialect: Dialect::Roost,
                    line: visitor.line,
                    counts: Counts::Acks,
                    next: Some(sender.clone()),
                    tally: Arc::clone(&tally),
                };
                rooms.push((sender, vec![ear.listen()]));
            }
            Result::Ok(rooms)
        }
    })
    .await?;
    Ok(Rooms::new(rooms, tally))
}
