//! `roost bench nodes`: two nodes on one PostgreSQL and one Redis; the sender is on one, the reader on the other.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::dialect::Dialect;
use super::entrance::{Pair, in_lanes};
use super::load::{Rooms, Tally};
use super::measured::Report;
use super::pace::Phase;
use super::process::Processes;
use super::roost::Door;
use super::server::{Server, Setup, prepare};

/// Unmeasured, so that every subscription is there.
const WARM_UP: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(super) struct NodesArguments {
    /// Sockets to open, two for each room
    #[arg(long, default_value_t = 1_000)]
    sockets: u32,
    /// Messages a second over all rooms
    #[arg(long, default_value_t = 2_000)]
    rate: u32,
    /// How long to send
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

pub(super) async fn measure(setup: &Setup, arguments: &NodesArguments) -> Result<Report> {
    let key: Arc<str> = prepare(setup).await?.into();
    let first = Server::start(setup).await?;
    let second = Server::start(&setup.another_node()?).await?;
    // Both are counted in both turns: only the way of the message differs.
    let processes = first.processes.and(&second.processes);
    let alone = turn((first.address, first.address), &key, arguments, &processes).await?;
    let across = turn((first.address, second.address), &key, arguments, &processes).await?;
    let mut report = Report::default();
    describe("on one node", &alone, &mut report);
    describe("across two", &across, &mut report);
    let more = across.cpu_per_delivery_us() - alone.cpu_per_delivery_us();
    report.add("CPU of both, more for each message across", more, "µs");
    first.stop().await?;
    second.stop().await?;
    Ok(report)
}

fn describe(way: &str, phase: &Phase, report: &mut Report) {
    let mut add = |what: &str, value, unit| report.add(format!("{way}: {what}"), value, unit);
    add("to the other's screen, median", phase.screen_ms.at(0.5), "ms");
    add("to the other's screen, 99th percentile", phase.screen_ms.at(0.99), "ms");
    add("to the ack, 99th percentile", phase.ack_ms.at(0.99), "ms");
    add("CPU of both nodes per delivery", phase.cpu_per_delivery_us(), "µs");
    add("messages that never arrived", phase.lost, "");
}

/// Loads rooms whose senders come in at the first address and whose readers at the second.
async fn turn(
    ways: (SocketAddr, SocketAddr),
    key: &Arc<str>,
    arguments: &NodesArguments,
    processes: &Processes,
) -> Result<Phase> {
    let rooms = open(ways, key, (arguments.sockets / 2).max(1)).await?;
    rooms.at_rate(arguments.rate, WARM_UP, processes).await?;
    rooms.at_rate(arguments.rate, Duration::from_secs(arguments.seconds), processes).await
}

async fn open(ways: (SocketAddr, SocketAddr), key: &Arc<str>, count: u32) -> Result<Rooms> {
    let tally = Arc::<Tally>::default();
    let rooms = in_lanes(count, |numbers| {
        let (key, tally) = (Arc::clone(key), Arc::clone(&tally));
        async move {
            let mut for_senders = Door::open(ways.0, Arc::clone(&key)).await?;
            let mut for_readers = Door::open(ways.1, key).await?;
            let mut rooms = Vec::new();
            for _ in numbers {
                let (first, sender) = for_senders.begin().await?;
                let second = for_readers.enter(Some(&first.token)).await?.line;
                let pair = Pair { sender, first: first.line, second };
                rooms.push(pair.attend(Dialect::Roost, &tally));
            }
            Result::Ok(rooms)
        }
    })
    .await?;
    Ok(Rooms::new(rooms, tally))
}
