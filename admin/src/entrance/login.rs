//! Signing in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use protocol::api::{Login, Me};

use super::frame::Door;
use crate::api;
use crate::session::{Session, Standing};
use crate::ui::field::TextField;
use crate::words;

/// Where to after signing in: back to where somebody was, but never to another site.
fn destination(next: Option<String>) -> String {
    next.filter(|next| next.starts_with("/workspace/") && !next.contains("//")).unwrap_or_else(|| "/".into())
}

#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let query = use_query_map();
    let navigate = use_navigate();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    Effect::new(move |_| {
        if session.standing.with(|standing| matches!(standing, Standing::SignedIn(_))) {
            let to = destination(query.with_untracked(|query| query.get("next")));
            navigate(&to, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        error.set(None);
        let login = Login {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            totp: None,
        };
        spawn_local(async move {
            match api::post::<_, Me>("/api/auth/login", &login).await {
                Ok(me) => session.sign_in(me),
                Err(failure) => error.set(Some(failure.words())),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <Door title=words::sign_in() error=error>
            <form class="form" on:submit=submit>
                <TextField label=words::email() value=email kind="email" autocomplete="username" is_required=true takes_focus=true />
                <TextField label=words::password() value=password kind="password" autocomplete="current-password" is_required=true />
                <button type="submit" class="button" data-kind="primary" data-size="wide" disabled=is_busy>
                    {move || if is_busy.get() { words::signing_in() } else { words::sign_in() }}
                </button>
                <p class="field-help">{words::forgot_password()}</p>
            </form>
        </Door>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_back_but_never_to_another_site() {
        assert_eq!(destination(Some("/workspace/1/people".into())), "/workspace/1/people");
        for next in ["https://evil.example", "//evil.example", "/login", "/workspace//evil.example"] {
            assert_eq!(destination(Some(next.into())), "/", "{next}");
        }
        assert_eq!(destination(None), "/");
    }
}
