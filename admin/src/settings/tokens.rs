//! API tokens: making one, seeing what there are, taking one away.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{ApiToken, NewApiToken, TokenScope};

use crate::api::{self, Failure};
use crate::ui::copy::CopyButton;
use crate::ui::dialog::Dialog;
use crate::ui::field::{Field, TextField, fresh_id};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Empty, Skeleton, Trouble};
use crate::ui::time::{self, Time};
use crate::ui::toast::Toasts;
use crate::words;

const LIVES_DAYS: [Option<u32>; 4] = [Some(30), Some(90), Some(365), None];
const USUAL_LIFE_DAYS: u32 = 90;
const FIELDS: [&str; 3] = ["name", "scopes", "expires_in_days"];

#[derive(Clone, Copy)]
struct TokenList {
    tokens: RwSignal<Vec<ApiToken>>,
    load: RwSignal<Option<Result<(), String>>>,
}

impl TokenList {
    fn start() -> Self {
        let list = Self { tokens: RwSignal::new(Vec::new()), load: RwSignal::new(None) };
        list.load();
        list
    }

    fn load(self) {
        spawn_local(async move {
            match api::read_all::<ApiToken>("/api/tokens").await {
                Ok(tokens) => {
                    self.tokens.set(tokens);
                    self.load.set(Some(Ok(())));
                }
                Err(failure) => self.load.set(Some(Err(failure.words()))),
            }
        });
    }
}

/// The token somebody is about to take away, and whether they are being asked.
#[derive(Clone, Copy)]
struct Revoking {
    token: RwSignal<Option<ApiToken>>,
    is_asked: RwSignal<bool>,
}

#[component]
pub(super) fn ApiTokens() -> impl IntoView {
    let list = TokenList::start();
    let is_making = RwSignal::new(false);
    let revoking = Revoking { token: RwSignal::new(None), is_asked: RwSignal::new(false) };
    view! {
        <section class="section">
            <header class="section-head">
                <div>
                    <h2 class="section-title">{words::api_tokens()}</h2>
                    <p class="page-text">{words::api_tokens_text()}</p>
                </div>
                <button type="button" class="button" on:click=move |_| is_making.set(true)>
                    <Glyph icon=Icon::Plus />
                    {words::new_token()}
                </button>
            </header>
            {move || match list.load.get() {
                None => view! { <Skeleton rows=2 /> }.into_any(),
                Some(Err(why)) => view! { <Trouble title=words::tokens_failed() text=why retry=move |()| list.load() /> }.into_any(),
                Some(Ok(())) => view! { <Rows list=list revoking=revoking /> }.into_any(),
            }}
            <MakeDialog list=list is_open=is_making />
            <RevokeDialog list=list revoking=revoking />
        </section>
    }
}

#[component]
fn Rows(list: TokenList, revoking: Revoking) -> impl IntoView {
    let is_empty = Memo::new(move |_| list.tokens.with(Vec::is_empty));
    view! {
        <Show
            when=move || !is_empty.get()
            fallback=|| view! { <Empty icon=Icon::Key title=words::no_tokens() text=words::no_tokens_hint() /> }
        >
            <ul class="tokens">
                <For
                    each=move || list.tokens.get()
                    key=|token| (token.id, token.last_used_at.clone())
                    children=move |token| view! { <TokenRow token=token revoking=revoking /> }
                />
            </ul>
        </Show>
    }
}

#[component]
fn TokenRow(token: ApiToken, revoking: Revoking) -> impl IntoView {
    let asked = token.clone();
    let ask = move |_| {
        revoking.token.set(Some(asked.clone()));
        revoking.is_asked.set(true);
    };
    let scopes =
        token.scopes.iter().map(|scope| view! { <li class="tag">{words::scope(*scope)}</li> }).collect_view();
    let used = match token.last_used_at.clone() {
        Some(at) => view! { {words::token_used()} " " <Time at=at /> }.into_any(),
        None => words::token_unused().into_any(),
    };
    let end = match token.expires_at.as_deref().and_then(time::parse) {
        Some(at_ms) => words::token_ends(&time::calendar_day(at_ms)),
        None => words::token_lasts().to_owned(),
    };
    view! {
        <li class="token">
            <span class="invite-icon"><Glyph icon=Icon::Key /></span>
            <div class="token-body">
                <p class="token-name">
                    <strong>{token.name.clone()}</strong>
                    <code class="token-hint">{format!("{}…", token.hint)}</code>
                </p>
                <ul class="token-scopes">{scopes}</ul>
                <p class="token-facts">
                    {words::token_made_by(&token.made_by)} " " <Time at=token.created_at.clone() /> " · " {used} " · " {end}
                </p>
            </div>
            <button type="button" class="button" data-size="small" aria-label=words::revoke_token_of(&token.name) on:click=ask>
                {words::revoke()}
            </button>
        </li>
    }
}

#[component]
fn MakeDialog(list: TokenList, is_open: RwSignal<bool>) -> impl IntoView {
    let made = RwSignal::new(None::<ApiToken>);
    Effect::new(move |_| {
        if !is_open.get() {
            made.set(None);
        }
    });
    view! {
        <Dialog is_open=is_open title=words::new_token()>
            {move || match made.get() {
                None => view! { <TokenForm list=list made=made is_open=is_open /> }.into_any(),
                Some(token) => view! { <TokenText token=token is_open=is_open /> }.into_any(),
            }}
        </Dialog>
    }
}

