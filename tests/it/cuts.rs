//! The line to the database is cut again and again, in the middle of commits too: nothing acknowledged is lost or doubled.

use std::time::Duration;

use tests::cluster::{Cluster, Redis};
use tests::crowd::Crowd;
use tests::histcheck::History;
use tests::random::Random;

const VISITORS: usize = 6;
const CUTS: u32 = 25;
/// How long the line holds, at most.
const LONGEST_MS: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_up_at_any_moment_loses_and_doubles_nothing() {
    let mut random = Random::announced("a_database_that_hangs_up_at_any_moment_loses_and_doubles_nothing");
    let cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let visitors = (0..VISITORS).map(|n| cluster.visitor(n % 2));
    let mut crowd = Crowd::enter(visitors.collect::<Vec<_>>().into_iter(), cluster.owner(0).await);
    crowd.is_there().await;

    for _ in 0..CUTS {
        let lull = Duration::from_millis(random.below(LONGEST_MS));
        crowd.chatter_for(lull, &mut random).await;
        cluster.database.cut_connections();
    }
    crowd.settle().await;

    crowd.has_heard_everything(&cluster.database).await;
    History::open(cluster.database.clone()).check(&crowd.journals());
}
