//! Routes, and what every screen needs around it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::path;
use protocol::api::SetupState;

use crate::api;
use crate::entrance::join::JoinPage;
use crate::entrance::login::LoginPage;
use crate::entrance::reset::ResetPage;
use crate::entrance::setup::SetupPage;
use crate::place::{Place, percent_encode};
use crate::session::{Session, Standing};
use crate::settings::preferences::Preferences;
use crate::shell::Shell;
use crate::ui::clock::Clock;
use crate::ui::icon::Icon;
use crate::ui::placeholder::{Empty, Skeleton, Trouble};
use crate::ui::toast::{ToastStack, Toasts};
use crate::words;

/// Takes away what the page showed while the app was loading.
pub(crate) fn drop_splash() {
    if let Ok(Some(splash)) = document().query_selector(".splash") {
        splash.remove();
    }
    if let Some(root) = document().document_element() {
        root.set_attribute("lang", words::locale()).ok();
    }
}

#[component]
pub(crate) fn App() -> impl IntoView {
    provide_context(Clock::start());
    provide_context(Toasts::new());
    provide_context(Preferences::start());
    provide_context(Session::start());
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <Route path=path!("/") view=Home />
                <Route path=path!("/login") view=LoginPage />
                <Route path=path!("/setup") view=SetupPage />
                <Route path=path!("/join") view=JoinPage />
                <Route path=path!("/reset") view=ResetPage />
                <Route path=path!("/workspace/:workspace/*rest") view=Gate />
            </Routes>
        </Router>
        <ToastStack />
    }
}

fn replace() -> NavigateOptions {
    NavigateOptions { replace: true, ..NavigateOptions::default() }
}

/// The start page leads on: to the inbox, the sign-in or the set-up.
#[component]
fn Home() -> impl IntoView {
    view! { <Gate /> }
}

/// Only signed-in people pass; the others are led to the door they need and back here afterwards.
#[component]
fn Gate() -> impl IntoView {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    let location = use_location();
    Effect::new(move |_| match session.standing.get() {
        Standing::Anonymous => {
            let wanted = location.pathname.get_untracked();
            let search = location.search.get_untracked();
            let navigate = navigate.clone();
            spawn_local(async move {
                let is_new = api::read::<SetupState>("/api/setup").await.is_ok_and(|state| state.needed);
                let door = match (is_new, wanted.as_str()) {
                    (true, _) => "/setup".to_owned(),
                    (false, "/") => "/login".to_owned(),
                    (false, path) => {
                        let query = search.trim_start_matches('?');
                        let mark = if query.is_empty() { "" } else { "?" };
                        format!("/login?next={}", percent_encode(&format!("{path}{mark}{query}")))
                    }
                };
                navigate(&door, replace());
            });
        }
        Standing::SignedIn(me) => {
            let own = format!("/workspace/{}/", me.workspace.id);
            // Another workspace's address, or none: this session knows only its own.
            if !location.pathname.get_untracked().starts_with(&own) {
                navigate(&Place::inbox().path(me.workspace.id), replace());
            }
        }
        Standing::Unknown | Standing::Unreachable(_) => {}
    });
    let is_in =
        Memo::new(move |_| session.standing.with(|standing| matches!(standing, Standing::SignedIn(_))));
    move || {
        if is_in.get() {
            return view! { <Shell /> }.into_any();
        }
        match session.standing.get() {
            Standing::Unreachable(why) => {
                let retry = move |()| {
                    session.standing.set(Standing::Unknown);
                    session.ask();
                };
                view! { <main class="door"><Trouble title=words::no_relay() text=why retry=retry /></main> }
                    .into_any()
            }
            Standing::Unknown | Standing::Anonymous | Standing::SignedIn(_) => {
                view! { <main class="door"><Skeleton rows=3 /></main> }.into_any()
            }
        }
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <main class="door">
            <Empty icon=Icon::Bird title=words::not_found() text=words::not_found_hint()>
                <a class="button" data-kind="primary" href="/">{words::to_inbox()}</a>
            </Empty>
        </main>
    }
}
