//! Conversations as rows: what a conversation's steps would have left in the tables. Fills a store much faster than its own
//! methods can, for measuring large ones. The events come from the same standing here too, so the rules are the same.

use protocol::event::{Reader, ReceiptState};
use protocol::ids::CampaignId;
use protocol::message::{Actor, Side};

use super::standing::Standing;
use super::transfer::{Cell, Row};
use super::{Append, Change, Mark, Recipient, StoredEvent};

/// Rows with the columns of the tables that are moved.
#[derive(Debug, Default)]
pub struct Rows {
    /// The last number given in the division's feed.
    pub feed_seq: u64,
    pub contacts: Vec<Row>,
    pub conversations: Vec<Row>,
    pub events: Vec<Row>,
    pub messages: Vec<Row>,
}

/// A conversation that goes on.
pub struct History {
    standing: Standing,
    campaign: CampaignId,
    last_message: Option<(Side, String, i64)>,
    created_at_ms: i64,
}

impl History {
    /// A conversation nothing has happened in. `None` when the message is not a contact's to a campaign, which begins one.
    pub fn begin(first: &Append) -> Option<Self> {
        let (Recipient::Campaign { campaign, division, fresh }, Some(contact)) =
            (&first.recipient, first.owner)
        else {
            return None;
        };
        Some(Self {
            standing: Standing::fresh(first, *division, contact, *fresh),
            campaign: *campaign,
            last_message: None,
            created_at_ms: first.now_ms,
        })
    }

    pub fn say(&mut self, append: &Append, rows: &mut Rows) {
        let events = self.standing.say(append);
        if let Some(said) = self.standing.said.take() {
            self.last_message = Some(said);
        }
        rows.messages.push(vec![
            bytes(append.author),
            bytes(append.cmid.0),
            bytes(append.digest),
            bytes(append.message.0),
            bytes(append.workspace.0),
            bytes(self.standing.conversation.0),
            integer(events.first().map_or(0, |event| event.seq)),
        ]);
        rows.add(events);
    }

    /// One side reads all that the other has said.
    pub fn read(&mut self, reader: Reader, actor: Actor, now_ms: i64, rows: &mut Rows) {
        let mark = Mark {
            workspace: self.standing.workspace,
            conversation: self.standing.conversation,
            owner: None,
            reader,
            state: ReceiptState::Read,
            up_to: u64::MAX,
            actor,
            now_ms,
        };
        // Nothing is left unread, so nothing has to be counted.
        rows.add(self.standing.mark(&mark).map(|marked| marked.event));
    }

    pub fn change(&mut self, change: &Change, rows: &mut Rows) {
        rows.add(self.standing.change(change, false));
    }

    /// Nothing happens in it any more: adds its own row.
    pub fn end(self, rows: &mut Rows) {
        let Self { standing, campaign, last_message, created_at_ms } = self;
        let (contact, agents) = (standing.contact_heard, standing.agents_heard);
        let (side, words, said_at) = match last_message {
            Some((side, words, at)) => (text(side.word()), Cell::Text(words), Cell::Integer(at)),
            None => (Cell::Null, Cell::Null, Cell::Null),
        };
        rows.conversations.push(vec![
            bytes(standing.conversation.0),
            bytes(standing.workspace.0),
            bytes(standing.division.0),
            bytes(campaign.0),
            bytes(standing.contact.0),
            text(standing.status.word()),
            standing.snoozed_until.map_or(Cell::Null, Cell::Integer),
            standing.assignee.map_or(Cell::Null, |person| bytes(person.0)),
            integer(standing.last_seq),
            integer(standing.last_visible_seq),
            Cell::Integer(standing.last_at),
            integer(agents.last_said),
            integer(contact.last_said),
            integer(contact.delivered),
            integer(contact.read),
            integer(agents.delivered),
            integer(agents.read),
            integer(agents.unread),
            integer(contact.unread),
            standing.waiting_since.map_or(Cell::Null, Cell::Integer),
            side,
            words,
            said_at,
            Cell::Integer(created_at_ms),
        ]);
    }
}

impl Rows {
    fn add(&mut self, events: impl IntoIterator<Item = StoredEvent>) {
        for mut event in events {
            self.feed_seq += 1;
            event.feed_seq = self.feed_seq;
            self.events.push(row_of(event));
        }
    }
}

fn row_of(event: StoredEvent) -> Row {
    let Ok(body) = serde_json::to_string(&event.body) else {
        unreachable!("an event that was just made is of a kind with a text form")
    };
    let maybe = |value: Option<String>| value.map_or(Cell::Null, Cell::Text);
    vec![
        bytes(event.conversation.0),
        integer(event.seq),
        bytes(event.workspace.0),
        bytes(event.division.0),
        integer(event.feed_seq),
        text(event.body.kind()),
        integer(event.visible_before),
        Cell::Integer(event.is_visible.into()),
        text(event.actor.side.word()),
        maybe(event.actor.id),
        maybe(event.actor.name),
        Cell::Integer(event.at_ms),
        Cell::Text(body),
    ]
}

fn bytes<const N: usize>(value: [u8; N]) -> Cell {
    Cell::Bytes(value.to_vec())
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn integer(value: u64) -> Cell {
    Cell::Integer(value.try_into().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::transfer::TABLES;
    use super::*;
    use crate::store::Lane;
    use protocol::ids::{Cmid, ContactId, ConversationId, DivisionId, MessageId, WorkspaceId};
    use protocol::message::Body;

    fn first() -> Append {
        Append {
            workspace: WorkspaceId([1; 16]),
            author: [2; 16],
            actor: Actor { side: Side::Contact, id: None, name: None },
            recipient: Recipient::Campaign {
                campaign: CampaignId([3; 16]),
                division: DivisionId([4; 16]),
                fresh: ConversationId([5; 16]),
            },
            owner: Some(ContactId([2; 16])),
            new_contact: None,
            message: MessageId([6; 16]),
            cmid: Cmid([7; 16]),
            digest: [8; 32],
            body: Body::plain("hello"),
            is_note: false,
            reply_to: None,
            now_ms: 9,
            lane: Lane::default(),
        }
    }

    #[test]
    fn rows_have_a_cell_for_each_column() {
        let mut rows = Rows::default();
        let mut history = History::begin(&first()).unwrap();

        history.say(&first(), &mut rows);
        history.read(Reader::Agent, Actor { side: Side::Agent, id: None, name: None }, 10, &mut rows);
        history.end(&mut rows);

        let width = |name: &str| TABLES.iter().find(|table| table.name == name).unwrap().columns.len();
        assert_eq!(rows.events.iter().map(Vec::len).collect::<Vec<_>>(), [width("event"); 2]);
        assert_eq!(rows.messages[0].len(), width("message"));
        assert_eq!(rows.conversations[0].len(), width("conversation"));
        assert_eq!(rows.feed_seq, 2);
    }
}
