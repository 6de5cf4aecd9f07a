//! `roost bench rooms`: one member of a room writes 128 bytes, the other reads them.

use std::io::Result;
use std::time::Duration;

use super::load::Rooms;
use super::measured::Report;
use super::pace::{Phase, Pressure};
use super::server::Setup;
use super::target::{Target, TargetArguments};

/// Unmeasured, so that programs which compile while they run have done so.
const WARM_UP: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(super) struct RoomsArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Sockets to open, two for each room
    #[arg(long, default_value_t = 10_000)]
    sockets: u32,
    /// Messages a second over all rooms; several numbers one after the other
    #[arg(long, value_delimiter = ',', default_values_t = [2_000_u32, 10_000])]
    rate: Vec<u32>,
    /// How long each rate is held
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long as much as possible is sent afterwards
    #[arg(long, default_value_t = 5)]
    saturated_seconds: u64,
    /// In how many rooms then
    #[arg(long, default_value_t = 256)]
    saturated_rooms: usize,
    /// How many messages each of those keeps under way
    #[arg(long, default_value_t = 8)]
    window: u32,
}

pub(super) async fn measure(setup: &Setup, arguments: &RoomsArguments) -> Result<Report> {
    let mut report = Report::default();
    let target = Target::open(setup, &arguments.target).await?;
    let count = (arguments.sockets / 2).max(1);
    let rooms = Rooms::open(&target.entrance, count).await?;
    report.add("two-member rooms", f64::from(count), "");
    if let Some(rate) = arguments.rate.first() {
        rooms.at_rate(*rate, WARM_UP, &target.processes).await?;
    }
    for rate in &arguments.rate {
        let phase = rooms.at_rate(*rate, Duration::from_secs(arguments.seconds), &target.processes).await?;
        at_rate(*rate, &phase, &mut report);
    }
    let pressure = Pressure { rooms: arguments.saturated_rooms, window: arguments.window };
    let length = Duration::from_secs(arguments.saturated_seconds);
    let phase = rooms.saturate(pressure, length, &target.processes).await?;
    report.add("saturated: deliveries", phase.screen_ms.count() / phase.took.as_secs_f64(), "/s");
    report.add("saturated: server CPU per delivery", phase.cpu_per_delivery_us(), "µs");
    target.stop().await?;
    Ok(report)
}

fn at_rate(rate: u32, phase: &Phase, report: &mut Report) {
    let mut add = |what: &str, value, unit| report.add(format!("{rate}/s: {what}"), value, unit);
    add("server CPU per delivery", phase.cpu_per_delivery_us(), "µs");
    add("to the other's screen, median", phase.screen_ms.at(0.5), "ms");
    add("to the other's screen, 99th percentile", phase.screen_ms.at(0.99), "ms");
    if phase.ack_ms.count() > 0.0 {
        add("to the ack, median", phase.ack_ms.at(0.5), "ms");
        add("to the ack, 99th percentile", phase.ack_ms.at(0.99), "ms");
    }
    add("messages that never arrived", phase.lost, "");
}
