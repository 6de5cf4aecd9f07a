//! Whatever happens to nodes, clocks, lines, database and Redis, in whatever order: nothing acknowledged is lost, nothing is
//! doubled, everybody hears everything in the end. `cargo xtask chaos [faults] [seed]` runs it for as long as you like, and again
//! as it was.

use std::time::Duration;

use tests::cluster::everybody;
use tests::crowd::Crowd;
use tests::driven::Driven;
use tests::fleet::{Fleet, Place};
use tests::histcheck::History;
use tests::proxy::{Line, Way};
use tests::random::Random;

const NODES: usize = 3;
const VISITORS: usize = 9;
/// How long nothing happens between two faults, at most.
const LULL_MS: u64 = 250;
/// How long something stands still or goes badly, at most.
const FROZEN_MS: u64 = 1_500;
/// What was heard and stored is also compared in the middle, after so many faults.
const LOOK_EVERY: u64 = 10;
const SLOW: usize = 16 * 1024;
const LATE: Duration = Duration::from_millis(200);
const HOUR_S: i64 = 3_600;

#[derive(Debug, Clone, Copy)]
enum Fault {
    CrashNode,
    ReplaceNode,
    FreezeNode,
    /// The wall clock of a node is an hour early, an hour late, or right again.
    JumpClock,
    CutDatabase,
    LockTable,
    RestartDatabase,
    CrashRedis,
    FreezeRedis,
    EmptyRedis,
    DeafRedis,
    Nonsense,
    /// What a node has open to Redis carries nothing any more, and nobody tells it.
    StrandRedis,
    /// The line between a node and its clients, the database or Redis.
    Line(Place, Trouble),
}

/// What happens to a line for a while.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    CutAll,
    CutHalf,
    Slow,
    Late,
    NothingArrives,
    NothingComesBack,
    /// What was asked for is done; the answers are lost with the connections.
    AnswersAreLost,
    /// Everything is cut, and half of those who come again are turned away.
    HardToReach,
}

const TROUBLES: [Trouble; 8] = [
    Trouble::CutAll,
    Trouble::CutHalf,
    Trouble::Slow,
    Trouble::Late,
    Trouble::NothingArrives,
    Trouble::NothingComesBack,
    Trouble::AnswersAreLost,
    Trouble::HardToReach,
];

fn every_fault() -> Vec<Fault> {
    let mut faults = vec![
        Fault::CrashNode,
        Fault::ReplaceNode,
        Fault::FreezeNode,
        Fault::JumpClock,
        Fault::CutDatabase,
        Fault::LockTable,
        Fault::RestartDatabase,
        Fault::CrashRedis,
        Fault::FreezeRedis,
        Fault::EmptyRedis,
        Fault::DeafRedis,
        Fault::Nonsense,
        Fault::StrandRedis,
    ];
    for place in [Place::Clients, Place::Database, Place::Redis] {
        faults.extend(TROUBLES.map(|trouble| Fault::Line(place, trouble)));
    }
    faults
}

/// Faults in random order: each comes once before any comes again.
struct Deck {
    left: Vec<Fault>,
}

impl Deck {
    fn draw(&mut self, random: &mut Random) -> Fault {
        if self.left.is_empty() {
            self.left = every_fault();
        }
        let place = usize::try_from(random.below(self.left.len() as u64)).unwrap();
        self.left.swap_remove(place)
    }
}

/// Each fault once, unless the environment asks for another number.
#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn steps() -> u64 {
    let asked = std::env::var("ROOST_CHAOS_STEPS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(every_fault().len() as u64)
}

/// Everybody, everything, and what is chosen for them. Words are chosen apart from faults: how many are said depends on the moment,
/// and the same seed must bring the same faults.
struct Storm {
    fleet: Fleet,
    crowd: Crowd,
    choices: Random,
    words: Random,
}

impl Storm {
    async fn begin(mut choices: Random) -> Self {
        let fleet = Fleet::with_own_postgres(crate::program(), NODES).await;
        let visitors: Vec<_> = (0..VISITORS).map(|n| fleet.visitor(n % NODES)).collect();
        let crowd = Crowd::enter(visitors.into_iter(), fleet.owner(0));
        crowd.is_there().await;
        let words = Random::new(choices.next_u64());
        Self { fleet, crowd, choices, words }
    }

    async fn chatter_for(&mut self, time: Duration) {
        self.crowd.chatter_for(time, &mut self.words).await;
    }

