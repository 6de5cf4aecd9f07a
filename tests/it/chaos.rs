//! Whatever happens to nodes, database and Redis, in whatever order: nothing acknowledged is lost, nothing is doubled, everybody
//! hears everything in the end. `cargo xtask chaos [steps] [seed]` runs it for as long as you like, and again as it was.

use std::time::Duration;

use tests::cluster::everybody;
use tests::crowd::Crowd;
use tests::driven::Driven;
use tests::fleet::Fleet;
use tests::histcheck::History;
use tests::random::Random;

const NODES: usize = 3;
const VISITORS: usize = 9;
/// How long nothing happens between two faults, at most.
const LULL_MS: u64 = 250;
/// How long something stands still, at most.
const FROZEN_MS: u64 = 1_500;
/// Invariants of the store are also looked at in the middle, after so many faults.
const LOOK_EVERY: u32 = 10;

#[derive(Debug, Clone, Copy)]
enum Fault {
    CrashNode,
    ReplaceNode,
    FreezeNode,
    CutDatabase,
    LockTable,
    CrashRedis,
    FreezeRedis,
    EmptyRedis,
    DeafRedis,
    Nonsense,
}

const FAULTS: [Fault; 10] = [
    Fault::CrashNode,
    Fault::ReplaceNode,
    Fault::FreezeNode,
    Fault::CutDatabase,
    Fault::LockTable,
    Fault::CrashRedis,
    Fault::FreezeRedis,
    Fault::EmptyRedis,
    Fault::DeafRedis,
    Fault::Nonsense,
];

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn steps() -> u32 {
    std::env::var("ROOST_CHAOS_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

async fn happen(fault: Fault, fleet: &mut Fleet, crowd: &mut Crowd, random: &mut Random) {
    let node = usize::try_from(random.below(NODES as u64)).unwrap();
    let still = Duration::from_millis(random.below(FROZEN_MS));
    match fault {
        Fault::CrashNode => fleet.crash(node).await,
        Fault::ReplaceNode => fleet.replace(node).await,
        Fault::FreezeNode => {
            fleet.freeze(node, true).await;
            crowd.chatter_for(still, random).await;
            fleet.freeze(node, false).await;
        }
        Fault::CutDatabase => fleet.database.cut_connections(),
        Fault::LockTable => {
            let database = fleet.database.clone();
            let seconds = still.as_secs_f64();
            let holder = tokio::task::spawn_blocking(move || {
                database.execute(&format!(
                    "begin; lock table conversation in exclusive mode; select pg_sleep({seconds}); commit"
                ));
            });
            crowd.chatter_for(still, random).await;
            holder.await.expect("the lock is let go");
        }
        Fault::CrashRedis => {
            fleet.redis.kill().await;
            crowd.chatter_for(still, random).await;
            fleet.redis.begin().await;
        }
        Fault::FreezeRedis => {
            fleet.redis.freeze(true).await;
            crowd.chatter_for(still, random).await;
            fleet.redis.freeze(false).await;
        }
        Fault::EmptyRedis => fleet.redis.command(&["FLUSHALL"]).await,
        Fault::DeafRedis => fleet.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await,
        Fault::Nonsense => {
            for word in ["nonsense", "{\"node\":\"x\",\"hint\":{\"t\":\"moved\"}}"] {
                fleet.redis.command(&["PUBLISH", &everybody(&fleet.database), word]).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_acknowledged_is_lost_or_doubled() {
    let mut random = Random::announced("whatever_happens_nothing_acknowledged_is_lost_or_doubled");
    let began = std::time::Instant::now();
    let mut fleet = Fleet::start(crate::program(), NODES).await;
    let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % NODES)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
    crowd.is_there().await;

    for step in 1..=steps() {
        let lull = Duration::from_millis(random.below(LULL_MS));
        crowd.chatter_for(lull, &mut random).await;
        let fault = *random.pick(&FAULTS);
        println!("{:>8.2} s  {step:>5}  {fault:?}", began.elapsed().as_secs_f64());
        happen(fault, &mut fleet, &mut crowd, &mut random).await;
        crowd.everybody().for_each(Driven::woke);
        if step % LOOK_EVERY == 0 {
            History::open(fleet.database.clone()).check_store();
        }
    }
    crowd.settle().await;

    crowd.has_heard_everything(&fleet.database).await;
    History::open(fleet.database.clone()).check(&crowd.journals());
    println!("{:>8.2} s  everybody has heard everything", began.elapsed().as_secs_f64());
}
