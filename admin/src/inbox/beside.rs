//! What is loaded beside the list and the thread: how many conversations there are, and who can be given one.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Counts, Person};
use protocol::ids::ConversationId;

use super::state::Inbox;
use crate::api;

/// Events come in bursts; counts are read once after each.
const COUNTS_AFTER_MS: u32 = 400;

/// A contact who comes to another page says several things at once.
const ROW_AFTER_MS: u32 = 500;

/// What could not be loaded, in words; it is asked for again when the connection is back.
#[derive(Clone, Copy, Default)]
pub(super) struct Failures {
    pub(super) counts: RwSignal<Option<String>>,
    pub(super) people: RwSignal<Option<String>>,
}

impl Inbox {
    pub(crate) fn load_counts(self) {
        spawn_local(async move {
            match api::read::<Counts>("/api/conversations/counts").await {
                Ok(counts) => {
                    self.counts.set(Some(counts));
                    self.failures.counts.set(None);
                }
                Err(failure) => self.failures.counts.set(Some(failure.words())),
            }
        });
    }

    pub(super) fn load_counts_soon(self) {
        let timer = Timeout::new(COUNTS_AFTER_MS, move || {
            self.load_counts();
            self.trim_list();
        });
        self.counts_timer.set_value(Some(timer));
    }

    /// Reads the open conversation again, with what is known of its contact now.
    pub(super) fn load_row_soon(self, id: ConversationId) {
        let timer = Timeout::new(ROW_AFTER_MS, move || {
            if self.current.try_get_untracked().flatten() == Some(id) {
                self.load_row(id);
            }
        });
        self.row_timer.set_value(Some(timer));
    }

    pub(crate) fn load_people(self) {
        spawn_local(async move {
            match api::read_all::<Person>("/api/people").await {
                Ok(people) => {
                    self.people.set(people);
                    self.failures.people.set(None);
                }
                Err(failure) => self.failures.people.set(Some(failure.words())),
            }
        });
    }

    /// Does what could not be done while there was no connection.
    pub(super) fn make_good(self) {
        if self.failures.counts.with_untracked(Option::is_some) {
            self.load_counts();
        }
        if self.failures.people.with_untracked(Option::is_some) {
            self.load_people();
        }
        self.confirm_waiting();
    }
}
