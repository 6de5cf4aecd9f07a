//! Setting a new password by a link.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::PasswordReset;

use super::frame::Door;
use crate::api::{self, Failure};
use crate::ui::browser;
use crate::ui::field::TextField;
use crate::ui::icon::Icon;
use crate::ui::placeholder::Empty;
use crate::ui::toast::Toasts;
use crate::words;

#[component]
pub(crate) fn ResetPage() -> impl IntoView {
    match browser::take_fragment_token() {
        Some(token) => view! { <ResetForm token=token /> }.into_any(),
        None => view! {
            <main class="door">
                <Empty icon=Icon::Link title=words::reset_does_not_work() text=words::reset_without_token()>
                    <a class="button" href="/login">{words::sign_in()}</a>
                </Empty>
            </main>
        }
        .into_any(),
    }
}

#[component]
fn ResetForm(token: String) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let navigate = use_navigate();
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let field_error = Signal::derive(move || failure.with(|f| f.as_ref()?.for_field("password")));
    let error = Signal::derive(move || failure.with(|f| f.as_ref()?.beside(&["password"])));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let body = PasswordReset { token: token.clone(), password: password.get_untracked() };
        let navigate = navigate.clone();
        spawn_local(async move {
            match api::post_quietly("/api/password-reset", &body).await {
                Ok(()) => {
                    toasts.say(words::password_was_reset());
                    navigate("/login", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <Door title=words::reset_password() text=words::reset_text() error=error>
            <form class="form" on:submit=submit>
                <TextField label=words::new_password() value=password kind="password" autocomplete="new-password" is_required=true takes_focus=true error=field_error help=words::password_help() />
                <button type="submit" class="button" data-kind="primary" data-size="wide" disabled=is_busy>
                    {words::reset_password()}
                </button>
            </form>
        </Door>
    }
}
