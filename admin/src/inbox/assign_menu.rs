//! Who has the conversation, and giving it to somebody.

use leptos::prelude::*;
use protocol::api::{ConversationChange, ConversationRow, Membership, Person};
use protocol::ids::{ConversationId, PersonId};

use super::state::{Ask, Inbox};
use crate::ui::avatar::Avatar;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::Menu;
use crate::words;

/// Those who can be given a conversation, oneself first, the others by name.
fn candidates(people: &[Person], me: PersonId) -> Vec<Person> {
    let mut people: Vec<Person> =
        people.iter().filter(|p| p.membership == Membership::Active).cloned().collect();
    people.sort_by_key(|person| (person.id != me, person.name.to_lowercase()));
    people
}

#[component]
pub(super) fn AssignMenu(id: ConversationId, row: Memo<Option<ConversationRow>>) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let is_open = RwSignal::new(false);
    let me = inbox.me();
    let assignee = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.assignee.clone())));
    let give = move |to: Option<PersonId>| {
        let change = ConversationChange { assignee: Some(to), ..ConversationChange::default() };
        inbox.change(id, change, |_| ());
    };
    Effect::new(move |_| {
        if inbox.ask.get() == Some(Ask::Assign) {
            inbox.ask.set(None);
            is_open.set(true);
        }
    });
    let label = move || match assignee.get() {
        Some(assignee) => words::assigned_to(&assignee.name),
        None => words::assign().to_owned(),
    };
    let face = move || match assignee.get() {
        Some(assignee) => {
            let name = if assignee.id == me { words::you().to_owned() } else { assignee.name.clone() };
            view! { <Avatar name=assignee.name size="tiny" /><span class="act-words">{name}</span> }
                .into_any()
        }
        None => {
            view! { <Glyph icon=Icon::Person /><span class="act-words">{words::assign()}</span> }.into_any()
        }
    };
    let is_given_to =
        move |person: PersonId| assignee.with(|assignee| assignee.as_ref().is_some_and(|a| a.id == person));
    view! {
        <Menu is_open=is_open label=Signal::derive(label) face=move || face>
            {move || inbox.people.with(|people| candidates(people, me)).into_iter().map(|person| {
                let PersonItem { id, name, presence } = PersonItem::of(&person, me);
                view! {
                    <button type="button" role="menuitemradio" class="menu-item" aria-checked=is_given_to(id).to_string() on:click=move |_| give(Some(id))>
                        <Avatar name=person.name size="tiny" presence=Signal::stored(Some(presence)) />
                        <span>{name}</span>
                    </button>
                }
            }).collect_view()}
            {move || inbox.failures.people.with(Option::is_some).then(|| view! {
                <button type="button" role="menuitem" class="menu-item" on:click=move |_| inbox.load_people()>
                    <Glyph icon=Icon::Refresh />
                    <span>{words::people_failed_retry()}</span>
                </button>
            })}
            <hr class="menu-line" role="none" />
            <button type="button" role="menuitemradio" class="menu-item" aria-checked=move || assignee.get().is_none().to_string() on:click=move |_| give(None)>
                <Glyph icon=Icon::Close />
                <span>{words::nobody()}</span>
            </button>
        </Menu>
    }
}

struct PersonItem {
    id: PersonId,
    name: String,
    presence: &'static str,
}

impl PersonItem {
    fn of(person: &Person, me: PersonId) -> Self {
        let name = if person.id == me { words::me(&person.name) } else { person.name.clone() };
        Self { id: person.id, name, presence: person.presence.word() }
    }
}
