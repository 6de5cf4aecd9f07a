//! PostgreSQL is restarted in the middle of everything, as after a crash: writing goes on soon, and nothing is lost or doubled.

use std::time::{Duration, Instant};

use tests::crowd::Crowd;
use tests::driven::Driven;
use tests::fleet::Fleet;
use tests::histcheck::History;
use tests::random::Random;

const NODES: usize = 2;
const VISITORS: usize = 6;
const RESTARTS: u32 = 4;
/// How long people talk before the next restart, at most.
const LONGEST_MS: u64 = 400;
const BEAT: Duration = Duration::from_millis(50);
/// From the moment the server answers again to the next acknowledgement.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_at_once_loses_and_doubles_nothing_and_is_written_to_again_soon() {
    let mut random = Random::announced("a_database_that_restarts_at_once");
    let mut fleet = Fleet::with_own_postgres(crate::program(), NODES).await;
    let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % NODES)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
    crowd.is_there().await;

    for _ in 0..RESTARTS {
        crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        let postgres = fleet.postgres.as_mut().unwrap();
        tokio::join!(postgres.restart_at_once(), crowd.chatter_for(4 * BEAT, &mut random));
        let (began, before) = (Instant::now(), crowd.acknowledged());
        crowd.everybody().for_each(Driven::woke);
        while crowd.acknowledged() == before {
            crowd.chatter_for(BEAT, &mut random).await;
            assert!(began.elapsed() < SOON, "nothing was acknowledged {SOON:?} after PostgreSQL answered");
        }
        println!("written to again after {:.2} s", began.elapsed().as_secs_f64());
    }
    crowd.comes_back().await;
    crowd.settle().await;

    crowd.has_heard_everything(&fleet.database).await;
    History::open(fleet.database.clone()).check(&crowd.journals());
}