    async fn happen(&mut self, fault: Fault) {
        let node = usize::try_from(self.choices.below(NODES as u64)).unwrap();
        let still = Duration::from_millis(self.choices.below(FROZEN_MS));
        match fault {
            Fault::CrashNode => self.fleet.crash(node).await,
            Fault::ReplaceNode => self.fleet.replace(node).await,
            Fault::FreezeNode => {
                self.fleet.freeze(node, true).await;
                self.chatter_for(still).await;
                self.fleet.freeze(node, false).await;
            }
            Fault::JumpClock => self.fleet.jump(node, *self.choices.pick(&[HOUR_S, -HOUR_S, 0])),
            Fault::CutDatabase => self.fleet.database.cut_connections(),
            Fault::LockTable => self.lock_table(still).await,
            Fault::RestartDatabase => {
                let postgres = self.fleet.postgres.as_mut().expect("the fleet has its own");
                let chatter = self.crowd.chatter_for(still, &mut self.words);
                tokio::join!(postgres.restart_at_once(), chatter);
            }
            Fault::CrashRedis => {
                self.fleet.redis.kill().await;
                self.chatter_for(still).await;
                self.fleet.redis.begin().await;
            }
            Fault::FreezeRedis => {
                self.fleet.redis.freeze(true).await;
                self.chatter_for(still).await;
                self.fleet.redis.freeze(false).await;
            }
            Fault::EmptyRedis => self.fleet.redis.command(&["FLUSHALL"]).await,
            Fault::DeafRedis => self.fleet.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await,
            Fault::Nonsense => self.talk_nonsense().await,
            Fault::StrandRedis => self.fleet.line(node, Place::Redis).strand(),
            Fault::Line(place, trouble) => self.disturb(node, place, trouble, still).await,
        }
    }

    async fn lock_table(&mut self, still: Duration) {
        let database = self.fleet.database.clone();
        let seconds = still.as_secs_f64();
        let holder = tokio::task::spawn_blocking(move || {
            database.execute(&format!(
                "begin; lock table conversation in exclusive mode; select pg_sleep({seconds}); commit"
            ));
        });
        self.chatter_for(still).await;
        holder.await.expect("the lock is let go");
    }

    async fn talk_nonsense(&self) {
        let channel = everybody(&self.fleet.database);
        for word in ["nonsense", "{\"node\":\"x\",\"hint\":{\"t\":\"moved\"}}"] {
            self.fleet.redis.command(&["PUBLISH", &channel, word]).await;
        }
    }

    async fn disturb(&mut self, node: usize, place: Place, trouble: Trouble, still: Duration) {
        let line = self.fleet.line(node, place);
        match trouble {
            Trouble::CutAll => line.cut(100),
            Trouble::CutHalf => line.cut(50),
            Trouble::Slow => line.set(Line::Slow { bytes_per_s: SLOW }),
            Trouble::Late => line.set(Line::Late(LATE)),
            Trouble::NothingArrives => line.set(Line::Deaf(Way::There)),
            Trouble::NothingComesBack | Trouble::AnswersAreLost => line.set(Line::Deaf(Way::Back)),
            Trouble::HardToReach => {
                line.set(Line::Refusing { percent: 50 });
                line.cut(100);
            }
        }
        self.crowd.chatter_for(still, &mut self.words).await;
        if matches!(trouble, Trouble::AnswersAreLost) {
            line.cut(100);
        }
        line.set(Line::Good);
    }

    /// What everybody was told and heard so far agrees with what is stored.
    async fn look(&self) {
        self.crowd.comes_back().await;
        self.crowd.settle().await;
        History::open(self.fleet.database.clone()).check(&self.crowd.journals());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_acknowledged_is_lost_or_doubled() {
    let random = Random::announced("whatever_happens_nothing_acknowledged_is_lost_or_doubled");
    let began = std::time::Instant::now();
    let mut storm = Storm::begin(random).await;

    let mut deck = Deck { left: Vec::new() };
    let mut longest = Duration::ZERO;
    for step in 1..=steps() {
        let lull = Duration::from_millis(storm.choices.below(LULL_MS));
        storm.chatter_for(lull).await;
        let fault = deck.draw(&mut storm.choices);
        println!("{:>8.2} s  {step:>5}  {fault:?}", began.elapsed().as_secs_f64());
        storm.happen(fault).await;
        storm.crowd.everybody().for_each(Driven::woke);
        // After the other half the next fault strikes those who are not over this one yet.
        if storm.choices.below(2) == 0 {
            longest = longest.max(storm.crowd.comes_back().await);
        }
        if step.is_multiple_of(LOOK_EVERY) {
            storm.look().await;
        }
    }
    storm.look().await;

    storm.crowd.has_heard_everything(&storm.fleet.database).await;
    storm.look().await;
    println!(
        "{:>8.2} s  everybody has heard everything; back after a fault within {:.2} s",
        began.elapsed().as_secs_f64(),
        longest.as_secs_f64()
    );
}
