//! The command palette: going anywhere, finding a conversation and acting on the open one, all by typing.

use gloo_timers::callback::Timeout;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{ConversationChange, ConversationRow, Page};
use protocol::event::Status;
use protocol::ids::ConversationId;
use web_sys::KeyboardEvent;

use crate::api;
use crate::inbox::state::Inbox;
use crate::place::{Filter, Place, View, percent_encode};
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::words;

const SEARCH_AFTER_MS: u32 = 200;
const MOST_FOUND: u32 = 8;
const LIST_ID: &str = "palette-list";

/// What happens when an entry is picked.
#[derive(Debug, Clone, PartialEq)]
enum Act {
    Go(Place),
    Open(ConversationId),
    SetStatus(ConversationId, Status),
    Take(ConversationId),
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    icon: Icon,
    name: String,
    /// More about it, on the same line.
    aside: String,
    act: Act,
}

impl Entry {
    fn new(icon: Icon, name: impl Into<String>, act: Act) -> Self {
        Self { icon, name: name.into(), aside: String::new(), act }
    }

    fn conversation(row: &ConversationRow) -> Self {
        let said = row.last_message.as_ref().map(|message| message.text.replace('\n', " "));
        Self {
            icon: Icon::Campaigns,
            name: row.contact.name.clone(),
            aside: said.unwrap_or_default(),
            act: Act::Open(row.id),
        }
    }
}

/// Whether every word that was typed is somewhere in a name.
fn fits(name: &str, typed: &str) -> bool {
    let name = name.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

/// The entry a key moves to; `None` for keys that mean something else.
fn step(key: &str, from: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some(if from < last { from + 1 } else { 0 }),
        "ArrowUp" => Some(from.checked_sub(1).unwrap_or(last)),
        _ => None,
    }
}

/// What can be done about the open conversation.
fn conversation_acts(inbox: Inbox) -> Vec<Entry> {
    let open = inbox.open.with(|open| {
        open.as_ref().map(|open| {
            (open.row.id, open.row.status, open.row.assignee.as_ref().map(|assignee| assignee.id))
        })
    });
    let Some((id, status, assignee)) = open else { return Vec::new() };
    let status = if status == Status::Resolved {
        Entry::new(Icon::Reopen, words::reopen_conversation(), Act::SetStatus(id, Status::Open))
    } else {
        Entry::new(Icon::Check, words::resolve_conversation(), Act::SetStatus(id, Status::Resolved))
    };
    let take = (assignee != Some(inbox.me()))
        .then(|| Entry::new(Icon::Person, words::assign_to_me(), Act::Take(id)));
    std::iter::once(status).chain(take).collect()
}

/// Where one can go.
fn places(inbox: Inbox) -> Vec<Entry> {
    let list = |name: &str, view: View, status: Status| {
        let filter = Filter { view, status, query: String::new() };
        let place = Place::Inbox { filter, conversation: None };
        Entry::new(Icon::Inbox, words::inbox_of(name), Act::Go(place))
    };
    let mut entries: Vec<Entry> =
        View::ALL.into_iter().map(|view| list(words::view(view), view, Status::Open)).collect();
    let others = Status::ALL.iter().copied().filter(|status| *status != Status::Open);
    entries.extend(others.map(|status| list(words::status(status), View::All, status)));
    if inbox.seat.may_supervise() {
        entries.push(Entry::new(Icon::Campaigns, words::campaigns(), Act::Go(Place::Campaigns)));
    }
    if inbox.seat.is_admin() {
        entries.push(Entry::new(Icon::Plus, words::new_campaign(), Act::Go(Place::NewCampaign)));
    }
    entries.push(Entry::new(Icon::People, words::people(), Act::Go(Place::People)));
    entries.push(Entry::new(Icon::Key, words::settings(), Act::Go(Place::Settings)));
    entries
}

/// How far the search for what was typed has come.
#[derive(Debug, Clone, PartialEq)]
enum Search {
    Idle,
    Running,
    Done(Vec<Entry>),
    Failed(String),
}

