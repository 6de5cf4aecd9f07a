//! What the inbox does with news from the socket.

use leptos::prelude::*;
use protocol::client::is_said_by;
use protocol::event::{Event, EventBody};
use protocol::frame::{Presence, PresenceChange};
use protocol::message::Side;

use super::alerts::{self, Watch};
use super::roster::{Need, update_row};
use super::state::Inbox;
use crate::socket::News;
use crate::ui::browser;
use crate::words;

impl Inbox {
    pub(super) fn hear(self, news: News) {
        match news {
            News::Reload => {
                self.load_list();
                self.load_counts();
                self.load_people();
            }
            News::Load(id) => self.load_events(id),
            News::Event(event) => self.hear_event(&event),
            News::Presence(change) => self.hear_presence(&change),
            News::Refused => {}
        }
    }

    fn hear_event(self, event: &Event) {
        let need = self.roster.try_update(|roster| roster.apply(event, self.movement.get_untracked()));
        let last_said = self.roster.with_untracked(|roster| roster.last_said(event.conv));
        self.open.update(|open| {
            if let Some(open) = open.as_mut().filter(|open| open.row.id == event.conv) {
                update_row(&mut open.row, event, last_said);
            }
        });
        self.confirm_arrival(event);
        if let Some(Need::Fetch(id)) = need {
            self.load_row(id);
        }
        if matches!(event.body, EventBody::Status(_) | EventBody::Assigned(_)) {
            self.sift();
        }
        if !matches!(event.body, EventBody::Delivery(_) | EventBody::Unknown) {
            self.load_counts_soon();
        }
        // Whoever writes may have gone to another page before, or said their name.
        if is_said_by(event, Side::Contact) && self.current.get_untracked() == Some(event.conv) {
            self.load_row_soon(event.conv);
        }
        self.alert(event);
    }

    fn alert(self, event: &Event) {
        if !is_said_by(event, Side::Contact) {
            return;
        }
        let watch = Watch { is_hidden: browser::is_hidden(), reading: self.current.get_untracked() };
        let assignee = self.roster.with_untracked(|roster| {
            roster.find(event.conv).and_then(|row| row.assignee.as_ref().map(|assignee| assignee.id))
        });
        if watch.misses(event.conv) && assignee.is_none_or(|assignee| assignee == self.me()) {
            alerts::raise(
                event,
                self.preferences.choices.get_untracked(),
                Callback::new(move |id| self.select(Some(id))),
            );
        }
        if watch.sees(event.conv) {
            let name = event.actor.name.clone().unwrap_or_default();
            if let EventBody::Message(message) = &event.body {
                self.toasts.announce(words::said(&name, message.body.words()));
            }
        }
    }

    fn hear_presence(self, change: &PresenceChange) {
        if let Some(person) = change.person {
            // Somebody new has come.
            if self.people.with_untracked(|people| people.iter().all(|known| known.id != person)) {
                self.load_people();
            }
            self.people.update(|people| {
                if let Some(known) = people.iter_mut().find(|known| known.id == person) {
                    known.presence = change.state;
                }
            });
        }
        if let Some(contact) = change.contact {
            let is_online = change.state != Presence::Offline;
            self.roster.update(|roster| {
                for row in roster.rows.iter_mut().filter(|row| row.contact.id == contact) {
                    row.contact.is_online = is_online;
                }
            });
            let mut is_open = None;
            self.open.update(|open| {
                if let Some(open) = open.as_mut().filter(|open| open.row.contact.id == contact) {
                    open.row.contact.is_online = is_online;
                    is_open = Some(open.row.id);
                }
            });
            // Whoever comes, or goes on to another page, brings news of who and where they are.
            if let Some(id) = is_open {
                self.load_row_soon(id);
            }
        }
    }
}
