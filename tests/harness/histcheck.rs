//! Whether the store and what clients saw agree: the invariants of delivery, checked on the file and the journals.

use std::collections::{HashMap, HashSet};

use crate::database::{Database, hex, unhex};
use crate::journal::{Entry, Journal};
use protocol::event::EventBody;
use protocol::frame::Ack;
use protocol::ids::{Cmid, ConversationId, MessageId};

type Key = (ConversationId, u64);

/// The store as it is.
pub struct History {
    database: Database,
}

impl History {
    pub const fn open(database: Database) -> Self {
        Self { database }
    }

    /// Checks everything there is to check of clients that have come to rest.
    pub fn check(&self, journals: &[Journal]) {
        self.check_store();
        let entries: Vec<Vec<Entry>> = journals.iter().map(Journal::entries).collect();
        self.check_acks(&entries);
        let stored = self.events();
        for history in &entries {
            check_order(history);
            check_gaps(history);
            check_phantoms(&stored, history);
        }
    }

    /// What must hold whoever looks: I-2 at most once, I-3 contiguity, I-17 one open conversation.
    pub fn check_store(&self) {
        let none = |what: &str, query: &str| assert_eq!(self.database.number(query), 0, "{what}");
        if let Database::Sqlite(_) = &self.database {
            assert_eq!(self.database.rows("pragma integrity_check"), [["ok"]], "the file is damaged");
        }
        none(
            "I-2: an author's cmid was stored twice",
            "select count(*) from (select 1 from message group by author_id, cmid having count(*) > 1) as found",
        );
        none(
            "I-2: a message has two places",
            "select count(*) from (select 1 from message group by message_id having count(*) > 1) as found",
        );
        none(
            "I-2: a message event without its message, or the other way round",
            "select (select count(*) from event e where kind in ('message', 'note') and not exists
               (select 1 from message m where m.conversation_id = e.conversation_id and m.seq = e.seq))
             + (select count(*) from message m where not exists
               (select 1 from event e where m.conversation_id = e.conversation_id and m.seq = e.seq and e.kind in ('message', 'note')))",
        );
        none(
            "I-3: a conversation's numbers have a hole",
            "select count(*) from conversation c where last_seq <> (select count(*) from event e where e.conversation_id = c.id)
             or last_seq <> (select coalesce(max(seq), 0) from event e where e.conversation_id = c.id)
             or 1 <> (select coalesce(min(seq), 1) from event e where e.conversation_id = c.id)",
        );
        none(
            "I-3: a feed's numbers have a hole",
            "select count(*) from division d where feed_seq <> (select count(*) from event e where e.division_id = d.id)
             or feed_seq <> (select coalesce(max(feed_seq), 0) from event e where e.division_id = d.id)",
        );
        none(
            "I-17: a contact has two open conversations",
            "select count(*) from (select 1 from conversation where status <> 'resolved' group by campaign_id, contact_id having count(*) > 1) as found",
        );
        none(
            "I-26: time went back in a conversation",
            "select count(*) from event a join event b on b.conversation_id = a.conversation_id and b.seq = a.seq + 1 where b.at < a.at",
        );
        none(
            "the chain of what visitors may see is broken",
            "select count(*) from event e where visible_before <>
             (select coalesce(max(seq), 0) from event v where v.conversation_id = e.conversation_id and v.seq < e.seq and v.visible)",
        );
    }

    /// I-1 durability, I-4 stable acks.
    fn check_acks(&self, histories: &[Vec<Entry>]) {
        let stored: HashSet<(String, String, String, String)> = self
            .database
            .rows("select cmid, message_id, conversation_id, seq from message")
            .into_iter()
            .map(|row| (row[0].clone(), row[1].clone(), row[2].clone(), row[3].clone()))
            .collect();
        let epoch = self.database.rows("select value from meta where name = 'epoch'")[0][0].clone();
        let mut count = 0;
        for history in histories {
            let mut known: HashMap<Cmid, (MessageId, u64, String)> = HashMap::new();
            for ack in history.iter().filter_map(acked) {
                count += 1;
                let row = (hex(&ack.cmid.0), hex(&ack.msg.0), hex(&ack.conv.0), ack.seq.to_string());
                assert!(
                    stored.contains(&row),
                    "I-1: an acknowledged message is not where it was said to be: {ack:?}"
                );
                assert_eq!(hex(ack.epoch.as_bytes()), epoch, "I-1: the lineage changed");
                let place = (ack.msg, ack.seq, ack.epoch.clone());
                let first = known.entry(ack.cmid).or_insert_with(|| place.clone());
                assert_eq!(*first, place, "I-4: two acks of one message differ");
            }
        }
        assert!(count > 0, "nothing was acknowledged, so nothing was proven");
    }

    /// The kind and JSON body of every event.
    fn events(&self) -> HashMap<Key, (String, String)> {
        let rows = self.database.rows("select conversation_id, seq, kind, body from event");
        rows.into_iter().map(|row| (key(&row), (row[2].clone(), row[3].clone()))).collect()
    }

    /// Everything the feed has held since `from`, as conversation and number.
    pub fn feed_since(&self, from: u64) -> HashSet<Key> {
        let text = format!("select conversation_id, seq from event where feed_seq > {from}");
        self.database.rows(&text).iter().map(|row| key(row)).collect()
    }

    /// Where a conversation stands for its visitor.
    pub fn last_visible(&self, conv: ConversationId) -> u64 {
        let id = self.database.id(conv.0);
        self.database.number(&format!("select last_visible_seq from conversation where id = {id}"))
    }
}

