//! Limits that hold over all nodes.

use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::auth::throttle::PerAddress;
use crate::bus::Tally;

/// Whether an address may do this once more. With Redis all nodes count together; while it is away each allows less.
pub(super) async fn admits(app: &App, limit: &PerAddress, address: IpAddr) -> bool {
    if !limit.take(address) {
        return false;
    }
    let Some((name, most)) = limit.shared(address) else { return true };
    match app.ports.bus.tally(&name, Duration::from_secs(60)).await {
        Tally::Alone => true,
        Tally::Count(count) => count <= u64::from(most),
        Tally::Unknown => limit.take_strictly(address),
    }
}
