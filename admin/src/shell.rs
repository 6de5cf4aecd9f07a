//! What stands around every signed-in screen: the rail, the state of the connection, shortcuts and their sheet.

use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map, use_query_map};
use protocol::client::Link;
use wasm_bindgen::JsCast;

use crate::campaigns::page::{CampaignsPage, EditorPage, NewCampaignPage};
use crate::inbox::Mode;
use crate::inbox::page::InboxPage;
use crate::inbox::roster::Roster;
use crate::inbox::state::{Ask, Inbox};
use crate::palette::Palette;
use crate::people::page::PeoplePage;
use crate::place::{Place, Section};
use crate::session::{Seat, Session, Standing};
use crate::settings::page::SettingsPage;
use crate::shortcuts::{Command, Keys, Press};
use crate::ui::avatar::Avatar;
use crate::ui::browser;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::Empty;
use crate::words;

#[component]
pub(crate) fn Shell() -> impl IntoView {
    let session = expect_context::<Session>();
    let Standing::SignedIn(me) = session.standing.get_untracked() else { return ().into_any() };
    let seat = Seat { me: RwSignal::new(*me) };
    provide_context(seat);
    let place = read_place();
    let inbox = Inbox::start(seat, place, navigator(seat, place));
    provide_context(inbox);
    let is_sheet_open = RwSignal::new(false);
    let is_palette_open = RwSignal::new(false);
    listen(inbox, place, Overlays { is_sheet_open, is_palette_open });
    keep_title(inbox, place);
    let section = Memo::new(move |_| place.with(Place::section));
    view! {
        <div class="shell" data-deep=move || inbox.current.get().is_some().then_some("true")>
            <a class="skip" href="#main">{words::skip_to_content()}</a>
            <Rail section=section is_sheet_open=is_sheet_open />
            <main class="main" id="main" tabindex="-1">
                <LinkBar />
                <Screen place=place />
            </main>
            <Dialog is_open=is_sheet_open title=words::shortcuts()>
                <Sheet />
            </Dialog>
            <Palette is_open=is_palette_open />
        </div>
    }
    .into_any()
}

/// What lies over every screen.
#[derive(Clone, Copy)]
struct Overlays {
    is_sheet_open: RwSignal<bool>,
    is_palette_open: RwSignal<bool>,
}

impl Overlays {
    /// Opens or closes the palette; another dialog comes first.
    fn toggle_palette(self) {
        let is_open = self.is_palette_open.get_untracked();
        if is_open || document().query_selector("dialog[open]").ok().flatten().is_none() {
            self.is_palette_open.set(!is_open);
        }
    }
}

fn read_place() -> Memo<Place> {
    let params = use_params_map();
    let query = use_query_map();
    let location = use_location();
    Memo::new(move |_| {
        // The start page has no parameters; it is about to lead on to the inbox.
        let rest = params.with(|params| params.get("rest")).unwrap_or_default();
        if location.pathname.with(|path| path == "/") {
            return Place::inbox();
        }
        Place::read(&rest, query.with(|query| query.get("q")))
    })
}

/// Going somewhere. A search that is being typed leaves one step in the history, not one a letter.
fn navigator(seat: Seat, place: Memo<Place>) -> Callback<Place> {
    let navigate = StoredValue::new_local(use_navigate());
    Callback::new(move |to: Place| {
        let from = place.get_untracked();
        let replace = match (&from, &to) {
            (Place::Inbox { filter: from, .. }, Place::Inbox { filter: to, .. }) => {
                from.query != to.query && !from.query.is_empty()
            }
            _ => false,
        };
        let path = to.path(seat.me.with_untracked(|me| me.workspace.id));
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&path, options));
    })
}

