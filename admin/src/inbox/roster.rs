//! The rows of the list and what an event does to them. Rules only: no screen, no network.

use std::collections::HashMap;

use protocol::api::{ConversationRow, LastMessage, MessageAuthor};
use protocol::client::is_said_by;
use protocol::event::{Event, EventBody, Reader, ReceiptState, Status};
use protocol::ids::{ConversationId, PersonId};
use protocol::message::{Actor, Side};

use crate::place::{Filter, View};

/// A list may grow longer than this only while somebody looks further down.
const MANY_ROWS: usize = 500;
/// Fewer rows than this may not fill the screen.
const FEW_ROWS: usize = 20;
const PREVIEW_CHARS: usize = 200;

/// Whether the list may move under the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Free,
    /// Somebody points at the list or has scrolled: news wait behind the pill.
    Held,
}

/// What the caller must do after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// The list cannot know the row from the event alone.
    Fetch(ConversationId),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Roster {
    pub(crate) rows: Vec<ConversationRow>,
    pub(crate) next_cursor: Option<String>,
    /// Conversations that belong at the top and wait for the pill, the newest last.
    arrivals: Vec<ConversationRow>,
    /// The contact's last message of every conversation heard of, to know what a receipt leaves unread.
    last_said: HashMap<ConversationId, u64>,
}

/// Whether a row belongs into a list. A search is the relay's business.
pub(crate) fn belongs(row: &ConversationRow, filter: &Filter, me: PersonId) -> bool {
    let assignee = row.assignee.as_ref().map(|assignee| assignee.id);
    let view_fits = match filter.view {
        View::Mine => assignee == Some(me),
        View::Unassigned => assignee.is_none(),
        View::All => true,
    };
    view_fits && row.status == filter.status
}

/// Whether a row on screen knows events that one just read does not.
pub(crate) fn is_ahead(known: &ConversationRow, read: &ConversationRow) -> bool {
    known.id == read.id
        && known.position.epoch == read.position.epoch
        && known.position.seq > read.position.seq
}

fn preview(text: &str) -> String {
    text.chars().take(PREVIEW_CHARS).collect()
}

/// Who of us it was.
fn author(actor: &Actor) -> Option<MessageAuthor> {
    let id = actor.id.as_deref().filter(|_| actor.side == Side::Agent)?.parse().ok()?;
    Some(MessageAuthor { id, name: actor.name.clone().unwrap_or_default() })
}

/// Changes a row by what happened. `last_said` is the contact's last message as far as it is known. `Fetch` when that does not
/// say enough.
pub(crate) fn update_row(row: &mut ConversationRow, event: &Event, last_said: Option<u64>) -> Need {
    if event.epoch == row.position.epoch && event.seq <= row.position.seq {
        return Need::Nothing;
    }
    row.position.epoch.clone_from(&event.epoch);
    row.position.seq = event.seq;
    match &event.body {
        EventBody::Message(message) => {
            let text = preview(message.body.words());
            let (side, author) = (event.actor.side, author(&event.actor));
            row.last_message = Some(LastMessage { side, author, text, at: event.at.clone() });
            row.updated_at.clone_from(&event.at);
            match event.actor.side {
                Side::Contact => {
                    row.unread += 1;
                    row.waiting_since.get_or_insert_with(|| event.at.clone());
                }
                Side::Agent => row.waiting_since = None,
                Side::System => {}
            }
        }
        EventBody::Note(_) => row.updated_at.clone_from(&event.at),
        EventBody::Status(change) => {
            row.status = change.status;
            row.snoozed_until = change.until.clone().filter(|_| change.status == Status::Snoozed);
        }
        EventBody::Assigned(assignment) => row.assignee.clone_from(&assignment.assignee),
        EventBody::Delivery(receipt)
            if receipt.by == Reader::Agent && receipt.state == ReceiptState::Read =>
        {
            // Everything that was said before this event was read, or else somebody read only part of it.
            if row.unread > 0 && receipt.up_to < last_said.unwrap_or(event.seq.saturating_sub(1)) {
                return Need::Fetch(row.id);
            }
            row.unread = 0;
        }
        EventBody::Delivery(_) | EventBody::Unknown => {}
    }
    Need::Nothing
}

impl Roster {
    pub(crate) fn find(&self, id: ConversationId) -> Option<&ConversationRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub(crate) fn last_said(&self, id: ConversationId) -> Option<u64> {
        self.last_said.get(&id).copied()
    }

