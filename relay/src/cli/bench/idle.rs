//! `roost bench idle`: what a socket costs that does nothing, and what it costs to come in.

use std::io::Result;
use std::time::{Duration, Instant};

use super::measured::Report;
use super::server::Setup;
use super::target::{Target, TargetArguments};

#[derive(Debug, clap::Args)]
pub(super) struct IdleArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Sockets to hold open; several numbers one after the other, each with a fresh server
    #[arg(long, value_delimiter = ',', default_values_t = [10_000_u32])]
    sockets: Vec<u32>,
}

/// What sockets cost the server.
pub(super) struct Idle {
    /// Of resident memory, each.
    pub(super) memory_kib: f64,
    /// Of CPU, each, to come in.
    pub(super) connect_us: f64,
    pub(super) connects_per_s: f64,
}

pub(super) async fn measure(setup: &Setup, arguments: &IdleArguments) -> Result<Report> {
    let mut report = Report::default();
    let mut target = Target::open(setup, &arguments.target).await?;
    for (turn, sockets) in arguments.sockets.iter().enumerate() {
        if turn > 0 {
            target = target.afresh().await?;
        }
        let idle = hold(&target, *sockets).await?;
        report.add(format!("{sockets} sockets: memory each"), idle.memory_kib, "KiB");
        report.add(format!("{sockets} sockets: a connect"), idle.connect_us, "µs of server CPU");
        report.add(format!("{sockets} sockets: connects"), idle.connects_per_s, "/s");
    }
    target.stop().await?;
    Ok(report)
}

/// Opens sockets and looks at the server while they do nothing.
pub(super) async fn hold(target: &Target, sockets: u32) -> Result<Idle> {
    let warm_up = target.entrance.idlers(64).await?;
    let processes = &target.processes;
    let (memory_before, cpu_before, began) = (processes.resident_bytes()?, processes.cpu()?, Instant::now());
    let crowd = target.entrance.idlers(sockets).await?;
    let took = began.elapsed().as_secs_f64();
    let cpu = (processes.cpu()? - cpu_before).as_secs_f64();
    // Let what only the connecting needed be freed.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = processes.resident_bytes()?.saturating_sub(memory_before);
    let count = f64::from(sockets);
    drop(crowd);
    drop(warm_up);
    Ok(Idle {
        memory_kib: grown as f64 / 1024.0 / count,
        connect_us: cpu * 1e6 / count,
        connects_per_s: count / took,
    })
}