#[derive(Clone, Copy)]
struct Finder {
    inbox: Inbox,
    is_open: RwSignal<bool>,
    typed: RwSignal<String>,
    search: RwSignal<Search>,
    chosen: RwSignal<usize>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Finder {
    fn start(is_open: RwSignal<bool>) -> Self {
        Self {
            inbox: expect_context(),
            is_open,
            typed: RwSignal::new(String::new()),
            search: RwSignal::new(Search::Idle),
            chosen: RwSignal::new(0),
            timer: StoredValue::new_local(None),
        }
    }

    fn entries(self) -> Vec<Entry> {
        let mut entries = conversation_acts(self.inbox);
        entries.extend(places(self.inbox));
        self.typed.with(|typed| entries.retain(|entry| fits(&entry.name, typed)));
        self.search.with(|search| {
            if let Search::Done(found) = search {
                entries.extend_from_slice(found);
            }
        });
        entries
    }

    fn take(self, text: String) {
        let query = text.trim().to_owned();
        self.chosen.set(0);
        self.typed.set(text);
        if query.is_empty() {
            self.timer.set_value(None);
            self.search.set(Search::Idle);
        } else {
            // What was found for other words goes at once: Enter must not open it.
            self.search.set(Search::Running);
            self.timer.set_value(Some(Timeout::new(SEARCH_AFTER_MS, move || self.look_for(query))));
        }
    }

    fn look_for(self, query: String) {
        spawn_local(async move {
            let path = format!("/api/conversations?limit={MOST_FOUND}&q={}", percent_encode(&query));
            let answer = api::read::<Page<ConversationRow>>(&path).await;
            // The palette may be closed by now, or other words typed.
            if self.typed.try_with_untracked(|typed| typed.trim() == query) != Some(true) {
                return;
            }
            self.search.set(match answer {
                Ok(page) => Search::Done(page.items.iter().map(Entry::conversation).collect()),
                Err(failure) => Search::Failed(failure.words()),
            });
        });
    }

    fn choose(self, at: usize) {
        self.chosen.set(at);
        request_animation_frame(move || {
            if let Some(option) = document().get_element_by_id(&option_id(at)) {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }

    fn run(self, act: Act) {
        let inbox = self.inbox;
        self.is_open.set(false);
        match act {
            Act::Go(place) => inbox.go(place),
            Act::Open(id) => inbox.select(Some(id)),
            Act::SetStatus(id, status) => inbox.set_status(id, status, None),
            Act::Take(id) => {
                let assignee = Some(Some(inbox.me()));
                let change = ConversationChange { assignee, ..ConversationChange::default() };
                inbox.change(id, change, move |_| inbox.toasts.say(words::assigned_to_you()));
            }
        }
    }
}

fn option_id(at: usize) -> String {
    format!("palette-{at}")
}

#[component]
pub(crate) fn Palette(is_open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog is_open=is_open title=words::palette()>
            <FinderView is_open=is_open />
        </Dialog>
    }
}

/// A field that keeps the focus, and under it the list its arrow keys move through.
#[component]
fn FinderView(is_open: RwSignal<bool>) -> impl IntoView {
    let finder = Finder::start(is_open);
    let entries = Memo::new(move |_| finder.entries());
    let has_entries = Memo::new(move |_| entries.with(|entries| !entries.is_empty()));
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            input.focus().ok();
        }
    });
    let key = move |event: KeyboardEvent| {
        let (key, chosen) = (event.key(), finder.chosen.get_untracked());
        if event.is_composing() {
            return;
        }
        if let Some(next) = step(&key, chosen, entries.with_untracked(Vec::len)) {
            event.prevent_default();
            finder.choose(next);
        } else if key == "Enter" {
            event.prevent_default();
            if let Some(entry) = entries.with_untracked(|entries| entries.get(chosen).cloned()) {
                finder.run(entry.act);
            }
        }
    };
    view! {
        <div class="search">
            <Glyph icon=Icon::Search />
            <input
                type="text"
                class="search-input"
                node_ref=input
                role="combobox"
                aria-label=words::palette_hint()
                aria-autocomplete="list"
                aria-controls=LIST_ID
                aria-expanded=move || has_entries.get().to_string()
                aria-activedescendant=move || has_entries.get().then(|| option_id(finder.chosen.get()))
                placeholder=words::palette_hint()
                autocomplete="off"
                autofocus=true
                spellcheck="false"
                prop:value=finder.typed
                on:input=move |event| finder.take(event_target_value(&event))
                on:keydown=key
            />
        </div>
        <ul class="palette-list" id=LIST_ID role="listbox" aria-label=words::palette()>
            {move || entries.get().into_iter().enumerate().map(|(at, entry)| view! { <Choice finder=finder at=at entry=entry /> }).collect_view()}
        </ul>
        <p class="palette-state" role="status">{move || state_words(&finder.search.get(), has_entries.get())}</p>
    }
}

/// What there is to say beside the list.
fn state_words(search: &Search, has_entries: bool) -> Option<String> {
    match search {
        Search::Running => Some(words::searching().to_owned()),
        Search::Failed(why) => Some(why.clone()),
        Search::Idle | Search::Done(_) => (!has_entries).then(|| words::nothing_found().to_owned()),
    }
}

#[component]
fn Choice(finder: Finder, at: usize, entry: Entry) -> impl IntoView {
    let act = entry.act.clone();
    view! {
        <li
            class="palette-option"
            id=option_id(at)
            role="option"
            aria-selected=move || (finder.chosen.get() == at).to_string()
            on:click=move |_| finder.run(act.clone())
        >
            <Glyph icon=entry.icon />
            <span class="palette-name">{entry.name}</span>
            <span class="palette-aside">{entry.aside}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_anywhere_in_a_name_in_any_order() {
        assert!(fits("Inbox: Unassigned", "unas inb"));
        assert!(fits("Settings", ""));
        assert!(!fits("Settings", "set x"));
    }

    #[test]
    fn arrows_wrap_around_and_other_keys_are_left_alone() {
        for (key, from, expected) in [
            ("ArrowDown", 0, Some(1)),
            ("ArrowDown", 2, Some(0)),
            ("ArrowUp", 0, Some(2)),
            ("ArrowUp", 2, Some(1)),
            ("Home", 2, None),
        ] {
            assert_eq!(step(key, from, 3), expected, "{key} {from}");
        }
        assert_eq!(step("ArrowDown", 0, 0), None);
    }
}
