//! The settings screen.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Me, MeChange, PasswordChange, Theme};
use protocol::frame::Presence;
use wasm_bindgen_futures::JsFuture;

use super::preferences::{Choices, Preferences, SendKey};
use super::tokens::ApiTokens;
use crate::api::{self, Failure};
use crate::inbox::are_notifications_allowed;
use crate::session::{Seat, Session};
use crate::ui::field::TextField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::sound;
use crate::ui::toast::Toasts;
use crate::words;

#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let seat = expect_context::<Seat>();
    let email = move || seat.me.with(|me| me.email.clone());
    let role = move || seat.me.with(|me| words::role_in(words::role(me.role), &me.workspace.name));
    let is_admin = Memo::new(move |_| seat.is_admin());
    view! {
        <div class="page" data-width="narrow">
            <header class="page-head">
                <div>
                    <h1 class="page-title">{words::settings()}</h1>
                    <p class="page-text">{email} " · " {role}</p>
                </div>
                <button type="button" class="button" on:click=move |_| session.sign_out()>
                    <Glyph icon=Icon::SignOut />
                    {words::sign_out()}
                </button>
            </header>
            <Profile />
            <Browser />
            <Password />
            {move || is_admin.get().then(|| view! { <ApiTokens /> })}
        </div>
    }
}

fn change_me(seat: Seat, toasts: Toasts, change: MeChange, said: &'static str) {
    spawn_local(async move {
        match api::patch::<_, Me>("/api/me", &change).await {
            Ok(me) => {
                seat.me.set(me);
                toasts.say(said);
            }
            Err(failure) => toasts.say(failure.words()),
        }
    });
}

#[component]
fn Profile() -> impl IntoView {
    let seat = expect_context::<Seat>();
    let toasts = expect_context::<Toasts>();
    let name = RwSignal::new(seat.me.with_untracked(|me| me.name.clone()));
    let is_changed =
        move || seat.me.with(|me| name.with(|name| !name.trim().is_empty() && name.trim() != me.name));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let change = MeChange { name: Some(name.get_untracked().trim().to_owned()), availability: None };
        change_me(seat, toasts, change, words::saved());
    };
    let set = move |availability| {
        change_me(
            seat,
            toasts,
            MeChange { name: None, availability: Some(availability) },
            words::availability_changed(),
        );
    };
    view! {
        <section class="section">
            <h2 class="section-title">{words::profile()}</h2>
            <form class="form" on:submit=submit>
                <TextField label=words::your_name() value=name autocomplete="name" is_required=true max_length=100 help=words::your_name_help() />
                <div class="acts"><button type="submit" class="button" disabled=move || !is_changed()>{words::save_name()}</button></div>
            </form>
            <fieldset class="choices">
                <legend class="field-label">{words::availability()}</legend>
                {Presence::ALL.iter().copied().map(|of| view! {
                    <label class="choice">
                        <input type="radio" name="availability" prop:checked=move || seat.me.with(|me| me.availability == of) on:change=move |_| set(of) />
                        <span class="status-dot" data-status=of.word()></span>
                        <span>{words::availability_name(of)}</span>
                    </label>
                }).collect_view()}
            </fieldset>
            <p class="field-help">{words::availability_help()}</p>
        </section>
    }
}

#[component]
fn Browser() -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let choices = preferences.choices;
    view! {
        <section class="section">
            <h2 class="section-title">{words::this_browser()}</h2>
            <fieldset class="choices">
                <legend class="field-label">{words::theme()}</legend>
                {Theme::ALL.iter().copied().map(|of| view! {
                    <label class="choice">
                        <input type="radio" name="theme" prop:checked=move || choices.with(|choices| choices.theme == of) on:change=move |_| preferences.change(|choices| choices.theme = of) />
                        <span>{words::theme_name(of)}</span>
                    </label>
                }).collect_view()}
            </fieldset>
            <fieldset class="choices">
                <legend class="field-label">{words::send_with()}</legend>
                {[(SendKey::Enter, words::send_with_enter()), (SendKey::ControlEnter, words::send_with_control_enter())].map(|(of, name)| view! {
                    <label class="choice">
                        <input type="radio" name="send-key" prop:checked=move || choices.with(|choices| choices.send_key == of) on:change=move |_| preferences.change(|choices| choices.send_key = of) />
                        <span>{name}</span>
                    </label>
                })}
            </fieldset>
            <Switch name=words::sound() help=words::sound_help() is_on=Signal::derive(move || choices.with(|choices| choices.sound)) toggle=Callback::new(move |is_on| {
                preferences.change(|choices| choices.sound = is_on);
                if is_on {
                    sound::play();
                }
            }) />
            <Switch name=words::notifications() help=words::notifications_help() is_on=Signal::derive(move || choices.with(|choices| choices.notifications)) toggle=Callback::new(move |is_on| set_notifications(preferences, is_on)) />
        </section>
    }
}

/// Turning them on asks the browser; a refusal turns them off again and says where to change it.
fn set_notifications(preferences: Preferences, is_on: bool) {
    let toasts = expect_context::<Toasts>();
    let set = move |is_on: bool| preferences.change(|choices: &mut Choices| choices.notifications = is_on);
    set(is_on);
    if is_on && !are_notifications_allowed() {
        spawn_local(async move {
            let is_known = js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false);
            if is_known && let Ok(asking) = web_sys::Notification::request_permission() {
                JsFuture::from(asking).await.ok();
            }
            if !are_notifications_allowed() {
                set(false);
                toasts.say(words::notifications_refused());
            }
        });
    }
}

#[component]
fn Switch(
    name: &'static str,
    help: &'static str,
    is_on: Signal<bool>,
    toggle: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="switch-row">
            <span class="switch-words">
                <span class="field-label">{name}</span>
                <span class="field-help">{help}</span>
            </span>
            <input class="switch" type="checkbox" role="switch" prop:checked=is_on on:change=move |event| toggle.run(event_target_checked(&event)) />
        </label>
    }
}

#[component]
fn Password() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let failure = RwSignal::new(None::<Failure>);
    let is_busy = RwSignal::new(false);
    let field_error =
        move |field: &'static str| Signal::derive(move || failure.with(|f| f.as_ref()?.for_field(field)));
    let error = move || failure.with(|f| f.as_ref()?.beside(&["current", "new"]));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let body = PasswordChange { current: current.get_untracked(), new: new.get_untracked() };
        spawn_local(async move {
            match api::post_quietly("/api/me/password", &body).await {
                Ok(()) => {
                    current.set(String::new());
                    new.set(String::new());
                    toasts.say(words::password_changed());
                }
                Err(why) => failure.set(Some(why)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <section class="section">
            <h2 class="section-title">{words::change_password()}</h2>
            <form class="form" on:submit=submit>
                <TextField label=words::current_password() value=current kind="password" autocomplete="current-password" is_required=true error=field_error("current") />
                <TextField label=words::new_password() value=new kind="password" autocomplete="new-password" is_required=true error=field_error("new") help=words::password_help() />
                <div role="alert">
                    {move || error().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
                </div>
                <div class="acts"><button type="submit" class="button" disabled=is_busy>{words::change_password()}</button></div>
            </form>
        </section>
    }
}