/// One screen a place. The inbox and its store stay while conversations change.
#[component]
fn Screen(place: Memo<Place>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let screen = Memo::new(move |_| match place.get() {
        Place::Inbox { .. } => Place::inbox(),
        other => other,
    });
    move || {
        match screen.get() {
        Place::Inbox { .. } => view! { <InboxPage /> }.into_any(),
        Place::Campaigns | Place::NewCampaign | Place::Campaign(_) if !inbox.seat.may_supervise() => view! {
            <Empty icon=Icon::Lock title=words::no_permission() text=words::campaigns_need_supervisor() />
        }
        .into_any(),
        Place::Campaigns => view! { <CampaignsPage /> }.into_any(),
        Place::NewCampaign => view! { <NewCampaignPage /> }.into_any(),
        Place::Campaign(id) => view! { <EditorPage id=id /> }.into_any(),
        Place::People => view! { <PeoplePage /> }.into_any(),
        Place::Settings => view! { <SettingsPage /> }.into_any(),
        Place::Nowhere => view! {
            <Empty icon=Icon::Bird title=words::not_found() text=words::not_found_hint()>
                <a class="button" data-kind="primary" href=Place::inbox().path(inbox.workspace())>{words::to_inbox()}</a>
            </Empty>
        }
        .into_any(),
    }
    }
}

#[component]
fn Rail(section: Memo<Option<Section>>, is_sheet_open: RwSignal<bool>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let seat = inbox.seat;
    let link = move |to: Section, place: Place, icon: Icon, name: &'static str| {
        let is_current = move || section.get() == Some(to);
        view! {
            <li>
                <a class="rail-link" href=place.path(inbox.workspace()) aria-current=move || is_current().then_some("page")>
                    <Glyph icon=icon />
                    <span class="rail-words">{name}</span>
                </a>
            </li>
        }
    };
    let name = Signal::derive(move || seat.me.with(|me| me.name.clone()));
    let presence = Signal::derive(move || Some(seat.me.with(|me| me.availability.word())));
    view! {
        <nav class="rail" aria-label=words::sections()>
            <span class="rail-brand" title="Roost"><Glyph icon=Icon::Bird /></span>
            <ul class="rail-list">
                {link(Section::Inbox, Place::inbox(), Icon::Inbox, words::inbox())}
                {move || seat.may_supervise().then(|| link(Section::Campaigns, Place::Campaigns, Icon::Campaigns, words::campaigns()))}
                {link(Section::People, Place::People, Icon::People, words::people())}
            </ul>
            <div class="rail-end">
                <button type="button" class="rail-link rail-help" on:click=move |_| is_sheet_open.set(true)>
                    <Glyph icon=Icon::Keyboard />
                    <span class="rail-words">{words::shortcuts()}</span>
                </button>
                <a
                    class="rail-link"
                    href=Place::Settings.path(inbox.workspace())
                    aria-current=move || (section.get() == Some(Section::Settings)).then_some("page")
                >
                    <Avatar name=name size="small" presence=presence />
                    <span class="rail-words">{words::settings()}</span>
                </a>
            </div>
        </nav>
    }
}

/// One line when the connection is not live: what is on screen may be old.
#[component]
fn LinkBar() -> impl IntoView {
    let live = expect_context::<Inbox>().live;
    let was_live = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or(false) || live.link.get() == Link::Live
    });
    let state = Memo::new(move |_| match (live.link.get(), live.gave_up.get()) {
        (_, Some(protocol::close::SUPERSEDED)) => Some(("stopped", words::link_superseded())),
        (_, Some(_)) => Some(("stopped", words::link_refused())),
        (Link::Live | Link::Off, None) => None,
        // The first connection is part of loading, not a fault.
        (Link::Connecting, None) if !was_live.get() => None,
        (Link::Connecting | Link::Waiting, None) => Some(("waiting", words::link_waiting())),
    });
    view! {
        <div class="link-bar" role="status" data-state=move || state.get().map(|(state, _)| state)>
            {move || state.get().map(|(state, words)| view! {
                <Glyph icon=Icon::Offline />
                <span>{words}</span>
                {(state == "stopped").then(|| view! {
                    <button type="button" class="button" data-size="small" on:click=move |_| live.restart()>
                        {words::connect_again()}
                    </button>
                })}
            })}
        </div>
    }
}

