//! The checker of histories sees what it is there to see: every kind of damage, planted in a sound store.

use std::panic::{AssertUnwindSafe, catch_unwind};

use protocol::frame::ServerFrame;
use tests::database::Database;
use tests::histcheck::History;
use tests::journal::{Entry, Journal};
use tests::relay::Relay;
use tests::socket::Socket;

/// Damage to the store, by what it breaks.
const DAMAGE: &[(&str, &str)] = &[
    ("I-1: an acknowledged message is gone", "delete from message where seq = 2"),
    ("I-1: it is somewhere else", "update message set seq = seq + 1000 where seq = 2"),
    (
        "I-2: a message has two places",
        "update message set message_id = (select message_id from message where seq = 1)",
    ),
    ("I-2: an event without its message", "delete from event where seq = 3"),
    ("I-3: a hole", "update event set seq = seq + 1 where seq = (select max(seq) from event)"),
    ("I-3: the counter is behind", "update conversation set last_seq = last_seq - 1"),
    ("I-3: the feed's counter is ahead", "update division set feed_seq = feed_seq + 1"),
    ("I-8: the words are others", "update event set body = replace(body, 'second', 'other')"),
    ("I-26: time went back", "update event set at = at - 100000 where seq = 3"),
    ("the visible chain is broken", "update event set visible_before = 0 where seq = 3"),
];

/// What a socket heard, as a journal.
fn journal_of(socket: &Socket) -> Journal {
    let journal = Journal::default();
    journal.write(Entry::Connected);
    for frame in &socket.log {
        match frame {
            ServerFrame::Ack(ack) => {
                journal.write(Entry::Said(ack.cmid));
                journal.write(Entry::Acked(ack.clone()));
            }
            ServerFrame::Event(event) => journal.write(Entry::Heard(Box::new(event.clone()))),
            _ => {}
        }
    }
    journal
}

fn objects(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_damage_is_seen_and_a_sound_history_is_not_blamed() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    for text in ["first", "second", "third"] {
        visitor.tell(None, text).await;
    }
    visitor.message("third").await;
    let journal = journal_of(&visitor);
    relay.running.stop().await;
    let sound = relay.folder.database();
    let journals = [journal.clone()];

    History::open(Database::Sqlite(sound.clone())).check(&journals);
    for (what, damage) in DAMAGE {
        let copy = relay.folder.path().join("damaged.db");
        std::fs::copy(&sound, &copy).unwrap();
        let database = rusqlite::Connection::open(&copy).unwrap();
        database.execute_batch(&format!("pragma foreign_keys = off; {damage}")).unwrap();
        drop(database);
        assert!(
            objects(|| History::open(Database::Sqlite(copy.clone())).check(&journals)),
            "{what}: not seen"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holes_reversals_and_changed_acks_in_a_clients_history_are_seen() {
    let relay = Relay::start().await;
    let mut visitor = relay.visitor().enter().await;
    for text in ["first", "second", "third"] {
        visitor.tell(None, text).await;
    }
    visitor.message("third").await;
    let entries = journal_of(&visitor).entries();
    let history = History::open(Database::of(&relay.folder));
    let with = |change: &dyn Fn(&mut Vec<Entry>)| {
        let (journal, mut changed) = (Journal::default(), entries.clone());
        change(&mut changed);
        for entry in changed {
            journal.write(entry);
        }
        objects(|| history.check(&[journal]))
    };
    let heard = |entry: &Entry, seq| matches!(entry, Entry::Heard(event) if event.seq == seq);

    assert!(!with(&|_| ()), "a sound history is not blamed");
    assert!(with(&|all| all.retain(|entry| !heard(entry, 2))), "I-5: a hole");
    assert!(with(&|all| all.reverse()), "I-5, I-7: everything the wrong way round");
    assert!(with(&|all| all.retain(|entry| !matches!(entry, Entry::Acked(_)))), "nothing proven");
    let another = |entry: &mut Entry| {
        if let Entry::Acked(ack) = entry {
            ack.epoch.push('0');
        }
    };
    assert!(with(&|all| all.iter_mut().for_each(another)), "I-1: another lineage");
}
