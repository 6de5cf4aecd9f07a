//! Nodes are replaced one after the other while everybody talks: every send arrives, once, in order.

use std::time::Duration;

use tests::crowd::Crowd;
use tests::driven::Driven;
use tests::fleet::Fleet;
use tests::histcheck::History;
use tests::random::Random;

const NODES: usize = 3;
const VISITORS: usize = 6;
const ROUNDS: usize = 2;
const BETWEEN: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_are_replaced_under_load_and_nothing_is_lost() {
    let mut random = Random::announced("nodes_are_replaced_under_load_and_nothing_is_lost");
    let mut fleet = Fleet::start(crate::program(), NODES).await;
    let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % NODES)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
    crowd.is_there().await;

    for round in 0..ROUNDS * NODES {
        crowd.chatter_for(BETWEEN, &mut random).await;
        fleet.replace(round % NODES).await;
        crowd.everybody().for_each(Driven::woke);
    }
    crowd.settle().await;

    crowd.has_heard_everything(&fleet.database).await;
    History::open(fleet.database.clone()).check(&crowd.journals());
}
