//! A year of a busy shop: who says what, and when. Everything that happens comes out in the order of time, as rows.

use std::collections::BTreeMap;

use protocol::event::{Reader, Status};
use protocol::ids::{
    CampaignId, Cmid, ContactId, ConversationId, DivisionId, MessageId, PersonId, WorkspaceId,
};
use protocol::message::{Actor, Body, Side};

use super::words::{Dice, Words};
use crate::inbox::message::digest;
use crate::store::history::{History, Rows};
use crate::store::transfer::Cell;
use crate::store::{Append, Change, Lane, Recipient};

const DAY_MS: i64 = 86_400_000;
const YEAR_MS: i64 = 365 * DAY_MS;

/// How much there is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) conversations: u32,
    pub(super) messages: u32,
}

/// Whose year it is.
pub(super) struct Shop {
    pub(super) workspace: WorkspaceId,
    pub(super) division: DivisionId,
    pub(super) campaign: CampaignId,
    /// The owner first, who has the most to do.
    pub(super) agents: Vec<(PersonId, String)>,
}

/// A conversation that goes on.
struct Talk {
    history: History,
    conversation: ConversationId,
    contact: ContactId,
    agent: Option<usize>,
    last_side: Side,
    messages_left: u32,
}

pub(super) struct Year {
    shop: Shop,
    words: Words,
    dice: Dice,
    size: Size,
    now_ms: i64,
    begun: u32,
    /// By when the next thing happens in each.
    talks: BTreeMap<(i64, u32), Talk>,
    /// Contacts who may come again.
    settled: Vec<ContactId>,
    pub(super) rows: Rows,
}

impl Year {
    pub(super) fn new(shop: Shop, size: Size, now_ms: i64) -> Self {
        Self {
            shop,
            words: Words::new(),
            dice: Dice::new(1),
            size,
            now_ms,
            begun: 0,
            talks: BTreeMap::new(),
            settled: Vec::new(),
            rows: Rows::default(),
        }
    }

    /// Lets the next thing happen; false when the year is over.
    pub(super) fn go_on(&mut self) -> bool {
        let next_at = self.talks.first_key_value().map_or(i64::MAX, |(key, _)| key.0);
        let begins_at = self.now_ms - YEAR_MS
            + i64::from(self.begun) * (YEAR_MS / i64::from(self.size.conversations.max(1)));
        if self.begun < self.size.conversations && begins_at <= next_at {
            self.begin(begins_at);
            return true;
        }
        let Some(((at, number), talk)) = self.talks.pop_first() else { return false };
        if at > self.now_ms {
            // What is still to come has not happened.
            talk.history.end(&mut self.rows);
        } else if talk.messages_left == 0 {
            self.close(talk, at);
        } else {
            self.speak(talk, at, number);
        }
        true
    }

    fn begin(&mut self, at: i64) {
        let contact = self.contact(at);
        let conversation = ConversationId(self.dice.id_at(at));
        let (campaign, division) = (self.shop.campaign, self.shop.division);
        let recipient = Recipient::Campaign { campaign, division, fresh: conversation };
        let append = Append { recipient, ..self.message(contact, at) };
        let Some(mut history) = History::begin(&append) else {
            unreachable!("a contact's message to a campaign begins a conversation")
        };
        history.say(&append, &mut self.rows);
        let mean = f64::from(self.size.messages) / f64::from(self.size.conversations.max(1)) - 1.0;
        let messages_left = (self.dice.gap(mean.max(0.0)) + 0.5) as u32;
        let last_side = Side::Contact;
        let talk = Talk { history, conversation, contact, agent: None, last_side, messages_left };
        self.begun += 1;
        self.wait(talk, at, self.begun);
    }

    /// Somebody new, or now and then somebody whose last conversation is over.
    fn contact(&mut self, at: i64) -> ContactId {
        if !self.settled.is_empty() && self.dice.happens(0.2) {
            let place = self.dice.below(self.settled.len() as u32) as usize;
            return self.settled.swap_remove(place);
        }
        let contact = ContactId(self.dice.id_at(at));
        let rank = self.dice.below(5_000) as usize;
        let name = self.dice.happens(0.5).then(|| Cell::Text(self.words.word(rank).to_owned()));
        self.rows.contacts.push(vec![
            Cell::Bytes(contact.0.to_vec()),
            Cell::Bytes(self.shop.workspace.0.to_vec()),
            Cell::Bytes(self.shop.division.0.to_vec()),
            name.unwrap_or(Cell::Null),
            Cell::Text("{}".to_owned()),
            Cell::Integer(at),
            Cell::Integer(at),
        ]);
        contact
    }

