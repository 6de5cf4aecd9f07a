//! The table of people: presence, role, and whether they may come in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Me, Membership, Person, PersonChange, Role};
use protocol::ids::PersonId;

use super::page::Staff;
use super::reset::ResetDialog;
use crate::api;
use crate::session::Seat;
use crate::ui::avatar::Avatar;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;
use crate::words;

/// What somebody may do about a person: nobody changes themselves here, and owners are changed by owners only.
fn may_change(me: &Me, person: &Person) -> bool {
    me.role <= Role::Admin && me.id != person.id && (person.role != Role::Owner || me.role == Role::Owner)
}

/// The roles somebody may give: none above their own.
pub(super) fn roles_to_give(me: Role) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| *role >= me).collect()
}

#[component]
pub(super) fn PeopleTable(staff: Staff) -> impl IntoView {
    let ids = Memo::new(move |_| {
        let mut people = staff.people.get();
        people
            .sort_by_key(|person| (person.membership == Membership::Deactivated, person.name.to_lowercase()));
        people.into_iter().map(|person| person.id).collect::<Vec<_>>()
    });
    let leaving = RwSignal::new(None::<Person>);
    let forgetful = RwSignal::new(None::<Person>);
    view! {
        <div class="table-frame">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words::name()}</th>
                        <th scope="col">{words::presence()}</th>
                        <th scope="col">{words::role_title()}</th>
                        <th scope="col"><span class="visually-hidden">{words::actions()}</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id children=move |id| view! { <PersonRow staff=staff id=id leaving=leaving forgetful=forgetful /> } />
                </tbody>
            </table>
        </div>
        <LeaveDialog staff=staff leaving=leaving />
        <ResetDialog forgetful=forgetful />
    }
}

fn change(staff: Staff, toasts: Toasts, id: PersonId, change: PersonChange) {
    spawn_local(async move {
        match api::patch::<_, Person>(&format!("/api/people/{id}"), &change).await {
            Ok(changed) => {
                toasts.say(words::person_changed(&changed.name));
                staff.people.update(|people| {
                    if let Some(known) = people.iter_mut().find(|known| known.id == id) {
                        *known = changed;
                    }
                });
            }
            Err(failure) => {
                toasts.say(failure.words());
                // The control shows what was wanted; what is must be drawn again.
                staff.people.notify();
            }
        }
    });
}

#[component]
fn PersonRow(
    staff: Staff,
    id: PersonId,
    leaving: RwSignal<Option<Person>>,
    forgetful: RwSignal<Option<Person>>,
) -> impl IntoView {
    let me = expect_context::<Seat>().me;
    let toasts = expect_context::<Toasts>();
    let person =
        Memo::new(move |_| staff.people.with(|people| people.iter().find(|person| person.id == id).cloned()));
    let with = move |read: fn(&Person) -> String| {
        Memo::new(move |_| person.with(|p| p.as_ref().map(read).unwrap_or_default()))
    };
    let name = with(|person| person.name.clone());
    let email = with(|person| person.email.clone());
    let is_active = move || {
        person.with(|person| person.as_ref().is_some_and(|person| person.membership == Membership::Active))
    };
    let presence = Signal::derive(move || person.with(|person| Some(person.as_ref()?.presence.word())));
    let role = move || person.with(|person| person.as_ref().map_or(Role::Agent, |person| person.role));
    let may = move || {
        person.with(|person| person.as_ref().is_some_and(|person| me.with(|me| may_change(me, person))))
    };
    let presence_words = move || match person.get() {
        Some(person) if person.membership == Membership::Deactivated => words::deactivated().to_owned(),
        Some(person) => words::presence_name(person.presence).to_owned(),
        None => String::new(),
    };
    let reactivate = move |_| {
        let back = PersonChange { membership: Some(Membership::Active), role: None };
        change(staff, toasts, id, back);
    };
    view! {
        <tr class="person" data-state=move || if is_active() { "active" } else { "deactivated" }>
            <td>
                <div class="person-who">
                    <Avatar name=name presence=presence />
                    <div>
                        <p class="person-name">{name} {move || me.with(|me| me.id == id).then(|| view! { " " <span class="tag">{words::you()}</span> })}</p>
                        <p class="person-email">{email}</p>
                    </div>
                </div>
            </td>
            <td>{presence_words}</td>
            <td>
                {move || if may() && is_active() {
                    view! { <RoleSelect staff=staff id=id name=name role=Signal::derive(role) /> }.into_any()
                } else {
                    words::role(role()).into_any()
                }}
            </td>
            <td class="table-acts">
                {move || (may() && is_active()).then(|| view! {
                    <button type="button" class="button" data-size="small" on:click=move |_| forgetful.set(person.get_untracked())>{words::reset_link()}</button>
                    <button type="button" class="button" data-size="small" on:click=move |_| leaving.set(person.get_untracked())>{words::deactivate()}</button>
                })}
                {move || (may() && !is_active()).then(|| view! {
                    <button type="button" class="button" data-size="small" on:click=reactivate>{words::reactivate()}</button>
                })}
            </td>
        </tr>
    }
}

