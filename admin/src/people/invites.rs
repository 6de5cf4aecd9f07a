//! Inviting by link, and invitations that wait.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Invite, NewInvite, Role};
use protocol::ids::InviteId;

use super::page::Staff;
use super::table::roles_to_give;
use crate::api::{self, Failure};
use crate::session::Seat;
use crate::ui::copy::CopyButton;
use crate::ui::dialog::Dialog;
use crate::ui::field::{Field, TextField, fresh_id};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::Trouble;
use crate::ui::time::Time;
use crate::ui::toast::Toasts;
use crate::words;

#[component]
pub(super) fn PendingInvites(staff: Staff) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let withdraw = move |id: InviteId| {
        spawn_local(async move {
            match api::delete(&format!("/api/people/invites/{id}")).await {
                Ok(()) => {
                    staff.invites.update(|invites| invites.retain(|invite| invite.id != id));
                    toasts.say(words::invite_withdrawn());
                }
                Err(failure) => toasts.say(failure.words()),
            }
        });
    };
    let row = move |invite: Invite| {
        let id = invite.id;
        view! {
            <li class="invite">
                <span class="invite-icon"><Glyph icon=Icon::Link /></span>
                <div>
                    <p class="person-name">{invite.email.clone()}</p>
                    <p class="person-email">{words::role(invite.role)} " · " {words::invited()} " " <Time at=invite.created_at /></p>
                </div>
                <button type="button" class="button" data-size="small" aria-label=words::withdraw_invite_of(&invite.email) on:click=move |_| withdraw(id)>
                    {words::withdraw()}
                </button>
            </li>
        }
    };
    let has_any = Memo::new(move |_| staff.invites.with(|invites| !invites.is_empty()));
    view! {
        {move || match staff.invites_failure.get() {
            Some(why) => view! {
                <section class="section">
                    <h2 class="section-title">{words::pending_invites()}</h2>
                    <Trouble title=words::invites_failed() text=why retry=move |()| staff.load_invites() />
                </section>
            }
            .into_any(),
            None => view! {
                <Show when=move || has_any.get()>
                    <section class="section">
                        <h2 class="section-title">{words::pending_invites()}</h2>
                        <ul class="invites">
                            <For each=move || staff.invites.get() key=|invite| invite.id children=row />
                        </ul>
                    </section>
                </Show>
            }
            .into_any(),
        }}
    }
}

#[component]
pub(super) fn InviteDialog(staff: Staff, is_open: RwSignal<bool>) -> impl IntoView {
    let made = RwSignal::new(None::<Invite>);
    Effect::new(move |_| {
        if !is_open.get() {
            made.set(None);
        }
    });
    view! {
        <Dialog is_open=is_open title=words::invite_person()>
            {move || match made.get() {
                None => view! { <InviteForm staff=staff made=made is_open=is_open /> }.into_any(),
                Some(invite) => view! { <InviteLink invite=invite is_open=is_open /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn InviteForm(staff: Staff, made: RwSignal<Option<Invite>>, is_open: RwSignal<bool>) -> impl IntoView {
    let my_role = expect_context::<Seat>().me.with_untracked(|me| me.role);
    let email = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Agent);
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let role_id = fresh_id("role");
    let email_error = Signal::derive(move || failure.with(|f| f.as_ref()?.for_field("email")));
    let error = move || failure.with(|f| f.as_ref()?.beside(&["email"]));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let body = NewInvite { email: email.get_untracked().trim().to_owned(), role: role.get_untracked() };
        spawn_local(async move {
            match api::post::<_, Invite>("/api/people/invites", &body).await {
                Ok(invite) => {
                    made.set(Some(invite));
                    staff.load_invites();
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <p class="field-help">{words::invite_text()}</p>
            <TextField label=words::email() value=email kind="email" is_required=true max_length=254 takes_focus=true error=email_error />
            <Field id=role_id.clone() label=words::role_title() help=Signal::derive(move || words::role_help(role.get()).to_owned())>
                <select
                    class="input"
                    aria-describedby=format!("{role_id}-help")
                    id=role_id
                    on:change=move |event| role.set(Role::from_word(&event_target_value(&event)).unwrap_or(Role::Agent))
                >
                    {roles_to_give(my_role).into_iter().map(|of| view! {
                        <option value=of.word() selected=move || role.get() == of>{words::role(of)}</option>
                    }).collect_view()}
                </select>
            </Field>
            <div role="alert">
                {move || error().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
            </div>
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                <button type="submit" class="button" data-kind="primary" disabled=is_busy>{words::make_link()}</button>
            </footer>
        </form>
    }
}

#[component]
fn InviteLink(invite: Invite, is_open: RwSignal<bool>) -> impl IntoView {
    let link = invite.link.clone().unwrap_or_default();
    view! {
        <p>{words::invite_made(&invite.email)}</p>
        <div class="snippet">
            <code class="snippet-code" tabindex="0" aria-label=words::invite_link()>{link.clone()}</code>
            <CopyButton text=link label=words::copy_link() />
        </div>
        <p class="field-help">{words::invite_once()}</p>
        <footer class="dialog-acts">
            <button type="button" class="button" data-kind="primary" on:click=move |_| is_open.set(false)>{words::done()}</button>
        </footer>
    }
}