/// What is asked for a new token.
#[derive(Clone, Copy)]
struct Wish {
    name: RwSignal<String>,
    scopes: RwSignal<Vec<TokenScope>>,
    days: RwSignal<Option<u32>>,
}

impl Wish {
    fn body(self) -> NewApiToken {
        NewApiToken {
            name: self.name.get_untracked().trim().to_owned(),
            scopes: self.scopes.get_untracked(),
            expires_in_days: self.days.get_untracked(),
        }
    }
}

#[component]
fn TokenForm(list: TokenList, made: RwSignal<Option<ApiToken>>, is_open: RwSignal<bool>) -> impl IntoView {
    let wish = Wish {
        name: RwSignal::new(String::new()),
        scopes: RwSignal::new(vec![TokenScope::ConversationsRead]),
        days: RwSignal::new(Some(USUAL_LIFE_DAYS)),
    };
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let field_error =
        move |field: &'static str| Signal::derive(move || failure.with(|f| f.as_ref()?.for_field(field)));
    let error = move || failure.with(|f| f.as_ref()?.beside(&FIELDS));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let body = wish.body();
        spawn_local(async move {
            match api::post::<_, ApiToken>("/api/tokens", &body).await {
                Ok(token) => {
                    made.set(Some(token));
                    list.load();
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <TextField label=words::name() value=wish.name help=words::token_name_help() is_required=true takes_focus=true max_length=100 error=field_error("name") />
            <Scopes wish=wish error=field_error("scopes") />
            <Life wish=wish error=field_error("expires_in_days") />
            <div role="alert">
                {move || error().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
            </div>
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                <button type="submit" class="button" data-kind="primary" disabled=is_busy>{words::create_token()}</button>
            </footer>
        </form>
    }
}

#[component]
fn Scopes(wish: Wish, error: Signal<Option<String>>) -> impl IntoView {
    let pick = move |scope: TokenScope, is_on: bool| {
        wish.scopes.update(|scopes| {
            scopes.retain(|known| *known != scope);
            if is_on {
                scopes.push(scope);
            }
        });
    };
    view! {
        <fieldset class="choices" data-layout="column">
            <legend class="field-label">{words::token_may()}</legend>
            {TokenScope::ALL.iter().copied().map(|scope| view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || wish.scopes.with(|scopes| scopes.contains(&scope))
                        on:change=move |event| pick(scope, event_target_checked(&event))
                    />
                    <span class="choice-words">
                        <span>{words::scope(scope)}</span>
                        <span class="field-help">{words::scope_help(scope)}</span>
                    </span>
                </label>
            }).collect_view()}
            <div role="alert">
                {move || error.get().map(|error| view! { <p class="field-error"><Glyph icon=Icon::Alert />{error}</p> })}
            </div>
        </fieldset>
    }
}

#[component]
fn Life(wish: Wish, error: Signal<Option<String>>) -> impl IntoView {
    let id = fresh_id("life");
    view! {
        <Field id=id.clone() label=words::token_expires() help=words::token_expires_help() error=error>
            <select
                class="input"
                aria-describedby=format!("{id}-help")
                id=id
                on:change=move |event| wish.days.set(event_target_value(&event).parse().ok())
            >
                {LIVES_DAYS.map(|days| view! {
                    <option value=days.map(|days| days.to_string()).unwrap_or_default() selected=move || wish.days.get() == days>
                        {words::token_life(days)}
                    </option>
                })}
            </select>
        </Field>
    }
}

/// The token itself: the relay keeps no copy that could be shown again.
#[component]
fn TokenText(token: ApiToken, is_open: RwSignal<bool>) -> impl IntoView {
    let text = token.token.clone().unwrap_or_default();
    view! {
        <p>{words::token_made(&token.name)}</p>
        <div class="snippet">
            <code class="snippet-code" tabindex="0" aria-label=words::token_text()>{text.clone()}</code>
            <CopyButton text=text label=words::copy_token() />
        </div>
        <p class="field-help">{words::token_once()}</p>
        <footer class="dialog-acts">
            <button type="button" class="button" data-kind="primary" on:click=move |_| is_open.set(false)>{words::done()}</button>
        </footer>
    }
}

/// Revoking asks once and says what follows.
#[component]
fn RevokeDialog(list: TokenList, revoking: Revoking) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let title = move || {
        words::revoke_token_title(
            &revoking.token.with(|token| token.as_ref().map(|token| token.name.clone()).unwrap_or_default()),
        )
    };
    let go = move |_| {
        revoking.is_asked.set(false);
        let Some(token) = revoking.token.get_untracked() else { return };
        spawn_local(async move {
            match api::delete(&format!("/api/tokens/{}", token.id)).await {
                Ok(()) => {
                    list.tokens.update(|tokens| tokens.retain(|known| known.id != token.id));
                    toasts.say(words::token_revoked(&token.name));
                }
                Err(failure) => toasts.say(failure.words()),
            }
        });
    };
    view! {
        <Dialog is_open=revoking.is_asked title=Signal::derive(title)>
            <p>{words::revoke_token_text()}</p>
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| revoking.is_asked.set(false)>{words::keep_token()}</button>
                <button type="button" class="button" data-kind="danger" on:click=go>
                    <Glyph icon=Icon::Key />
                    {words::revoke_token()}
                </button>
            </footer>
        </Dialog>
    }
}