/// "(2) Inbox · Roost": what waits is seen from another tab.
fn keep_title(inbox: Inbox, place: Memo<Place>) {
    Effect::new(move |_| {
        let section = place.with(Place::section).map_or(words::not_found(), words::section);
        let unread = inbox.roster.with(|roster: &Roster| roster.unread_for(inbox.me()));
        let count = if unread > 0 { format!("({unread}) ") } else { String::new() };
        browser::set_title(&format!("{count}{section} · Roost"));
    });
}

/// Whether the focus is somewhere letters are meant as letters.
fn is_taken() -> bool {
    let Some(element) = document().active_element() else { return false };
    let takes_text = "input, textarea, select, [contenteditable='true'], [role='menu'], [role='menu'] *, dialog[open], dialog[open] *";
    element.matches(takes_text).unwrap_or(false)
}

fn listen(inbox: Inbox, place: Memo<Place>, overlays: Overlays) {
    let keys = StoredValue::new(Keys::default());
    let handle = window_event_listener(ev::keydown, move |event| {
        let key = event.key();
        let has_command = event.ctrl_key() || event.meta_key();
        let is_command = has_command && !event.alt_key() && !event.shift_key();
        let is_modified = has_command || event.alt_key();
        let is_taken = is_taken() || event.default_prevented();
        let press = Press { key: &key, is_modified, is_command, is_taken };
        if let Some(Some(command)) = keys.try_update_value(|keys| keys.press(press)) {
            event.prevent_default();
            obey(command, inbox, place, overlays);
        }
    });
    on_cleanup(move || handle.remove());
}

fn obey(command: Command, inbox: Inbox, place: Memo<Place>, overlays: Overlays) {
    let is_inbox = place.with_untracked(|place| matches!(place, Place::Inbox { .. }));
    let current = inbox.current.get_untracked();
    let ask = |ask: Ask| {
        if current.is_some() {
            inbox.ask.set(Some(ask));
        }
    };
    match command {
        Command::Help => overlays.is_sheet_open.set(true),
        Command::Palette => overlays.toggle_palette(),
        Command::Inbox => inbox.go(Place::inbox()),
        Command::Campaigns => inbox.go(Place::Campaigns),
        Command::People => inbox.go(Place::People),
        Command::Settings => inbox.go(Place::Settings),
        _ if !is_inbox => {}
        Command::Go(step) => {
            if let Some(next) = inbox.roster.with_untracked(|roster| roster.neighbour(current, step)) {
                inbox.select(Some(next));
                reveal_selected();
            }
        }
        Command::Reply => ask(Ask::Compose(Mode::Reply)),
        Command::Note => ask(Ask::Compose(Mode::Note)),
        Command::Assign => ask(Ask::Assign),
        Command::Resolve => inbox.toggle_resolved(),
        Command::Search => inbox.ask.set(Some(Ask::Search)),
        Command::Back => inbox.select(None),
    }
}

/// Walking by key keeps the chosen row in sight.
fn reveal_selected() {
    request_animation_frame(|| {
        if let Ok(Some(row)) = document().query_selector(".row[data-selected='true']") {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            row.unchecked_into::<web_sys::Element>().scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

#[component]
fn Sheet() -> impl IntoView {
    let rows = words::shortcut_rows().into_iter().map(|(keys, what)| {
        let keys =
            keys.split(' ').map(|key| view! { <kbd class="key">{key.to_owned()}</kbd> }).collect_view();
        view! { <div class="sheet-row"><dt>{keys}</dt><dd>{what}</dd></div> }
    });
    view! { <dl class="sheet">{rows.collect_view()}</dl> }
}
