//! Embedding: the line to paste, where it was last seen, and giving the key a successor or taking it away.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Campaign, KeyRotation};

use super::sections::Section;
use crate::api;
use crate::ui::copy::CopyButton;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::time::{self, Time};
use crate::ui::toast::Toasts;
use crate::words;

const OVERLAPS_S: [u32; 5] = [0, 3_600, 86_400, 604_800, 2_592_000];
const USUAL_OVERLAP_S: u32 = 86_400;

#[component]
pub(super) fn Embedding(campaign: RwSignal<Campaign>, is_admin: bool) -> impl IntoView {
    let snippet = Memo::new(move |_| campaign.with(|campaign| campaign.snippet.clone()));
    let (is_rotating, is_revoking) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <Section title=words::embed() text=words::embed_text()>
            {move || match snippet.get() {
                Some(snippet) => view! {
                    <div class="snippet">
                        <code class="snippet-code" tabindex="0" aria-label=words::snippet()>{snippet.clone()}</code>
                        <CopyButton text=snippet label=words::copy() />
                    </div>
                }
                .into_any(),
                None => view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Key /><span>{words::key_revoked()}</span></p> }.into_any(),
            }}
            <LastSeen campaign=campaign />
            {move || campaign.with(|campaign| campaign.retiring_keys.clone()).into_iter().map(|key| {
                let until = time::parse(&key.expires_at).map(time::day_and_time).unwrap_or_default();
                view! { <p class="notice" data-tone="warn"><Glyph icon=Icon::Clock /><span>{words::old_key_until(&key.key, &until)}</span></p> }
            }).collect_view()}
            {is_admin.then(|| view! {
                <div class="acts">
                    <button type="button" class="button" on:click=move |_| is_rotating.set(true)>
                        <Glyph icon=Icon::Refresh />
                        {move || if snippet.get().is_some() { words::rotate_key() } else { words::new_key() }}
                    </button>
                    <Show when=move || snippet.get().is_some()>
                        <button type="button" class="button" data-kind="danger" on:click=move |_| is_revoking.set(true)>
                            <Glyph icon=Icon::Key />
                            {words::revoke_key()}
                        </button>
                    </Show>
                </div>
            })}
        </Section>
        <RotateDialog campaign=campaign is_open=is_rotating />
        <RevokeDialog campaign=campaign is_open=is_revoking />
    }
}

#[component]
fn LastSeen(campaign: RwSignal<Campaign>) -> impl IntoView {
    view! {
        <p class="last-seen">
            {move || match campaign.with(|campaign| campaign.last_seen.clone()) {
                Some(seen) => view! {
                    <span class="status-dot" data-status="open"></span>
                    <span>{words::last_seen_on(&seen.origin)} " " <Time at=seen.at /></span>
                }
                .into_any(),
                None => view! {
                    <span class="status-dot" data-status="resolved"></span>
                    <span>{words::never_seen()}</span>
                }
                .into_any(),
            }}
        </p>
    }
}

/// Asks the relay and shows what came of it; the dialog stays open with the reason when it refused.
fn ask(
    path: String,
    body: serde_json::Value,
    campaign: RwSignal<Campaign>,
    shown: DialogState,
    said: &'static str,
) {
    let toasts = expect_context::<Toasts>();
    shown.error.set(None);
    spawn_local(async move {
        match api::post::<_, Campaign>(&path, &body).await {
            Ok(changed) => {
                campaign.set(changed);
                shown.is_open.set(false);
                toasts.say(said);
            }
            Err(failure) => shown.error.set(Some(failure.words())),
        }
    });
}

#[derive(Clone, Copy)]
struct DialogState {
    is_open: RwSignal<bool>,
    error: RwSignal<Option<String>>,
}

#[component]
pub(super) fn DialogError(error: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || error.get().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
        </div>
    }
}

#[component]
fn RotateDialog(campaign: RwSignal<Campaign>, is_open: RwSignal<bool>) -> impl IntoView {
    let shown = DialogState { is_open, error: RwSignal::new(None) };
    let overlap = RwSignal::new(USUAL_OVERLAP_S);
    let owner = Owner::current().unwrap_or_default();
    let rotate = move |_| {
        let path = format!("/api/campaigns/{}/key/rotate", campaign.with_untracked(|campaign| campaign.id));
        let body = serde_json::to_value(KeyRotation { overlap_seconds: overlap.get_untracked() })
            .unwrap_or_default();
        owner.with(|| ask(path, body, campaign, shown, words::key_rotated()));
    };
    let rotate = StoredValue::new(rotate);
    view! {
        <Dialog is_open=is_open title=words::rotate_key()>
            <p>{words::rotate_text()}</p>
            <fieldset class="choices" data-layout="column">
                <legend class="field-label">{words::old_key_works()}</legend>
                {OVERLAPS_S.map(|seconds| view! {
                    <label class="choice">
                        <input type="radio" name="overlap" prop:checked=move || overlap.get() == seconds on:change=move |_| overlap.set(seconds) />
                        <span>{words::overlap(seconds)}</span>
                    </label>
                })}
            </fieldset>
            <DialogError error=shown.error />
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                <button type="button" class="button" data-kind="primary" on:click=move |event| rotate.with_value(|rotate| rotate(event))>{words::rotate_key()}</button>
            </footer>
        </Dialog>
    }
}

#[component]
fn RevokeDialog(campaign: RwSignal<Campaign>, is_open: RwSignal<bool>) -> impl IntoView {
    let shown = DialogState { is_open, error: RwSignal::new(None) };
    let owner = Owner::current().unwrap_or_default();
    let revoke = move |_: web_sys::MouseEvent| {
        let path = format!("/api/campaigns/{}/key/revoke", campaign.with_untracked(|campaign| campaign.id));
        owner.with(|| {
            ask(
                path,
                serde_json::Value::Object(serde_json::Map::new()),
                campaign,
                shown,
                words::key_was_revoked(),
            );
        });
    };
    let revoke = StoredValue::new(revoke);
    view! {
        <Dialog is_open=is_open title=words::revoke_title()>
            <p>{words::revoke_text()}</p>
            <DialogError error=shown.error />
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::keep_key()}</button>
                <button type="button" class="button" data-kind="danger" on:click=move |event| revoke.with_value(|revoke| revoke(event))>{words::revoke_key()}</button>
            </footer>
        </Dialog>
    }
}
