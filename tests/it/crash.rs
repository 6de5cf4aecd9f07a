//! Killed at any moment, the relay has lost nothing it acknowledged and doubled nothing it was sent twice.

use std::time::Duration;

use tests::crowd::Crowd;
use tests::database::Database;
use tests::driven::Driven;
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::personas::{Staff, Visitor};
use tests::random::Random;
use tests::relay::open_config;

const VISITORS: usize = 6;
/// How long the relay runs before it is killed, at most.
const LONGEST_MS: u64 = 300;

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn cycles() -> u32 {
    std::env::var("ROOST_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let mut random = Random::announced("killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled");
    let folder = Folder::new();
    let (made, cookie) = prepare(&open_config(&folder)).await;
    let program = crate::program();
    let mut server = program.serve(&folder.data(), 0).await;
    let port = server.address.port();
    let visitors = (0..VISITORS).map(|_| Visitor::new(server.address, &made.key, SHOP));
    let mut crowd = Crowd::enter(visitors, Staff::new(server.address, made.owner, &cookie));
    crowd.is_there().await;

    for _ in 0..cycles() {
        let lull = Duration::from_millis(random.below(LONGEST_MS));
        crowd.chatter_for(lull, &mut random).await;
        server.kill().await;
        server = program.serve(&folder.data(), port).await;
        crowd.everybody().for_each(Driven::woke);
    }
    crowd.settle().await;

    crowd.has_heard_everything(&Database::of(&folder)).await;
    server.kill().await;
    History::open(Database::of(&folder)).check(&crowd.journals());
}
