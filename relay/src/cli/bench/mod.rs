//! `roost bench`: the figures behind the README, measured on this machine with the real program.
//!
//! The server runs as a process of its own, pinned to one core where `taskset` exists; the load comes from this process. Some
//! scenarios load other servers too, with the same generator.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

mod basics;
mod dialect;
mod driven;
mod entrance;
mod fanout;
mod http;
mod idle;
mod large;
mod line;
mod load;
mod measured;
mod nodes;
mod pace;
mod process;
mod rooms;
mod roost;
mod seeding;
mod server;
mod stalled;
mod stamp;
mod storm;
mod target;
mod words;
mod year;

use std::process::ExitCode;

use self::measured::Report;
use self::server::Setup;
use super::{CliError, eprintln_line, say};
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct BenchArguments {
    #[command(subcommand)]
    scenario: Option<Scenario>,
    #[command(flatten)]
    basics: basics::BasicsArguments,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Scenario {
    /// Two-member rooms at given rates, then saturated: delays and CPU per delivery
    Rooms(rooms::RoomsArguments),
    /// One message to thousands: CPU per delivery, time until the last has it
    Fanout(fanout::FanoutArguments),
    /// Idle sockets: memory of each, CPU of a connect
    Idle(idle::IdleArguments),
    /// Roost is killed and started again: time until everybody is back, and what is missing then
    Storm(storm::StormArguments),
    /// Readers who stop reading: what the others and the memory notice of them
    Stalled(stalled::StalledArguments),
    /// Two nodes on PostgreSQL and Redis: what it costs to cross from one to the other
    Nodes(nodes::NodesArguments),
    /// A store with a year's conversations: start, inbox, counts, search
    Large(large::LargeArguments),
}

pub(super) async fn run(config: Config, arguments: BenchArguments) -> Result<ExitCode, CliError> {
    if let Some(Scenario::Nodes(_)) = &arguments.scenario
        && (config.postgres_url().is_none() || config.redis_url.is_none())
    {
        eprintln_line("nodes: skipped, because it needs --database-url (PostgreSQL, empty) and --redis-url");
        return Ok(ExitCode::SUCCESS);
    }
    let folder = std::env::temp_dir().join(format!("roost-bench-{}", std::process::id()));
    let setup = Setup {
        folder: folder.clone(),
        database_url: config.postgres_url().map(str::to_owned),
        redis_url: config.redis_url.as_deref().cloned(),
    };
    let result = Box::pin(measure(&setup, &arguments)).await;
    // What cannot be removed is in the system's temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    let report = result.map_err(CliError::internal)?;
    say(&if arguments.json { report.json() } else { report.table() });
    Ok(ExitCode::SUCCESS)
}

async fn measure(setup: &Setup, arguments: &BenchArguments) -> std::io::Result<Report> {
    match &arguments.scenario {
        None => basics::measure(setup, &arguments.basics).await,
        Some(Scenario::Rooms(arguments)) => rooms::measure(setup, arguments).await,
        Some(Scenario::Fanout(arguments)) => fanout::measure(setup, arguments).await,
        Some(Scenario::Idle(arguments)) => idle::measure(setup, arguments).await,
        Some(Scenario::Storm(arguments)) => storm::measure(setup, arguments).await,
        Some(Scenario::Stalled(arguments)) => stalled::measure(setup, arguments).await,
        Some(Scenario::Nodes(arguments)) => nodes::measure(setup, arguments).await,
        Some(Scenario::Large(arguments)) => large::measure(setup, arguments).await,
    }
}