    /// What a contact says; where it goes and who says it can be changed.
    fn message(&mut self, contact: ContactId, at: i64) -> Append {
        let body = Body::plain(self.words.text(&mut self.dice));
        Append {
            workspace: self.shop.workspace,
            author: contact.0,
            actor: Actor { side: Side::Contact, id: Some(contact.text()), name: None },
            recipient: Recipient::Conversation(ConversationId([0; 16])),
            owner: Some(contact),
            new_contact: None,
            message: MessageId(self.dice.id_at(at)),
            cmid: Cmid(self.dice.id()),
            digest: digest(&body, false, None),
            body,
            is_note: false,
            reply_to: None,
            now_ms: at,
            lane: Lane::default(),
        }
    }

    fn speak(&mut self, mut talk: Talk, at: i64, number: u32) {
        let is_answer = self.dice.happens(0.7);
        let by_agent = (talk.last_side == Side::Contact) == is_answer;
        if by_agent {
            self.answer(&mut talk, at);
        } else {
            let append = self.message(talk.contact, at);
            if talk.last_side == Side::Agent {
                talk.history.read(Reader::Contact, append.actor.clone(), at, &mut self.rows);
            }
            talk.history.say(&append, &mut self.rows);
        }
        talk.last_side = if by_agent { Side::Agent } else { Side::Contact };
        talk.messages_left -= 1;
        self.wait(talk, at, number);
    }

    fn answer(&mut self, talk: &mut Talk, at: i64) {
        let is_first = talk.agent.is_none();
        // The square makes some agents much busier than others.
        let drawn = (self.dice.share().powi(2) * self.shop.agents.len() as f64) as usize;
        let place = *talk.agent.get_or_insert(drawn);
        let (person, name) =
            self.shop.agents.get(place).cloned().unwrap_or((PersonId([0; 16]), String::new()));
        let actor = Actor { side: Side::Agent, id: Some(person.text()), name: Some(name.clone()) };
        if is_first && self.dice.happens(0.8) {
            let assignee = Some(Some((person, name)));
            let change = Change { assignee, ..self.change(talk.conversation, actor.clone(), at) };
            talk.history.change(&change, &mut self.rows);
        }
        if talk.last_side == Side::Contact {
            talk.history.read(Reader::Agent, actor.clone(), at, &mut self.rows);
        }
        let append = Append { author: person.0, actor, owner: None, ..self.message(talk.contact, at) };
        talk.history.say(&append, &mut self.rows);
    }

    /// Nobody has anything to add; most are resolved then.
    fn close(&mut self, mut talk: Talk, at: i64) {
        let drawn = self.dice.share();
        let status = if drawn < 0.85 {
            Status::Resolved
        } else if drawn < 0.89 {
            Status::Pending
        } else if drawn < 0.91 {
            Status::Snoozed
        } else {
            Status::Open
        };
        let until = (status == Status::Snoozed).then_some(self.now_ms + 30 * DAY_MS);
        let actor = Actor { side: Side::System, id: None, name: None };
        let change = Change { status: Some((status, until)), ..self.change(talk.conversation, actor, at) };
        talk.history.change(&change, &mut self.rows);
        talk.history.end(&mut self.rows);
        if status == Status::Resolved {
            self.settled.push(talk.contact);
        }
    }

    fn change(&self, conversation: ConversationId, actor: Actor, at: i64) -> Change {
        let workspace = self.shop.workspace;
        Change { workspace, conversation, status: None, assignee: None, actor, now_ms: at }
    }

    /// Most go on in minutes, some on another day.
    fn wait(&mut self, talk: Talk, at: i64, number: u32) {
        let mean_ms = if self.dice.happens(0.9) { 600_000.0 } else { 40_000_000.0 };
        let next_at = at + 1 + self.dice.gap(mean_ms) as i64;
        self.talks.insert((next_at, number), talk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_about_what_was_asked_for_in_the_order_of_the_feed() {
        let shop = Shop {
            workspace: WorkspaceId([1; 16]),
            division: DivisionId([2; 16]),
            campaign: CampaignId([3; 16]),
            agents: vec![(PersonId([4; 16]), "Olga".into()), (PersonId([5; 16]), "Ole".into())],
        };
        let size = Size { conversations: 500, messages: 5_000 };
        let mut year = Year::new(shop, size, 1_800_000_000_000);

        while year.go_on() {}

        let rows = &year.rows;
        assert_eq!(rows.conversations.len(), 500);
        assert!((4_200..5_800).contains(&rows.messages.len()), "{}", rows.messages.len());
        assert_eq!(rows.events.len() as u64, rows.feed_seq);
        assert!(rows.contacts.len() < 500);
    }
}
