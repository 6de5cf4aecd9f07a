//! The clocks of the nodes are hours apart and jump: order is by number, leases by the database's time, so nobody notices.

use std::time::Duration;

use tests::crowd::Crowd;
use tests::fleet::Fleet;
use tests::histcheck::History;
use tests::random::Random;

const NODES: usize = 3;
const VISITORS: usize = 6;
const HOUR_S: i64 = 3_600;
/// A node looks at its clock anew once a second.
const LONG_ENOUGH: Duration = Duration::from_millis(1_300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_jump_by_an_hour_lose_double_and_reorder_nothing() {
    let mut random = Random::announced("clocks_that_jump_by_an_hour_lose_double_and_reorder_nothing");
    let fleet = Fleet::with_clocks(crate::program(), NODES).await;
    let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % NODES)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
    crowd.is_there().await;

    for (node, by_s) in [(0, HOUR_S), (1, -HOUR_S), (2, HOUR_S), (0, -HOUR_S), (1, HOUR_S), (0, 0)] {
        fleet.jump(node, by_s);
        crowd.chatter_for(LONG_ENOUGH, &mut random).await;
    }
    crowd.comes_back().await;
    crowd.settle().await;

    crowd.has_heard_everything(&fleet.database).await;
    History::open(fleet.database.clone()).check(&crowd.journals());
    let apart_ms = fleet.database.number("select max(at) - min(at) from event");
    assert!(apart_ms > 3_000_000, "the clocks did not jump, so nothing was proven: {apart_ms}");
}
