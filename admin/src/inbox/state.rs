//! The inbox as one store: list, counts and the open conversation, kept current by what the connection tells.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Conversation, ConversationChange, ConversationRow, Counts, Page, Person};
use protocol::client::{Input, Link};
use protocol::frame::Mark;
use protocol::ids::{ConversationId, PersonId, WorkspaceId};

use super::beside::Failures;
use super::composer::Mode;
use super::receipts::Receipts;
use super::roster::{Movement, Roster, belongs, is_ahead};
use crate::api::{self, Failure};
use crate::place::{Filter, Place, percent_encode};
use crate::session::Seat;
use crate::settings::preferences::Preferences;
use crate::socket::Live;
use crate::ui::toast::Toasts;

const PAGE: u32 = 40;
const EVENTS_PAGE: u32 = 60;

/// How a load went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Load {
    Loading,
    Ready,
    Failed(String),
}

/// What a shortcut asks of a part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Compose(Mode),
    Assign,
    Search,
}

#[derive(Clone, Copy)]
pub(crate) struct Inbox {
    pub(crate) live: Live,
    pub(crate) seat: Seat,
    pub(crate) toasts: Toasts,
    pub(super) preferences: Preferences,
    go: Callback<Place>,
    pub(crate) filter: Memo<Filter>,
    pub(crate) current: Memo<Option<ConversationId>>,
    pub(crate) roster: RwSignal<Roster>,
    pub(crate) list_load: RwSignal<Load>,
    pub(crate) is_loading_more: RwSignal<bool>,
    pub(crate) counts: RwSignal<Option<Counts>>,
    pub(crate) open: RwSignal<Option<Conversation>>,
    pub(crate) thread_load: RwSignal<Load>,
    pub(crate) people: RwSignal<Vec<Person>>,
    pub(crate) movement: RwSignal<Movement>,
    pub(crate) ask: RwSignal<Option<Ask>>,
    /// Which answer of the list is the one asked for last.
    list_turn: StoredValue<u64>,
    pub(super) counts_timer: StoredValue<Option<Timeout>, LocalStorage>,
    pub(super) row_timer: StoredValue<Option<Timeout>, LocalStorage>,
    pub(super) failures: Failures,
    pub(super) receipts: StoredValue<Receipts>,
    /// The last position told as read, so that it is told once.
    told_read: StoredValue<Option<Mark>>,
}

impl Inbox {
    pub(crate) fn start(seat: Seat, place: Memo<Place>, go: Callback<Place>) -> Self {
        let me = seat.me.with_untracked(|me| me.id);
        let slot = StoredValue::new(None::<Self>);
        let news = Callback::new(move |news| {
            if let Some(inbox) = slot.try_get_value().flatten() {
                inbox.hear(news);
            }
        });
        let filter = Memo::new(move |last: Option<&Filter>| match place.get() {
            Place::Inbox { filter, .. } => filter,
            _ => last.cloned().unwrap_or_default(),
        });
        let current = Memo::new(move |_| match place.get() {
            Place::Inbox { conversation, .. } => conversation,
            _ => None,
        });
        let inbox = Self {
            live: Live::start(me, news),
            seat,
            toasts: expect_context(),
            preferences: expect_context(),
            go,
            filter,
            current,
            roster: RwSignal::default(),
            list_load: RwSignal::new(Load::Loading),
            is_loading_more: RwSignal::new(false),
            counts: RwSignal::new(None),
            open: RwSignal::new(None),
            thread_load: RwSignal::new(Load::Loading),
            people: RwSignal::new(Vec::new()),
            movement: RwSignal::new(Movement::Free),
            ask: RwSignal::new(None),
            list_turn: StoredValue::new(0),
            counts_timer: StoredValue::new_local(None),
            row_timer: StoredValue::new_local(None),
            failures: Failures::default(),
            receipts: StoredValue::default(),
            told_read: StoredValue::new(None),
        };
        slot.set_value(Some(inbox));
        Effect::new(move |_| {
            filter.track();
            inbox.load_list();
        });
        Effect::new(move |_| inbox.show(current.get()));
        Effect::new(move |_| {
            if inbox.live.link.get() == Link::Live {
                inbox.make_good();
            }
        });
        inbox.load_counts();
        inbox.load_people();
        inbox
    }