    pub(crate) fn is_overgrown(&self) -> bool {
        self.rows.len() > MANY_ROWS
    }

    /// Whether few are left of what has been loaded, and there is more.
    pub(crate) fn is_running_out(&self) -> bool {
        self.rows.len() < FEW_ROWS && self.next_cursor.is_some()
    }

    pub(crate) fn arrival_count(&self) -> usize {
        self.arrivals.len()
    }

    /// A fresh first page.
    pub(crate) fn replace(&mut self, rows: Vec<ConversationRow>, next_cursor: Option<String>) {
        *self =
            Self { rows, next_cursor, arrivals: Vec::new(), last_said: std::mem::take(&mut self.last_said) };
    }

    /// The page after the last row. A row that moved meanwhile may come twice; the one on screen stays.
    pub(crate) fn extend(&mut self, rows: Vec<ConversationRow>, next_cursor: Option<String>) {
        for row in rows {
            if self.find(row.id).is_none() {
                self.rows.push(row);
            }
        }
        self.next_cursor = next_cursor;
    }

    /// Takes note of an event of any conversation.
    pub(crate) fn apply(&mut self, event: &Event, movement: Movement) -> Need {
        let id = event.conv;
        if is_said_by(event, Side::Contact) {
            self.last_said.insert(id, event.seq);
        }
        let last_said = self.last_said(id);
        if let Some(row) = self.arrivals.iter_mut().find(|row| row.id == id) {
            update_row(row, event, last_said);
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.id == id) else {
            let is_news = !matches!(event.body, EventBody::Delivery(_) | EventBody::Unknown);
            return if is_news && self.arrivals.iter().all(|row| row.id != id) {
                Need::Fetch(id)
            } else {
                Need::Nothing
            };
        };
        let need = update_row(row, event, last_said);
        if matches!(event.body, EventBody::Message(_)) {
            let row = row.clone();
            self.raise(row, movement);
        }
        need
    }

    /// Takes in a row read from the relay, whether it was here or not.
    pub(crate) fn place(&mut self, row: ConversationRow, filter: &Filter, me: PersonId, movement: Movement) {
        self.arrivals.retain(|arrival| arrival.id != row.id);
        if let Some(known) = self.rows.iter_mut().find(|known| known.id == row.id) {
            if !is_ahead(known, &row) {
                *known = row;
            }
        } else if filter.query.is_empty() && belongs(&row, filter, me) {
            self.raise(row, movement);
        }
    }

    /// Puts a row where the newest activity belongs: at the top, or behind the pill.
    fn raise(&mut self, row: ConversationRow, movement: Movement) {
        let is_on_top = self.rows.first().is_some_and(|first| first.id == row.id);
        if is_on_top {
            return;
        }
        match movement {
            Movement::Free => {
                self.rows.retain(|known| known.id != row.id);
                self.rows.insert(0, row);
            }
            Movement::Held => {
                self.arrivals.retain(|arrival| arrival.id != row.id);
                self.arrivals.push(row);
            }
        }
    }

    /// Lets everything behind the pill into the list.
    pub(crate) fn admit(&mut self) {
        for row in std::mem::take(&mut self.arrivals) {
            let row = self.find(row.id).cloned().unwrap_or(row);
            self.raise(row, Movement::Free);
        }
    }

    /// Drops rows that no longer belong, save the one being read: it must not vanish under the reader.
    pub(crate) fn sift(&mut self, filter: &Filter, me: PersonId, reading: Option<ConversationId>) {
        if filter.query.is_empty() {
            self.rows.retain(|row| Some(row.id) == reading || belongs(row, filter, me));
            self.arrivals.retain(|row| belongs(row, filter, me));
        }
    }

    /// The row before or after another one, or the first row when there is none to start from.
    pub(crate) fn neighbour(&self, of: Option<ConversationId>, step: Step) -> Option<ConversationId> {
        let current = of.and_then(|id| self.rows.iter().position(|row| row.id == id));
        let at = match (current, step) {
            (None, _) => 0,
            (Some(at), Step::Next) => at + 1,
            (Some(at), Step::Previous) => at.checked_sub(1)?,
        };
        self.rows.get(at).map(|row| row.id)
    }

    /// Conversations with something unread that this person should see to.
    pub(crate) fn unread_for(&self, me: PersonId) -> usize {
        let is_mine = |row: &&ConversationRow| row.assignee.as_ref().is_none_or(|assignee| assignee.id == me);
        self.rows.iter().filter(|row| row.unread > 0).filter(is_mine).count()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Next,
    Previous,
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
