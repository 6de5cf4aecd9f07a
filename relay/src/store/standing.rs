//! What writing does to a conversation, the same on every database: a step changes a [`Standing`] and gives the events that
//! follow from it. Pure; the databases load a standing, lock it, and store both in one transaction.

use protocol::event::{Assignee, Assignment, EventBody, Reader, Receipt, ReceiptState, Status, StatusChange};
use protocol::ids::{ContactId, ConversationId, DivisionId, PersonId, WorkspaceId};
use protocol::message::{Actor, Message, Side};

use super::{Append, Change, Changed, Mark, StoredEvent};
use crate::clock::rfc3339;
use crate::inbox::{conversation, message, visibility};

/// A conversation's row as writers need it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) workspace: WorkspaceId,
    pub(super) division: DivisionId,
    pub(super) conversation: ConversationId,
    pub(super) contact: ContactId,
    pub(super) status: Status,
    pub(super) snoozed_until: Option<i64>,
    pub(super) assignee: Option<PersonId>,
    pub(super) last_seq: u64,
    /// The last event the visitor may see.
    pub(super) last_visible_seq: u64,
    /// What orders the list; receipts leave it alone.
    pub(super) last_at: i64,
    /// When the last event happened, whatever it was.
    pub(super) last_event_at: i64,
    /// The contact, hearing agents.
    pub(super) contact_heard: Heard,
    /// The agents, hearing the contact.
    pub(super) agents_heard: Heard,
    /// The contact waits for an answer since then.
    pub(super) waiting_since: Option<i64>,
    /// The message said in this step, for the list: by whom, its first words, when.
    pub(super) said: Option<(Side, String, i64)>,
}

/// How far one side has come with what the other said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heard {
    /// The last message of the other side.
    pub(super) last_said: u64,
    pub(super) delivered: u64,
    pub(super) read: u64,
    pub(super) unread: u64,
}

/// A mark was moved.
pub(super) struct Marked {
    pub(super) event: StoredEvent,
    /// What is unread now must be counted: messages of this side after this number.
    pub(super) recount: Option<(Side, u64)>,
}

impl Standing {
    /// A conversation nothing has happened in yet.
    pub(super) fn fresh(
        append: &Append,
        division: DivisionId,
        contact: ContactId,
        id: ConversationId,
    ) -> Self {
        Self {
            workspace: append.workspace,
            division,
            conversation: id,
            contact,
            status: Status::Open,
            snoozed_until: None,
            assignee: None,
            last_seq: 0,
            last_visible_seq: 0,
            last_at: 0,
            last_event_at: 0,
            contact_heard: Heard::default(),
            agents_heard: Heard::default(),
            waiting_since: None,
            said: None,
        }
    }

    /// Where the conversation and its feed stand, for the hint.
    pub(super) fn changed(&self, feed_seq: u64) -> Changed {
        Changed {
            conversation: self.conversation,
            division: self.division,
            last_seq: self.last_seq,
            feed_seq,
        }
    }

    /// Somebody says something: the message or note, and what it does to the status.
    pub(super) fn say(&mut self, append: &Append) -> Vec<StoredEvent> {
        let said = Message {
            msg: append.message,
            cmid: append.cmid,
            body: append.body.clone(),
            reply_to: append.reply_to,
        };
        if append.is_note {
            let event = self.add(&append.actor, EventBody::Note(said), append.now_ms);
            self.last_at = event.at_ms;
            return vec![event];
        }
        let event = self.add(&append.actor, EventBody::Message(said), append.now_ms);
        self.said = Some((append.actor.side, message::preview(&append.body), event.at_ms));
        if append.actor.side == Side::Contact {
            self.agents_heard.last_said = event.seq;
            self.agents_heard.unread += 1;
            self.waiting_since.get_or_insert(event.at_ms);
        } else {
            self.contact_heard.last_said = event.seq;
            self.contact_heard.unread += 1;
            self.waiting_since = None;
        }
        let mut events = vec![event];
        let next = conversation::after_message(self.status, append.actor.side);
        if next != self.status {
            let system = Actor { side: Side::System, id: None, name: None };
            let change = EventBody::Status(StatusChange { status: next, until: None });
            events.push(self.add(&system, change, append.now_ms));
            self.status = next;
        }
        self.snoozed_until = None;
        self.last_at = self.last_event_at;
        events
    }

