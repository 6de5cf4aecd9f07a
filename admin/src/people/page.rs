//! The people screen: who is here, who is invited.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Invite, Person};

use super::invites::{InviteDialog, PendingInvites};
use super::table::PeopleTable;
use crate::api;
use crate::inbox::state::Inbox;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Skeleton, Trouble};
use crate::words;

/// What the screen shows. People themselves are kept by the inbox store, which hears of their coming and going.
#[derive(Clone, Copy)]
pub(super) struct Staff {
    pub(super) people: RwSignal<Vec<Person>>,
    pub(super) invites: RwSignal<Vec<Invite>>,
    pub(super) load: RwSignal<Option<Result<(), String>>>,
    /// Why the invitations could not be had.
    pub(super) invites_failure: RwSignal<Option<String>>,
    pub(super) is_admin: bool,
}

impl Staff {
    fn load(self) {
        spawn_local(async move {
            match api::read_all::<Person>("/api/people").await {
                Ok(people) => {
                    self.people.set(people);
                    self.load.set(Some(Ok(())));
                }
                Err(failure) => self.load.set(Some(Err(failure.words()))),
            }
        });
        if self.is_admin {
            self.load_invites();
        }
    }

    pub(super) fn load_invites(self) {
        spawn_local(async move {
            match api::read_all::<Invite>("/api/people/invites").await {
                Ok(invites) => {
                    self.invites.set(invites);
                    self.invites_failure.set(None);
                }
                Err(failure) => self.invites_failure.set(Some(failure.words())),
            }
        });
    }
}

#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let staff = Staff {
        people: inbox.people,
        invites: RwSignal::new(Vec::new()),
        load: RwSignal::new(None),
        invites_failure: RwSignal::new(None),
        is_admin: inbox.seat.is_admin(),
    };
    staff.load();
    let is_inviting = RwSignal::new(false);
    view! {
        <div class="page">
            <header class="page-head">
                <div>
                    <h1 class="page-title">{words::people()}</h1>
                    <p class="page-text">{words::people_text()}</p>
                </div>
                {staff.is_admin.then(|| view! {
                    <button type="button" class="button" data-kind="primary" on:click=move |_| is_inviting.set(true)>
                        <Glyph icon=Icon::Plus />
                        {words::invite_person()}
                    </button>
                })}
            </header>
            {(!staff.is_admin).then(|| view! { <p class="notice"><Glyph icon=Icon::Lock /><span>{words::people_need_admin()}</span></p> })}
            {move || match staff.load.get() {
                None => view! { <Skeleton rows=4 /> }.into_any(),
                Some(Err(why)) => view! { <Trouble title=words::people_failed() text=why retry=move |()| staff.load() /> }.into_any(),
                Some(Ok(())) => view! { <PeopleTable staff=staff /> }.into_any(),
            }}
            <PendingInvites staff=staff />
            <InviteDialog staff=staff is_open=is_inviting />
        </div>
    }
}
