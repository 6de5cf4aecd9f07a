//! Joining a workspace by an invitation link.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{InviteAcceptance, InviteView, Me};

use super::frame::Door;
use crate::api::{self, Failure};
use crate::place::percent_encode;
use crate::session::Session;
use crate::ui::browser;
use crate::ui::field::TextField;
use crate::ui::icon::Icon;
use crate::ui::placeholder::{Empty, Skeleton};
use crate::words;

#[component]
pub(crate) fn JoinPage() -> impl IntoView {
    let token = StoredValue::new(browser::take_fragment_token());
    let invite = RwSignal::new(None::<Result<InviteView, String>>);
    match token.get_value() {
        None => invite.set(Some(Err(words::invite_without_token().into()))),
        Some(token) => spawn_local(async move {
            let answer = api::read::<InviteView>(&format!("/api/invites/{}", percent_encode(&token))).await;
            invite.set(Some(answer.map_err(|failure| failure.words())));
        }),
    }
    move || match (invite.get(), token.get_value()) {
        (None, _) => view! { <main class="door"><Skeleton rows=3 /></main> }.into_any(),
        (Some(Ok(invite)), Some(token)) => view! { <JoinForm invite=invite token=token /> }.into_any(),
        (Some(Err(why)), _) => view! {
            <main class="door">
                <Empty icon=Icon::Link title=words::invite_does_not_work() text=why>
                    <a class="button" href="/login">{words::sign_in()}</a>
                </Empty>
            </main>
        }
        .into_any(),
        (Some(Ok(_)), None) => ().into_any(),
    }
}

#[component]
fn JoinForm(invite: InviteView, token: String) -> impl IntoView {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let field_error =
        move |field: &'static str| Signal::derive(move || failure.with(|f| f.as_ref()?.for_field(field)));
    let error = Signal::derive(move || failure.with(|f| f.as_ref()?.beside(&["name", "password"])));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let body = InviteAcceptance {
            name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        let path = format!("/api/invites/{}", percent_encode(&token));
        let navigate = navigate.clone();
        spawn_local(async move {
            match api::post::<_, Me>(&path, &body).await {
                Ok(me) => {
                    session.sign_in(me);
                    navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    let email = RwSignal::new(invite.email.clone());
    view! {
        <Door title=words::join(&invite.workspace) text=words::join_as(words::role(invite.role)) error=error>
            <form class="form" on:submit=submit>
                <TextField label=words::email() value=email kind="email" autocomplete="username" is_read_only=true />
                <TextField label=words::your_name() value=name autocomplete="name" is_required=true max_length=100 takes_focus=true error=field_error("name") help=words::your_name_help() />
                <TextField label=words::password() value=password kind="password" autocomplete="new-password" is_required=true error=field_error("password") help=words::password_help() />
                <button type="submit" class="button" data-kind="primary" data-size="wide" disabled=is_busy>
                    {words::join_workspace()}
                </button>
            </form>
        </Door>
    }
}
