//! Who the contact is and where they are. What the page and the browser said, unless their site has proven it.

use leptos::prelude::*;
use protocol::api::{ContactDetails, Conversation};

use super::earlier::Earlier;
use super::page::DetailsShown;
use super::state::Inbox;
use crate::ui::avatar::Avatar;
use crate::ui::browser;
use crate::ui::clock::Clock;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::Skeleton;
use crate::ui::time::{self, Time};
use crate::words;

const FOLDED_KEY: &str = "roost.details.folded";

/// A fact and how it is shown.
enum Fact {
    Words(String),
    Address {
        href: String,
        words: String,
    },
    Moment(String),
    /// The clock on the contact's wall.
    LocalTime(String),
}

type Facts = Vec<(String, Fact)>;

/// Only addresses a browser may safely follow become links.
fn address(text: &str, words: Option<&String>) -> Fact {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let shown = words.filter(|words| !words.is_empty()).cloned().unwrap_or_else(|| text.to_owned());
    if is_web { Fact::Address { href: text.to_owned(), words: shown } } else { Fact::Words(text.to_owned()) }
}

fn contact_facts(details: &ContactDetails) -> Facts {
    let mut facts = Facts::new();
    let mut add = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            facts.push((name.to_owned(), Fact::Words(value.clone())));
        }
    };
    add(words::email(), &details.email);
    add(words::phone(), &details.phone);
    add(words::company(), &details.company);
    add(words::their_id(), &details.external_id);
    facts
}

fn place_facts(details: &ContactDetails) -> Facts {
    let mut facts = Facts::new();
    if let Some(url) = &details.page_url {
        facts.push((words::page().into(), address(url, details.page_title.as_ref())));
    }
    if let Some(referrer) = details.referrer.as_ref().filter(|referrer| !referrer.is_empty()) {
        facts.push((words::came_from().into(), address(referrer, None)));
    }
    if let Some(zone) = &details.time_zone {
        facts.push((words::local_time().into(), Fact::LocalTime(zone.clone())));
        facts.push((words::time_zone().into(), Fact::Words(zone.clone())));
    }
    if let Some(locale) = &details.locale {
        facts.push((words::language().into(), Fact::Words(locale.clone())));
    }
    if let Some(device) = &details.device {
        facts.push((words::device().into(), Fact::Words(device.clone())));
    }
    if let Some(viewport) = &details.viewport {
        facts.push((words::window_size().into(), Fact::Words(viewport.replace('x', " × "))));
    }
    facts
}

fn time_facts(conversation: &Conversation) -> Facts {
    let details = &conversation.contact_details;
    let times = [
        (words::first_seen(), details.first_seen_at.clone()),
        (words::last_seen(), details.last_seen_at.clone()),
        (words::conversation_began(), Some(conversation.row.created_at.clone())),
        (words::waiting_since(), conversation.row.waiting_since.clone()),
    ];
    times.into_iter().filter_map(|(name, at)| Some((name.to_owned(), Fact::Moment(at?)))).collect()
}

fn attribute_facts(details: &ContactDetails) -> Facts {
    details.attributes.iter().map(|(name, value)| (name.clone(), Fact::Words(value.clone()))).collect()
}

#[component]
pub(super) fn Details() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let shown = expect_context::<DetailsShown>().0;
    let is_there = Memo::new(move |_| inbox.open.with(Option::is_some));
    let is_verified = Memo::new(move |_| {
        inbox.open.with(|open| open.as_ref().is_some_and(|open| open.contact_details.verified))
    });
    view! {
        <aside class="details" aria-label=words::details()>
            <header class="details-head">
                <h2>{words::details()}</h2>
                <button type="button" class="icon-button" aria-label=words::hide_details() on:click=move |_| shown.set(false)>
                    <Glyph icon=Icon::Close />
                </button>
            </header>
            {move || match inbox.open.get() {
                None => view! { <Skeleton rows=4 shape="line" /> }.into_any(),
                Some(conversation) => view! { <Card conversation=conversation /> }.into_any(),
            }}
            <Earlier />
            <Show when=move || is_there.get()>
                <p class="details-caution">{move || if is_verified.get() { words::partly_verified() } else { words::unverified() }}</p>
            </Show>
        </aside>
    }
}