#[component]
fn RoleSelect(staff: Staff, id: PersonId, name: Memo<String>, role: Signal<Role>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let my_role = expect_context::<Seat>().me.with_untracked(|me| me.role);
    let picked = move |event| {
        if let Some(role) = Role::from_word(&event_target_value(&event)) {
            change(staff, toasts, id, PersonChange { role: Some(role), membership: None });
        }
    };
    view! {
        <select class="input" data-size="small" aria-label=move || words::role_of(&name.get()) on:change=picked>
            {roles_to_give(my_role).into_iter().map(|of| view! {
                <option value=of.word() selected=move || role.get() == of>{words::role(of)}</option>
            }).collect_view()}
        </select>
    }
}

/// Deactivating asks once and says what follows.
#[component]
fn LeaveDialog(staff: Staff, leaving: RwSignal<Option<Person>>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let is_open = RwSignal::new(false);
    // Each follows the other, so neither may speak when nothing changes: they would never be silent again.
    Effect::new(move |_| {
        let is_asked = leaving.with(Option::is_some);
        if is_open.get_untracked() != is_asked {
            is_open.set(is_asked);
        }
    });
    Effect::new(move |_| {
        if !is_open.get() && leaving.with_untracked(Option::is_some) {
            leaving.set(None);
        }
    });
    let title = move || {
        words::deactivate_title(&leaving.with(|p| p.as_ref().map(|p| p.name.clone()).unwrap_or_default()))
    };
    let go = move |_| {
        if let Some(person) = leaving.get_untracked() {
            change(
                staff,
                toasts,
                person.id,
                PersonChange { membership: Some(Membership::Deactivated), role: None },
            );
        }
        leaving.set(None);
    };
    view! {
        <Dialog is_open=is_open title=Signal::derive(title)>
            <p>{words::deactivate_text()}</p>
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                <button type="button" class="button" data-kind="danger" on:click=go><Glyph icon=Icon::SignOut />{words::deactivate()}</button>
            </footer>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use protocol::api::WorkspaceSummary;
    use protocol::frame::Presence;
    use protocol::ids::WorkspaceId;

    use super::*;

    fn me(role: Role) -> Me {
        let workspace = WorkspaceSummary { id: WorkspaceId([1; 16]), name: "Shop".into() };
        let id = PersonId([1; 16]);
        Me { id, name: "Ada".into(), email: String::new(), role, availability: Presence::Online, workspace }
    }

    fn person(number: u8, role: Role) -> Person {
        Person {
            id: PersonId([number; 16]),
            name: "Bo".into(),
            email: String::new(),
            role,
            membership: Membership::Active,
            presence: Presence::Offline,
            created_at: String::new(),
        }
    }

    #[test]
    fn nobody_changes_themselves_or_somebody_above_them() {
        assert!(may_change(&me(Role::Owner), &person(2, Role::Owner)));
        assert!(may_change(&me(Role::Admin), &person(2, Role::Agent)));
        assert!(!may_change(&me(Role::Admin), &person(2, Role::Owner)));
        assert!(!may_change(&me(Role::Owner), &person(1, Role::Owner)));
        assert!(!may_change(&me(Role::Agent), &person(2, Role::Agent)));
    }

    #[test]
    fn a_role_above_ones_own_cannot_be_given() {
        assert_eq!(roles_to_give(Role::Admin), [Role::Admin, Role::Supervisor, Role::Agent]);
        assert_eq!(roles_to_give(Role::Owner).len(), 4);
    }
}
