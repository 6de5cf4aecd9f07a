//! `roost bench fanout`: one speaks, thousands hear it.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::dialect::{Dialect, Sender};
use super::entrance::{Entrance, in_lanes, join_plain, join_socketio};
use super::line::Line;
use super::load::{Counts, Ear, Tally};
use super::measured::{Report, Sorted};
use super::roost::{Desk, Door};
use super::server::Setup;
use super::stamp::Stamp;
use super::target::{Target, TargetArguments};

const ROOM: &str = "hall";
/// Unmeasured messages before the others.
const WARM_UP: u32 = 3;

#[derive(Debug, clap::Args)]
pub(super) struct FanoutArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Sockets that hear everything; in Roost they are an agent's
    #[arg(long, default_value_t = 5_000)]
    receivers: u32,
    /// Messages, each sent when the one before has reached everybody
    #[arg(long, default_value_t = 40)]
    messages: u32,
}

pub(super) async fn measure(setup: &Setup, arguments: &FanoutArguments) -> Result<Report> {
    let target = Target::open(setup, &arguments.target).await?;
    let tally = Arc::<Tally>::default();
    let _ears = hearers(&target.entrance, arguments.receivers, &tally).await?;
    let (sender, _line) = speaker(&target.entrance).await?;
    // News of who came and went is over by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..WARM_UP {
        say(&sender, arguments.receivers, &tally).await?;
    }
    let (cpu_before, mut last_ms, mut deliveries) = (target.processes.cpu()?, Vec::new(), 0.0);
    for _ in 0..arguments.messages {
        let heard = say(&sender, arguments.receivers, &tally).await?;
        last_ms.push(heard.at(1.0));
        deliveries += heard.count();
    }
    let cpu = (target.processes.cpu()? - cpu_before).as_secs_f64();
    let last_ms = Sorted::new(last_ms);
    let mut report = Report::default();
    report.add("receivers", f64::from(arguments.receivers), "");
    report.add("server CPU per delivery", cpu * 1e6 / deliveries, "µs");
    report.add("until the last has it, median", last_ms.at(0.5), "ms");
    report.add("until the last has it, longest", last_ms.at(1.0), "ms");
    let meant = f64::from(arguments.receivers) * f64::from(arguments.messages);
    report.add("deliveries that never arrived", meant - deliveries, "");
    target.stop().await?;
    Ok(report)
}

/// Says one thing and waits until everybody has heard it; gives how long it took to each.
async fn say(sender: &Sender, receivers: u32, tally: &Tally) -> Result<Sorted> {
    tally.take();
    sender.send(Stamp::now()).await?;
    tally.settle(u64::from(receivers)).await;
    Ok(Sorted::new(tally.take().screen_ms))
}

/// Whoever speaks, with their own socket.
async fn speaker(entrance: &Entrance) -> Result<(Sender, Line)> {
    let address = entrance.address;
    Ok(match entrance.dialect {
        Dialect::Roost => {
            let mut door = Door::open(address, Arc::clone(&entrance.key)).await?;
            let (visitor, sender) = door.begin().await?;
            (sender, visitor.line)
        }
        Dialect::Plain => {
            let line = join_plain(address, ROOM).await?;
            (Sender::plain(line.speaker.clone()), line)
        }
        Dialect::Socketio => {
            let line = join_socketio(address, ROOM).await?;
            (Sender::socketio(line.speaker.clone()), line)
        }
    })
}

/// Where those who hear come in.
enum Seats {
    Roost(Desk),
    Plain(SocketAddr),
    Socketio(SocketAddr),
}

impl Seats {
    async fn open(entrance: &Entrance) -> Result<Self> {
        Ok(match entrance.dialect {
            Dialect::Roost => Self::Roost(Desk::open(entrance.address).await?),
            Dialect::Plain => Self::Plain(entrance.address),
            Dialect::Socketio => Self::Socketio(entrance.address),
        })
    }

    async fn enter(&mut self) -> Result<Line> {
        match self {
            Self::Roost(desk) => desk.enter().await,
            Self::Plain(address) => join_plain(*address, ROOM).await,
            Self::Socketio(address) => join_socketio(*address, ROOM).await,
        }
    }
}

/// They listen from the moment they come in: in Roost each hears who else comes.
async fn hearers(entrance: &Entrance, count: u32, tally: &Arc<Tally>) -> Result<Vec<AbortOnDropHandle<()>>> {
    in_lanes(count, |numbers| {
        let (entrance, tally) = (entrance.clone(), Arc::clone(tally));
        async move {
            let mut seats = Seats::open(&entrance).await?;
            let mut ears = Vec::new();
            for _ in numbers {
                let (line, tally) = (seats.enter().await?, Arc::clone(&tally));
                let ear =
                    Ear { dialect: entrance.dialect, line, counts: Counts::Messages, next: None, tally };
                ears.push(ear.listen());
            }
            Result::Ok(ears)
        }
    })
    .await
}