#[component]
fn Card(conversation: Conversation) -> impl IntoView {
    let details = &conversation.contact_details;
    let is_verified = details.verified;
    let name = conversation.row.contact.name.clone();
    let presence = conversation.row.contact.is_online.then_some("online");
    let where_now =
        if conversation.row.contact.is_online { words::on_the_site() } else { words::not_on_the_site() };
    let groups = [
        ("contact", words::contact(), contact_facts(details)),
        ("place", words::where_they_are(), place_facts(details)),
        ("times", words::history(), time_facts(&conversation)),
        ("attributes", words::attributes(), attribute_facts(details)),
    ];
    view! {
        <div class="details-card">
            <div class="details-who">
                <Avatar name=name.clone() size="large" presence=Signal::stored(presence) />
                <p class="details-name">{name}</p>
                {is_verified.then(|| view! { <p class="details-verified"><Glyph icon=Icon::Check /><span>{words::verified()}</span></p> })}
                <p class="details-state">{where_now}</p>
            </div>
            {groups.into_iter().filter(|(_, _, facts)| !facts.is_empty()).map(|(key, title, facts)| view! {
                <Group key=key title=title facts=facts />
            }).collect_view()}
        </div>
    }
}

#[component]
fn Group(key: &'static str, title: &'static str, facts: Facts) -> impl IntoView {
    view! {
        <Fold key=key title=title>
            <dl class="facts">
                {facts.into_iter().map(|(name, fact)| view! { <dt>{name}</dt><dd dir="auto">{fact_view(fact)}</dd> }).collect_view()}
            </dl>
        </Fold>
    }
}

/// A foldable group that stays as it was left.
#[component]
pub(super) fn Fold(key: &'static str, title: &'static str, children: Children) -> impl IntoView {
    let folded: Vec<String> = browser::find_kept(FOLDED_KEY).unwrap_or_default();
    let is_open = !folded.iter().any(|folded| folded == key);
    let toggled = move |event: web_sys::Event| {
        let element: web_sys::Element = event_target(&event);
        let mut folded: Vec<String> = browser::find_kept(FOLDED_KEY).unwrap_or_default();
        folded.retain(|folded| folded != key);
        if !element.has_attribute("open") {
            folded.push(key.to_owned());
        }
        browser::keep(FOLDED_KEY, &folded);
    };
    view! {
        <details class="group" open=is_open on:toggle=toggled>
            <summary class="group-head">
                <Glyph icon=Icon::ChevronRight />
                {title}
            </summary>
            {children()}
        </details>
    }
}

fn fact_view(fact: Fact) -> AnyView {
    match fact {
        Fact::Words(words) => words.into_any(),
        Fact::Address { href, words } => {
            let title = href.clone();
            view! { <a href=href title=title target="_blank" rel="noopener noreferrer external">{words}</a> }
                .into_any()
        }
        Fact::Moment(at) => view! { <Time at=at /> }.into_any(),
        Fact::LocalTime(zone) => {
            let clock = expect_context::<Clock>();
            (move || time::wall_clock(clock.now_ms(), &zone).unwrap_or_else(|| zone.clone())).into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(matches!(address("https://shop.example/a", None), Fact::Address { .. }));
        for text in ["javascript:alert(1)", "data:text/html,x", "shop.example", ""] {
            assert!(matches!(address(text, None), Fact::Words(_)), "{text}");
        }
    }

    #[test]
    fn a_page_without_a_title_shows_its_address() {
        let Fact::Address { words, .. } = address("https://shop.example/a", Some(&String::new())) else {
            panic!()
        };
        assert_eq!(words, "https://shop.example/a");
    }
}
