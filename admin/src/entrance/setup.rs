//! The first page of a new installation: owner, workspace and first widget in one step.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{Campaign, FirstWidget, Setup, SetupDone, SetupState};

use super::frame::Door;
use crate::api::{self, Failure};
use crate::session::Session;
use crate::ui::browser;
use crate::ui::copy::CopyButton;
use crate::ui::field::TextField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Empty, Skeleton};
use crate::words;

const FIELDS: [&str; 6] = ["name", "email", "password", "workspace", "widget.name", "widget.allowed_origins"];

#[derive(Clone)]
enum Stage {
    Asking,
    /// Somebody was here first.
    Done,
    Form(String),
    NoToken,
    Snippet(Box<Campaign>),
}

#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let stage = RwSignal::new(Stage::Asking);
    let token = browser::take_fragment_token();
    spawn_local(async move {
        let is_needed = api::read::<SetupState>("/api/setup").await.map(|state| state.needed);
        stage.set(match (is_needed, token) {
            (Ok(false), _) => Stage::Done,
            (_, Some(token)) => Stage::Form(token),
            (_, None) => Stage::NoToken,
        });
    });
    move || {
        match stage.get() {
        Stage::Asking => view! { <main class="door"><Skeleton rows=4 /></main> }.into_any(),
        Stage::Done => view! {
            <main class="door">
                <Empty icon=Icon::Check title=words::already_set_up() text=words::already_set_up_hint()>
                    <a class="button" data-kind="primary" href="/login">{words::sign_in()}</a>
                </Empty>
            </main>
        }
        .into_any(),
        Stage::NoToken => view! {
            <main class="door"><Empty icon=Icon::Key title=words::setup_needs_link() text=words::setup_needs_link_hint() /></main>
        }
        .into_any(),
        Stage::Form(token) => view! { <SetupForm token=token stage=stage /> }.into_any(),
        Stage::Snippet(campaign) => view! { <FirstSnippet campaign=*campaign /> }.into_any(),
    }
    }
}

#[derive(Clone, Copy, Default)]
struct Answers {
    name: RwSignal<String>,
    email: RwSignal<String>,
    password: RwSignal<String>,
    workspace: RwSignal<String>,
    site: RwSignal<String>,
}

impl Answers {
    fn setup(self, token: String) -> Setup {
        let text = |signal: RwSignal<String>| signal.get_untracked().trim().to_owned();
        let site = text(self.site);
        let widget = (!site.is_empty())
            .then(|| FirstWidget { name: words::first_widget().into(), allowed_origins: vec![site] });
        Setup {
            token,
            name: text(self.name),
            email: text(self.email),
            password: self.password.get_untracked(),
            workspace: text(self.workspace),
            widget,
        }
    }
}

#[component]
fn SetupForm(token: String, stage: RwSignal<Stage>) -> impl IntoView {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    let answers = Answers::default();
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let field_error =
        move |field: &'static str| Signal::derive(move || failure.with(|f| f.as_ref()?.for_field(field)));
    let error = Signal::derive(move || failure.with(|f| f.as_ref()?.beside(&FIELDS)));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let setup = answers.setup(token.clone());
        let navigate = navigate.clone();
        spawn_local(async move {
            match api::post::<_, SetupDone>("/api/setup", &setup).await {
                Ok(done) => {
                    session.sign_in(done.me);
                    match done.campaign {
                        Some(campaign) => stage.set(Stage::Snippet(Box::new(campaign))),
                        None => {
                            navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                        }
                    }
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <Door title=words::setup_title() text=words::setup_text() error=error>
            <form class="form" on:submit=submit>
                <TextField label=words::your_name() value=answers.name autocomplete="name" is_required=true max_length=100 takes_focus=true error=field_error("name") help=words::your_name_help() />
                <TextField label=words::email() value=answers.email kind="email" autocomplete="username" is_required=true max_length=254 error=field_error("email") help=words::setup_email_help() />
                <TextField label=words::password() value=answers.password kind="password" autocomplete="new-password" is_required=true error=field_error("password") help=words::password_help() />
                <TextField label=words::workspace_name() value=answers.workspace autocomplete="organization" is_required=true max_length=100 error=field_error("workspace") help=words::workspace_help() />
                <TextField label=words::your_site() value=answers.site kind="url" placeholder="https://www.example.com" error=field_error("widget.allowed_origins") help=words::your_site_help() />
                <button type="submit" class="button" data-kind="primary" data-size="wide" disabled=is_busy>
                    {move || if is_busy.get() { words::setting_up() } else { words::set_up() }}
                </button>
            </form>
        </Door>
    }
}

/// The end of the set-up: the line to paste, and the way into the inbox.
#[component]
fn FirstSnippet(campaign: Campaign) -> impl IntoView {
    let snippet = campaign.snippet.clone().unwrap_or_default();
    view! {
        <Door title=words::setup_done() text=words::setup_done_text() is_wide=true>
            <div class="snippet">
                <code class="snippet-code" tabindex="0">{snippet.clone()}</code>
                <CopyButton text=snippet label=words::copy() />
            </div>
            <a class="button" data-kind="primary" data-size="wide" href="/">
                {words::to_inbox()}
                <Glyph icon=Icon::ChevronRight />
            </a>
        </Door>
    }
}