fn key(row: &[String]) -> Key {
    (ConversationId(unhex(&row[0])), row[1].parse().expect("a number"))
}

fn acked(entry: &Entry) -> Option<&Ack> {
    match entry {
        Entry::Acked(ack) => Some(ack),
        _ => None,
    }
}

/// I-8: everything heard is stored, word for word.
fn check_phantoms(stored: &HashMap<Key, (String, String)>, history: &[Entry]) {
    for entry in history {
        let Entry::Heard(event) = entry else { continue };
        let (kind, body) = stored
            .get(&(event.conv, event.seq))
            .unwrap_or_else(|| panic!("I-8: heard and not stored: {event:?}"));
        assert_eq!(kind, event.body.kind(), "I-8: {event:?}");
        if let EventBody::Message(message) | EventBody::Note(message) = &event.body {
            assert!(
                body.contains(&message.msg.text()) && body.contains(message.body.words()),
                "I-8: {event:?} is stored as {body}"
            );
        }
    }
}

/// I-7: what one client said first has the lower number.
fn check_order(history: &[Entry]) {
    let seqs: HashMap<Cmid, (ConversationId, u64)> =
        history.iter().filter_map(acked).map(|ack| (ack.cmid, (ack.conv, ack.seq))).collect();
    let mut last: HashMap<ConversationId, u64> = HashMap::new();
    for entry in history {
        let Entry::Said(cmid) = entry else { continue };
        let Some((conv, seq)) = seqs.get(cmid) else { continue };
        let before = last.insert(*conv, *seq).unwrap_or(0);
        assert!(before < *seq, "I-7: a later message was stored before an earlier one: {seq} after {before}");
    }
}

/// I-5: on every socket each event follows the one before, from where the client said it stood.
fn check_gaps(history: &[Entry]) {
    let mut at: HashMap<ConversationId, u64> = HashMap::new();
    for entry in history {
        match entry {
            Entry::Connected | Entry::LoadedAll(_) => at.clear(),
            Entry::Stands(position) => {
                at.insert(position.conv, position.seq);
            }
            Entry::Heard(event) => {
                // Agents follow the feed, so their first event of a conversation may be any.
                let position =
                    at.entry(event.conv).or_insert(if event.feed.is_some() { event.prev } else { 0 });
                assert!(
                    event.prev <= *position && event.seq > event.prev,
                    "I-5: a hole before {event:?}, at {position}"
                );
                *position = event.seq.max(*position);
            }
            Entry::Said(_) | Entry::Acked(_) => {}
        }
    }
}

/// What a client heard, as conversation and number.
pub fn heard(journal: &Journal) -> HashSet<Key> {
    let entries = journal.entries();
    let heard = entries.iter().filter_map(|entry| match entry {
        Entry::Heard(event) => Some((event.conv, event.seq)),
        _ => None,
    });
    heard.collect()
}