    pub(crate) fn me(self) -> PersonId {
        self.seat.me.with_untracked(|me| me.id)
    }

    pub(crate) fn workspace(self) -> WorkspaceId {
        self.seat.me.with_untracked(|me| me.workspace.id)
    }

    // Where to.

    pub(crate) fn go(self, place: Place) {
        self.go.run(place);
    }

    /// The address of a conversation in the list as it is.
    pub(crate) fn path_of(self, conversation: Option<ConversationId>) -> String {
        Place::Inbox { filter: self.filter.get(), conversation }.path(self.workspace())
    }

    pub(crate) fn select(self, conversation: Option<ConversationId>) {
        self.go(Place::Inbox { filter: self.filter.get_untracked(), conversation });
    }

    // Loading.

    pub(crate) fn load_list(self) {
        let turn = self.next_list_turn();
        if self.list_load.get_untracked() != Load::Ready || self.roster.with_untracked(|r| r.rows.is_empty())
        {
            self.list_load.set(Load::Loading);
        }
        let filter = self.filter.get_untracked();
        spawn_local(async move {
            let answer = api::read::<Page<ConversationRow>>(&list_path(&filter, None)).await;
            if self.list_turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.roster.update(|roster| roster.replace(page.items, page.next_cursor));
                    self.list_load.set(Load::Ready);
                }
                Err(failure) => self.list_load.set(Load::Failed(failure.words())),
            }
        });
    }

    pub(crate) fn load_more(self) {
        let Some(cursor) = self.roster.with_untracked(|roster| roster.next_cursor.clone()) else { return };
        if self.is_loading_more.get_untracked() {
            return;
        }
        self.is_loading_more.set(true);
        let turn = self.list_turn.get_value();
        let path = list_path(&self.filter.get_untracked(), Some(&cursor));
        spawn_local(async move {
            let answer = api::read::<Page<ConversationRow>>(&path).await;
            self.is_loading_more.set(false);
            if self.list_turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => self.roster.update(|roster| roster.extend(page.items, page.next_cursor)),
                Err(failure) => self.toasts.say(failure.words()),
            }
        });
    }

    /// A list grown long begins anew with its first page while nobody looks further down.
    pub(super) fn trim_list(self) {
        let is_free = self.movement.get_untracked() == Movement::Free;
        if is_free && self.roster.with_untracked(Roster::is_overgrown) {
            self.load_list();
        }
    }

    fn next_list_turn(self) -> u64 {
        self.list_turn.update_value(|turn| *turn += 1);
        self.list_turn.get_value()
    }

    /// Shows a conversation: its facts, and its events unless they are followed already.
    fn show(self, id: Option<ConversationId>) {
        self.open.update(|open| {
            if open.as_ref().map(|open| open.row.id) != id {
                *open = None;
            }
        });
        let Some(id) = id else {
            self.sift();
            return;
        };
        self.sift();
        let is_followed = self.live.with_client(|client| client.timeline(id).is_some()) == Some(true);
        self.thread_load.set(if is_followed { Load::Ready } else { Load::Loading });
        self.load_row(id);
        if !is_followed {
            self.load_events(id);
        }
    }

    pub(crate) fn reload_thread(self) {
        if let Some(id) = self.current.get_untracked() {
            self.thread_load.set(Load::Loading);
            self.load_row(id);
            self.load_events(id);
        }
    }

    pub(super) fn load_row(self, id: ConversationId) {
        spawn_local(async move {
            match api::read::<Conversation>(&format!("/api/conversations/{id}")).await {
                Ok(conversation) => {
                    let row = conversation.row.clone();
                    if self.current.try_get_untracked().flatten() == Some(id) {
                        self.open.update(|open| refresh(open, conversation));
                    }
                    self.take_in(row);
                }
                Err(failure) => self.tell_if_current(id, &failure),
            }
        });
    }

    fn tell_if_current(self, id: ConversationId, failure: &Failure) {
        let is_current = self.current.try_get_untracked().flatten() == Some(id);
        if is_current && self.open.with_untracked(Option::is_none) {
            self.thread_load.set(Load::Failed(failure.words()));
        }
    }

    pub(super) fn load_events(self, id: ConversationId) {
        spawn_local(async move {
            match api::events(&format!("/api/conversations/{id}/events?limit={EVENTS_PAGE}")).await {
                Ok(page) => {
                    let (epoch, seq) = (page.as_of.epoch, page.as_of.seq);
                    let has_older = page.has_older;
                    self.live.give(Input::Snapshot { conv: id, epoch, events: page.items, seq, has_older });
                    if self.current.try_get_untracked().flatten() == Some(id) {
                        self.thread_load.set(Load::Ready);
                    }
                }
                Err(failure) => {
                    if self.current.try_get_untracked().flatten() == Some(id) {
                        self.thread_load.set(Load::Failed(failure.words()));
                    }
                }
            }
        });
    }

    /// Loads the page before the first event on screen. `done` runs whatever the answer.
    pub(crate) fn load_older(self, id: ConversationId, before: u64, done: Callback<()>) {
        spawn_local(async move {
            match api::events(&format!("/api/conversations/{id}/events?before={before}&limit={EVENTS_PAGE}"))
                .await
            {
                Ok(page) => {
                    self.live.give(Input::Older { conv: id, events: page.items, has_older: page.has_older });
                }
                Err(failure) => self.toasts.say(failure.words()),
            }
            done.run(());
        });
    }

    // What the connection tells.

    fn take_in(self, row: ConversationRow) {
        let filter = self.filter.get_untracked();
        let movement = self.movement.get_untracked();
        self.roster.update(|roster| roster.place(row, &filter, self.me(), movement));
    }

    pub(super) fn sift(self) {
        let filter = self.filter.get_untracked();
        let reading = self.current.get_untracked();
        self.roster.update(|roster| roster.sift(&filter, self.me(), reading));
        // What was worked off makes room, and a list too short to scroll would never ask for more.
        if self.roster.with_untracked(Roster::is_running_out) {
            self.load_more();
        }
    }

    // What the person does.

    /// Changes a conversation. `done` gets the row as the relay has it now.
    pub(crate) fn change(
        self,
        id: ConversationId,
        change: ConversationChange,
        done: impl FnOnce(ConversationRow) + 'static,
    ) {
        spawn_local(async move {
            match api::patch::<_, ConversationRow>(&format!("/api/conversations/{id}"), &change).await {
                Ok(row) => {
                    self.open.update(|open| {
                        if let Some(open) = open.as_mut().filter(|open| open.row.id == id) {
                            open.row = row.clone();
                        }
                    });
                    let still_here = belongs(&row, &self.filter.get_untracked(), self.me());
                    self.take_in(row.clone());
                    if !still_here {
                        self.sift();
                    }
                    self.load_counts_soon();
                    done(row);
                }
                Err(failure) => self.toasts.say(failure.words()),
            }
        });
    }

    /// Tells the relay that everything up to `seq` was read, once.
    pub(crate) fn mark_read(self, conv: ConversationId, seq: u64) {
        let mark = Mark { conv, seq };
        let unread = self.roster.with_untracked(|roster| roster.find(conv).map_or(0, |row| row.unread))
            + self.open.with_untracked(|open| open.as_ref().map_or(0, |open| open.row.unread));
        if unread > 0 && self.told_read.get_value().as_ref() != Some(&mark) {
            self.told_read.set_value(Some(mark.clone()));
            self.live.give(Input::Read(mark));
        }
    }
}

/// Takes in what was read, save a row that events have overtaken on the way.
fn refresh(open: &mut Option<Conversation>, mut read: Conversation) {
    if let Some(known) = open.as_mut().filter(|known| is_ahead(&known.row, &read.row)) {
        std::mem::swap(&mut known.row, &mut read.row);
    }
    *open = Some(read);
}

fn list_path(filter: &Filter, cursor: Option<&str>) -> String {
    let mut path = format!("/api/conversations?limit={PAGE}");
    if filter.query.is_empty() {
        path.push_str(&format!("&status={}", filter.status.word()));
        if let Some(assignee) = filter.view.assignee() {
            path.push_str(&format!("&assignee={assignee}"));
        }
    } else {
        // A search looks everywhere: people remember words, not states.
        path.push_str(&format!("&q={}", percent_encode(&filter.query)));
    }
    if let Some(cursor) = cursor {
        path.push_str(&format!("&cursor={}", percent_encode(cursor)));
    }
    path
}
