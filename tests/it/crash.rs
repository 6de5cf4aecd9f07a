//! Killed at any moment, the relay has lost nothing it acknowledged and doubled nothing it was sent twice.

use std::time::Duration;

use protocol::frame::{Mark, Send};
use tests::database::Database;
use tests::driven::{Driven, Persona};
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::{History, heard};
use tests::personas::{Staff, Visitor};
use tests::process::Server;
use tests::random::{Random, cmid};
use tests::relay::open_config;
use tests::socket::send_of;
use tests::until::until;

const VISITORS: usize = 6;
/// How long the relay runs before it is killed, at most.
const LONGEST_MS: u64 = 300;

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn cycles() -> u32 {
    std::env::var("ROOST_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Everybody in the house, talking.
struct Crowd {
    visitors: Vec<Driven>,
    agent: Driven,
    said: u64,
}

impl Crowd {
    fn enter(server: &Server, key: &str, agent: Staff) -> Self {
        let visitors = (0..VISITORS).map(|n| {
            Driven::start(
                Persona::Visitor(Visitor::new(server.address, key, SHOP)),
                u32::try_from(n).unwrap() + 1,
            )
        });
        Self { visitors: visitors.collect(), agent: Driven::start(Persona::Staff(agent), 99), said: 0 }
    }

    fn everybody(&self) -> impl Iterator<Item = &Driven> {
        self.visitors.iter().chain([&self.agent])
    }

    /// Somebody says something, unless they wait for too many answers already.
    fn chatter(&mut self, random: &mut Random) {
        let visitor = random.pick(&self.visitors);
        let (state, said) = (visitor.state.borrow().clone(), self.said);
        if state.waiting < 16 {
            visitor.say(send_of(cmid(), state.conv, &format!("visitor's line {said}")));
        }
        let Some(conv) = state.conv else { return };
        if self.agent.state.borrow().waiting < 16 {
            let note = random.below(4) == 0;
            self.agent.say(Send { note, ..send_of(cmid(), Some(conv), &format!("agent's line {said}")) });
        }
        if random.below(8) == 0 {
            visitor.read(Mark { conv, seq: random.below(1_000) });
            self.agent.read(Mark { conv, seq: random.below(1_000) });
        }
        self.said += 1;
    }

    /// Waits until nobody waits for an answer any more.
    async fn settle(&self) {
        until("every message to be confirmed", || async {
            self.everybody().all(|c| c.state.borrow().is_live && c.state.borrow().waiting == 0).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let mut random = Random::announced("killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled");
    let folder = Folder::new();
    let (made, cookie) = prepare(&open_config(&folder)).await;
    let program = crate::program();
    let mut server = program.serve(&folder.data(), 0).await;
    let port = server.address.port();
    let mut crowd = Crowd::enter(&server, &made.key, Staff::new(server.address, made.owner, &cookie));
    until("the agent to be there", || async { crowd.agent.state.borrow().is_live.then_some(()) }).await;

    for _ in 0..cycles() {
        let end = tokio::time::Instant::now() + Duration::from_millis(random.below(LONGEST_MS));
        let mut beat = tokio::time::interval(Duration::from_millis(1));
        while tokio::time::Instant::now() < end {
            beat.tick().await;
            crowd.chatter(&mut random);
        }
        server.kill().await;
        server = program.serve(&folder.data(), port).await;
        crowd.everybody().for_each(Driven::woke);
    }
    crowd.settle().await;

    let converged = || async {
        let history = History::open(Database::of(&folder));
        let visitors = crowd
            .visitors
            .iter()
            .all(|v| v.state.borrow().positions.iter().all(|p| p.seq >= history.last_visible(p.conv)));
        (visitors && heard(&crowd.agent.journal).is_superset(&history.feed_since(0))).then_some(())
    };
    until("I-6: everybody to have heard everything", converged).await;
    server.kill().await;
    let journals: Vec<_> = crowd.everybody().map(|c| c.journal.clone()).collect();
    History::open(Database::of(&folder)).check(&journals);
}
