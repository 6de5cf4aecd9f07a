//! `roost bench storm`: the server is killed under thousands of visitors and started again; all of them come back.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::driven::{Board, Habit, Outcome, Plan, Stage, Visitor};
use super::measured::{Report, Sorted};
use super::server::{Server, Setup, free_address, prepare};
use super::stamp::Stamp;

/// How far apart visitors come in before the storm.
const GATHERING: Duration = Duration::from_micros(400);

#[derive(Debug, clap::Args)]
pub(super) struct StormArguments {
    /// Visitors
    #[arg(long, default_value_t = 10_000)]
    sockets: u32,
    /// How many in a hundred have a conversation
    #[arg(long, default_value_t = 100)]
    conversing_percent: u32,
    /// How many in a hundred have one and write while the server is away
    #[arg(long, default_value_t = 10)]
    insisting_percent: u32,
    /// How long the server stays away
    #[arg(long, default_value_t = 0)]
    away_seconds: u64,
    /// After this time whoever is not back counts as lost
    #[arg(long, default_value_t = 60)]
    most_seconds: u64,
}

impl StormArguments {
    /// What the visitor with this number does, spread evenly.
    fn habit(&self, number: u32) -> Habit {
        let place = number % 100;
        if place < self.insisting_percent {
            Habit::Insisting
        } else if place < self.conversing_percent {
            Habit::Conversing
        } else {
            Habit::Silent
        }
    }
}

pub(super) async fn measure(setup: &Setup, arguments: &StormArguments) -> Result<Report> {
    let key: Arc<str> = prepare(setup).await?.into();
    let address = free_address()?;
    let server = Server::start_at(setup, address).await?;
    let (tell, stage) = watch::channel(Stage::Gathering);
    let board = Arc::<Board>::default();
    let visitors = gather(arguments, (address, &key), &board, &stage);
    if !until(&board, arguments.sockets, Duration::from_secs(180)).await {
        return Err(Error::other(format!("only {} visitors came in", board.settled())));
    }
    tell.send_replace(Stage::Bracing);
    until(&board, 0, Duration::from_secs(30)).await;
    let killed = Stamp::now();
    server.stop().await?;
    tell.send_replace(Stage::Outage);
    tokio::time::sleep(Duration::from_secs(arguments.away_seconds)).await;
    let server = Server::start_at(setup, address).await?;
    let away = killed.age();
    until(&board, arguments.sockets, Duration::from_secs(arguments.most_seconds)).await;
    tell.send_replace(Stage::Over);
    let mut outcomes = Vec::new();
    for visitor in visitors {
        outcomes.push(visitor.await.map_err(Error::other)?);
    }
    server.stop().await?;
    Ok(describe(&outcomes, killed, away))
}

/// Lets visitors come in one after the other.
fn gather(
    arguments: &StormArguments,
    (address, key): (SocketAddr, &Arc<str>),
    board: &Arc<Board>,
    stage: &watch::Receiver<Stage>,
) -> Vec<JoinHandle<Outcome>> {
    let one = |number: u32| {
        let plan = Plan {
            address,
            key: Arc::clone(key),
            seed: number.wrapping_mul(2_654_435_761),
            habit: arguments.habit(number),
        };
        let (visitor, stage) = (Visitor::new(plan, Arc::clone(board)), stage.clone());
        tokio::spawn(async move {
            tokio::time::sleep(GATHERING * number).await;
            visitor.live(stage).await
        })
    };
    (0..arguments.sockets).map(one).collect()
}

/// Waits until so many are settled; false when that takes too long.
async fn until(board: &Board, settled: u32, longest: Duration) -> bool {
    let began = Instant::now();
    while board.settled() != settled {
        if began.elapsed() > longest {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

fn describe(outcomes: &[Outcome], killed: Stamp, away: Duration) -> Report {
    let back_ms = |at: Stamp| (at.0.saturating_sub(killed.0)) as f64 / 1e6;
    let back_ms = Sorted::new(outcomes.iter().filter_map(|outcome| outcome.live_at.map(back_ms)).collect());
    let sum = |figure: fn(&Outcome) -> usize| outcomes.iter().map(figure).sum::<usize>() as f64;
    let mut report = Report::default();
    report.add("visitors", outcomes.len() as f64, "");
    report.add("server away", away.as_secs_f64() * 1e3, "ms");
    report.add("killed until live again, median", back_ms.at(0.5), "ms");
    report.add("killed until live again, 99th percentile", back_ms.at(0.99), "ms");
    report.add("killed until live again, longest", back_ms.at(1.0), "ms");
    report.add("visitors not back in time", outcomes.len() as f64 - back_ms.count(), "");
    report.add("gaps", sum(|outcome| outcome.gaps), "");
    report.add("messages there twice", sum(|outcome| outcome.doubles), "");
    report
}
