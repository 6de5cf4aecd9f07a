//! Everybody in the house, talking at once: visitors, and somebody who answers them.

use std::collections::HashSet;
use std::time::Duration;

use protocol::event::EventBody;
use protocol::frame::{Mark, Send};
use protocol::ids::Cmid;
use tokio::time::{Instant, interval};

use crate::database::Database;
use crate::driven::{Driven, Persona};
use crate::histcheck::{History, heard};
use crate::journal::{Entry, Journal};
use crate::personas::{Staff, Visitor};
use crate::random::{Random, cmid};
use crate::socket::send_of;
use crate::until::{until, until_within};

/// Messages somebody may have under way before they wait for an answer.
const PATIENCE: usize = 16;
const BEAT: Duration = Duration::from_millis(1);
/// A client waits for half a minute at most before it tries again.
const BACK: Duration = Duration::from_secs(40);

pub struct Crowd {
    visitors: Vec<Driven>,
    agent: Driven,
    said: u64,
}

impl Crowd {
    pub fn enter(visitors: impl Iterator<Item = Visitor>, agent: Staff) -> Self {
        let visitors =
            (1..).zip(visitors).map(|(seed, visitor)| Driven::start(Persona::Visitor(visitor), seed));
        Self { visitors: visitors.collect(), agent: Driven::start(Persona::Staff(agent), 99), said: 0 }
    }

    pub fn everybody(&self) -> impl Iterator<Item = &Driven> {
        self.visitors.iter().chain([&self.agent])
    }

    pub fn journals(&self) -> Vec<Journal> {
        self.everybody().map(|client| client.journal.clone()).collect()
    }

    /// Waits until the agent is connected.
    pub async fn is_there(&self) {
        until("the agent to be there", || async { self.agent.state.borrow().is_live.then_some(()) }).await;
    }

    /// Somebody says something every millisecond.
    pub async fn chatter_for(&mut self, time: Duration, random: &mut Random) {
        let end = Instant::now() + time;
        let mut beat = interval(BEAT);
        while Instant::now() < end {
            beat.tick().await;
            self.chatter(random);
        }
    }

    /// Somebody says something, unless they wait for too many answers already.
    fn chatter(&mut self, random: &mut Random) {
        let visitor = random.pick(&self.visitors);
        let (state, said) = (visitor.state.borrow().clone(), self.said);
        if state.waiting < PATIENCE {
            visitor.say(send_of(cmid(), state.conv, &format!("visitor's line {said}")));
        }
        let Some(conv) = state.conv else { return };
        if self.agent.state.borrow().waiting < PATIENCE {
            let note = random.below(4) == 0;
            self.agent.say(Send { note, ..send_of(cmid(), Some(conv), &format!("agent's line {said}")) });
        }
        if random.below(8) == 0 {
            visitor.read(Mark { conv, seq: random.below(1_000) });
            self.agent.read(Mark { conv, seq: random.below(1_000) });
        }
        self.said += 1;
    }

    /// Whatever was wrong is over: nobody waits any longer, and soon everybody is connected. Gives how long it took.
    pub async fn comes_back(&self) -> Duration {
        let began = Instant::now();
        self.everybody().for_each(Driven::woke);
        until_within("everybody to be live again", BACK, || async {
            self.everybody().all(|client| client.state.borrow().is_live).then_some(())
        })
        .await;
        began.elapsed()
    }

    /// How many messages were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        let of = |journal: &Journal| {
            journal.entries().iter().filter(|entry| matches!(entry, Entry::Acked(_))).count()
        };
        self.everybody().map(|client| of(&client.journal)).sum()
    }

    /// Waits until everything anybody said is confirmed: no send has failed.
    pub async fn settle(&self) {
        until("every message to be confirmed", || async {
            let all = self
                .everybody()
                .all(|client| client.state.borrow().is_live && has_all_confirmed(&client.journal));
            all.then_some(())
        })
        .await;
    }

    /// I-6: waits until everybody has heard all there is to hear.
    pub async fn has_heard_everything(&self, database: &Database) {
        let converged = || async {
            let history = History::open(database.clone());
            let told = history.feed_since(told_since(&self.agent.journal));
            let visitors = self
                .visitors
                .iter()
                .all(|v| v.state.borrow().positions.iter().all(|p| p.seq >= history.last_visible(p.conv)));
            (visitors && heard(&self.agent.journal).is_superset(&told)).then_some(())
        };
        until("I-6: everybody to have heard everything", converged).await;
    }
}

/// From where on an agent is told everything: what came before was loaded.
fn told_since(journal: &Journal) -> u64 {
    let entries = journal.entries();
    let loaded = entries.iter().rev().find_map(|entry| match entry {
        Entry::LoadedAll(feed_seq) => Some(*feed_seq),
        _ => None,
    });
    loaded.unwrap_or(0)
}

/// By an acknowledgement, or, where that was lost with its socket, by hearing one's own words.
fn has_all_confirmed(journal: &Journal) -> bool {
    let entries = journal.entries();
    let confirmed: HashSet<Cmid> = entries.iter().filter_map(confirms).collect();
    entries.iter().all(|entry| !matches!(entry, Entry::Said(cmid) if !confirmed.contains(cmid)))
}

fn confirms(entry: &Entry) -> Option<Cmid> {
    match entry {
        Entry::Acked(ack) => Some(ack.cmid),
        Entry::Heard(event) => match &event.body {
            EventBody::Message(message) | EventBody::Note(message) => Some(message.cmid),
            _ => None,
        },
        _ => None,
    }
}
