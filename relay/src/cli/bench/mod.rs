//! `roost bench`: the figures behind the README, measured on this machine with the real program.
//!
//! The server runs as a process of its own, pinned to one core where `taskset` exists; the load comes from this process.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

mod load;
mod measured;
mod server;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use self::load::Crowd;
use self::measured::{Report, median};
use self::server::Server;
use super::{CliError, say};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct BenchArguments {
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
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: BenchArguments) -> Result<ExitCode, CliError> {
    let folder = std::env::temp_dir().join(format!("roost-bench-{}", std::process::id()));
    let setup =
        server::Setup { folder: folder.clone(), database_url: config.postgres_url().map(str::to_owned) };
    let result = measure(&setup, &arguments).await;
    // What cannot be removed is in the system's temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    let report = result.map_err(CliError::internal)?;
    say(&if arguments.json { report.json() } else { report.table() });
    Ok(ExitCode::SUCCESS)
}

async fn measure(setup: &server::Setup, arguments: &BenchArguments) -> std::io::Result<Report> {
    let mut report = Report::default();
    let key = server::prepare(setup).await?;
    report.add("binary size", std::fs::metadata(std::env::current_exe()?)?.len() as f64 / 1_048_576.0, "MiB");
    start_up(setup, arguments.starts, &mut report).await?;
    let server = Server::start(setup).await?;
    idle(&server, &key, arguments.sockets, &mut report).await?;
    server.stop().await?;
    let server = Server::start(setup).await?;
    messages(&server, &key, arguments, &mut report).await?;
    server.stop().await?;
    Ok(report)
}

async fn start_up(setup: &server::Setup, starts: u32, report: &mut Report) -> std::io::Result<()> {
    let (mut ready, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..starts.max(1) {
        let server = Server::start(setup).await?;
        ready.push(server.ready_in.as_secs_f64() * 1e3);
        memory.push(server.resident_bytes()? as f64 / 1_048_576.0);
        server.stop().await?;
    }
    report.add("start to ready", median(&mut ready), "ms");
    report.add("memory at start", median(&mut memory), "MiB");
    Ok(())
}

async fn idle(server: &Server, key: &str, sockets: u32, report: &mut Report) -> std::io::Result<()> {
    let warm_up = Crowd::connect(server.address, key, 64).await?;
    let (memory_before, cpu_before, began) = (server.resident_bytes()?, server.cpu()?, Instant::now());
    let crowd = Crowd::connect(server.address, key, sockets).await?;
    let took = began.elapsed().as_secs_f64();
    let cpu = (server.cpu()? - cpu_before).as_secs_f64();
    // Let what only the connecting needed be freed.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = server.resident_bytes()?.saturating_sub(memory_before);
    let count = f64::from(sockets);
    report.add("idle visitor sockets", count, "");
    report.add("memory per idle socket", grown as f64 / 1024.0 / count, "KiB");
    report.add("connect with boot and key check", cpu * 1e6 / count, "µs of server CPU");
    report.add("connects", count / took, "/s");
    drop(crowd);
    drop(warm_up);
    Ok(())
}

async fn messages(
    server: &Server,
    key: &str,
    arguments: &BenchArguments,
    report: &mut Report,
) -> std::io::Result<()> {
    let crowd = Crowd::connect(server.address, key, arguments.senders).await?;
    let cpu_before = server.cpu()?;
    let sent = crowd.chatter(arguments.window, Duration::from_secs(arguments.seconds)).await;
    let cpu = (server.cpu()? - cpu_before).as_secs_f64();
    let mut waits: Vec<f64> = sent.waits_ms;
    let count = waits.len() as f64;
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits.get(((count - 1.0) * share) as usize).copied().unwrap_or(f64::NAN);
    report.add("durable messages acknowledged", count / sent.took.as_secs_f64(), "/s");
    report.add("server CPU per message", cpu * 1e6 / count, "µs");
    report.add("durable messages per core-second", count / cpu, "/s");
    report.add("send to ack, median", at(0.5), "ms");
    report.add("send to ack, 99th percentile", at(0.99), "ms");
    Ok(())
}