    /// Moves a reader's mark forward; `None` when it is there already.
    pub(super) fn mark(&mut self, mark: &Mark) -> Option<Marked> {
        if mark.owner.is_some_and(|owner| owner != self.contact) {
            return None;
        }
        let (heard, from) = match mark.reader {
            Reader::Contact => (&mut self.contact_heard, Side::Agent),
            Reader::Agent => (&mut self.agents_heard, Side::Contact),
        };
        // Only what the other side said can be received or read; marks of marks would never end.
        let up_to = mark.up_to.min(heard.last_said);
        let known = match mark.state {
            ReceiptState::Delivered => heard.delivered.max(heard.read),
            ReceiptState::Read => heard.read,
        };
        if up_to <= known {
            return None;
        }
        heard.delivered = heard.delivered.max(up_to);
        let mut recount = None;
        if mark.state == ReceiptState::Read {
            heard.read = up_to;
            heard.unread = 0;
            recount = (up_to < heard.last_said).then_some((from, up_to));
        }
        let receipt = EventBody::Delivery(Receipt { by: mark.reader, state: mark.state, up_to });
        let event = self.add(&mark.actor, receipt, mark.now_ms);
        Some(Marked { event, recount })
    }

    /// What a mark left unread, counted.
    pub(super) fn set_unread(&mut self, reader: Reader, unread: u64) {
        match reader {
            Reader::Contact => self.contact_heard.unread = unread,
            Reader::Agent => self.agents_heard.unread = unread,
        }
    }

    /// Whether a change would open a resolved conversation. A contact has one open at a time, so the caller must look for another.
    pub(super) fn would_reopen(&self, change: &Change) -> bool {
        self.status == Status::Resolved && change.status.is_some_and(|(status, _)| status != Status::Resolved)
    }

    /// Changes status or assignment. What is already so changes nothing.
    pub(super) fn change(&mut self, change: &Change, has_another_open: bool) -> Vec<StoredEvent> {
        let mut events = Vec::new();
        let reopens_beside_another = has_another_open && self.would_reopen(change);
        let wanted = change.status.filter(|_| !reopens_beside_another);
        let wanted = wanted.map(|(status, until)| (status, until.filter(|_| status == Status::Snoozed)));
        if let Some((status, until)) =
            wanted.filter(|(status, until)| *status != self.status || until.is_some())
        {
            let body = EventBody::Status(StatusChange { status, until: until.map(rfc3339) });
            events.push(self.add(&change.actor, body, change.now_ms));
            (self.status, self.snoozed_until) = (status, until);
            if status == Status::Resolved {
                self.waiting_since = None;
            }
        }
        if let Some(assignee) = &change.assignee
            && assignee.as_ref().map(|(id, _)| *id) != self.assignee
        {
            let named = assignee.as_ref().map(|(id, name)| Assignee { id: *id, name: name.clone() });
            let body = EventBody::Assigned(Assignment { assignee: named });
            events.push(self.add(&change.actor, body, change.now_ms));
            self.assignee = assignee.as_ref().map(|(id, _)| *id);
        }
        if !events.is_empty() {
            self.last_at = self.last_event_at;
        }
        events
    }

    /// Adds an event after all others. Its feed number is the database's to give.
    fn add(&mut self, actor: &Actor, body: EventBody, now_ms: i64) -> StoredEvent {
        let event = StoredEvent {
            workspace: self.workspace,
            division: self.division,
            conversation: self.conversation,
            seq: self.last_seq + 1,
            feed_seq: 0,
            visible_before: self.last_visible_seq,
            is_visible: visibility::is_visible_to_visitor(&body),
            actor: actor.clone(),
            // Order is seq; time only never runs backwards beside it.
            at_ms: now_ms.max(self.last_event_at),
            body,
        };
        self.last_seq = event.seq;
        self.last_event_at = event.at_ms;
        if event.is_visible {
            self.last_visible_seq = event.seq;
        }
        event
    }
}
