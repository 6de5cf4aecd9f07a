//! Verified visitors: the secret with which the site proves who they are, and whether anybody else is let in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Campaign, CampaignChange, IdentitySecret};
use web_sys::HtmlInputElement;

use super::keys::DialogError;
use super::sections::Section;
use crate::api;
use crate::ui::copy::CopyButton;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;
use crate::words;

#[component]
pub(super) fn Identity(campaign: RwSignal<Campaign>, is_admin: bool) -> impl IntoView {
    let is_set = Memo::new(move |_| campaign.with(|campaign| campaign.identity.is_set));
    let (is_making, is_ending) = (RwSignal::new(false), RwSignal::new(false));
    let id = campaign.with_untracked(|campaign| campaign.id.text());
    let dot = move || if is_set.get() { "open" } else { "resolved" };
    view! {
        <Section title=words::verified_visitors() text=words::verified_visitors_text()>
            <p class="last-seen">
                <span class="status-dot" data-status=dot></span>
                <span>{move || if is_set.get() { words::identity_secret_set() } else { words::no_identity_secret() }}</span>
            </p>
            <div class="field">
                <span class="field-label">{words::campaign_id()}</span>
                <div class="snippet">
                    <code class="snippet-code" tabindex="0" aria-label=words::campaign_id()>{id.clone()}</code>
                    <CopyButton text=id label=words::copy_id() />
                </div>
                <p class="field-help">{words::how_to_verify()}</p>
            </div>
            {is_admin.then(|| view! {
                <div class="acts">
                    <button type="button" class="button" on:click=move |_| is_making.set(true)>
                        <Glyph icon=Icon::Lock />
                        {move || if is_set.get() { words::replace_identity_secret() } else { words::make_identity_secret() }}
                    </button>
                    <Show when=move || is_set.get()>
                        <button type="button" class="button" data-kind="danger" on:click=move |_| is_ending.set(true)>
                            <Glyph icon=Icon::Trash />
                            {words::remove_identity_secret()}
                        </button>
                    </Show>
                </div>
            })}
            <Required campaign=campaign is_admin=is_admin />
        </Section>
        <MakeDialog campaign=campaign is_open=is_making />
        <EndDialog campaign=campaign is_open=is_ending />
    }
}

/// Whether visitors without a proof are kept out. Saved as it is switched.
#[component]
fn Required(campaign: RwSignal<Campaign>, is_admin: bool) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let is_required = Memo::new(move |_| campaign.with(|campaign| campaign.identity.is_required));
    let is_fixed = move || !is_admin || !campaign.with(|c| c.identity.is_set || c.identity.is_required);
    let switch = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        let wish = CampaignChange { identity_required: Some(input.checked()), ..CampaignChange::default() };
        let path = format!("/api/campaigns/{}", campaign.with_untracked(|campaign| campaign.id));
        spawn_local(async move {
            match api::patch::<_, Campaign>(&path, &wish).await {
                Ok(changed) => {
                    campaign.set(changed);
                    toasts.say(words::saved());
                }
                Err(failure) => {
                    input.set_checked(!input.checked());
                    toasts.say(failure.words());
                }
            }
        });
    };
    view! {
        <label class="switch-row">
            <span class="switch-words">
                <span class="field-label">{words::only_verified()}</span>
                <span class="field-help">{words::only_verified_help()}</span>
            </span>
            <input class="switch" type="checkbox" role="switch" disabled=is_fixed prop:checked=move || is_required.get() on:change=switch />
        </label>
    }
}

/// Makes a secret once it is sure, and shows it this one time.
#[component]
fn MakeDialog(campaign: RwSignal<Campaign>, is_open: RwSignal<bool>) -> impl IntoView {
    let made = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if !is_open.get() {
            made.set(None);
            error.set(None);
        }
    });
    let is_set = move || campaign.with(|campaign| campaign.identity.is_set);
    let title = Signal::derive(move || match (made.with(Option::is_some), is_set()) {
        (true, _) => words::identity_secret().to_owned(),
        (false, true) => words::replace_identity_secret().to_owned(),
        (false, false) => words::make_identity_secret().to_owned(),
    });
    let make = move |_: web_sys::MouseEvent| {
        let path =
            format!("/api/campaigns/{}/identity-secret", campaign.with_untracked(|campaign| campaign.id));
        error.set(None);
        spawn_local(async move {
            match api::post::<_, IdentitySecret>(&path, &serde_json::json!({})).await {
                Ok(answer) => {
                    made.set(Some(answer.secret));
                    campaign.update(|campaign| campaign.identity.is_set = true);
                }
                Err(failure) => error.set(Some(failure.words())),
            }
        });
    };
    view! {
        <Dialog is_open=is_open title=title>
            {move || match made.get() {
                Some(secret) => view! { <SecretText secret=secret is_open=is_open /> }.into_any(),
                None => view! {
                    <p>{move || if is_set() { words::replace_identity_secret_text() } else { words::make_identity_secret_text() }}</p>
                    <DialogError error=error />
                    <footer class="dialog-acts">
                        <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                        <button type="button" class="button" data-kind="primary" on:click=make>{words::make_identity_secret_now()}</button>
                    </footer>
                }
                .into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn SecretText(secret: String, is_open: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="snippet">
            <code class="snippet-code" tabindex="0" aria-label=words::identity_secret()>{secret.clone()}</code>
            <CopyButton text=secret label=words::copy_identity_secret() />
        </div>
        <p class="field-help">{words::identity_secret_once()}</p>
        <footer class="dialog-acts">
            <button type="button" class="button" data-kind="primary" on:click=move |_| is_open.set(false)>{words::done()}</button>
        </footer>
    }
}

/// Taking the secret away asks once and says what follows.
#[component]
fn EndDialog(campaign: RwSignal<Campaign>, is_open: RwSignal<bool>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let error = RwSignal::new(None::<String>);
    let end = move |_: web_sys::MouseEvent| {
        let path =
            format!("/api/campaigns/{}/identity-secret", campaign.with_untracked(|campaign| campaign.id));
        error.set(None);
        spawn_local(async move {
            match api::delete(&path).await {
                Ok(()) => {
                    campaign.update(|campaign| campaign.identity.is_set = false);
                    is_open.set(false);
                    toasts.say(words::identity_secret_removed());
                }
                Err(failure) => error.set(Some(failure.words())),
            }
        });
    };
    let text = move || {
        if campaign.with(|campaign| campaign.identity.is_required) {
            words::remove_identity_secret_shuts()
        } else {
            words::remove_identity_secret_text()
        }
    };
    view! {
        <Dialog is_open=is_open title=words::remove_identity_secret()>
            <p>{text}</p>
            <DialogError error=error />
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::keep_identity_secret()}</button>
                <button type="button" class="button" data-kind="danger" on:click=end>{words::remove_identity_secret()}</button>
            </footer>
        </Dialog>
    }
}
