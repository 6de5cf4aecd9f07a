//! The campaigns' screens: all of them, a new one, one of them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::Campaign;
use protocol::ids::CampaignId;

use super::form::{Form, Values};
use super::identity::Identity;
use super::keys::Embedding;
use super::list::CampaignCard;
use super::origins::Origins;
use super::preview::Preview;
use super::sections::{Look, Name, Section, Texts};
use crate::api;
use crate::inbox::state::Inbox;
use crate::place::Place;
use crate::session::Seat;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Empty, Skeleton, Trouble};
use crate::ui::toast::Toasts;
use crate::words;

type Loaded<T> = RwSignal<Option<Result<T, String>>>;

#[component]
pub(crate) fn CampaignsPage() -> impl IntoView {
    let seat = expect_context::<Seat>();
    let campaigns: Loaded<Vec<Campaign>> = RwSignal::new(None);
    let load = move || {
        campaigns.set(None);
        spawn_local(async move {
            let answer = api::read_all::<Campaign>("/api/campaigns").await;
            campaigns.set(Some(answer.map_err(|failure| failure.words())));
        });
    };
    load();
    let new_button = move || {
        let href = Place::NewCampaign.path(seat.me.with_untracked(|me| me.workspace.id));
        seat.is_admin().then(|| {
            view! {
                <a class="button" data-kind="primary" href=href>
                    <Glyph icon=Icon::Plus />
                    {words::new_campaign()}
                </a>
            }
        })
    };
    view! {
        <div class="page">
            <header class="page-head">
                <div>
                    <h1 class="page-title">{words::campaigns()}</h1>
                    <p class="page-text">{words::campaigns_text()}</p>
                </div>
                {new_button}
            </header>
            {move || match campaigns.get() {
                None => view! { <Skeleton rows=3 shape="card" /> }.into_any(),
                Some(Err(why)) => view! { <Trouble title=words::campaigns_failed() text=why retry=move |()| load() /> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! {
                    <Empty icon=Icon::Campaigns title=words::no_campaigns() text=words::no_campaigns_hint()>{new_button()}</Empty>
                }
                .into_any(),
                Some(Ok(list)) => view! {
                    <ul class="cards">{list.into_iter().map(|campaign| view! { <CampaignCard campaign=campaign /> }).collect_view()}</ul>
                }
                .into_any(),
            }}
        </div>
    }
}

#[component]
fn BackLink() -> impl IntoView {
    let seat = expect_context::<Seat>();
    view! {
        <a class="back-link" href=Place::Campaigns.path(seat.me.with_untracked(|me| me.workspace.id))>
            <Glyph icon=Icon::ChevronLeft />
            {words::campaigns()}
        </a>
    }
}

/// The settings every campaign has, new or not.
#[component]
fn Settings(form: Form) -> impl IntoView {
    view! {
        <Section title=words::basics()><Name form=form /><Origins form=form /></Section>
        <Section title=words::look()><Look form=form /></Section>
        <Section title=words::texts()><Texts form=form /></Section>
    }
}

#[component]
fn FormError(form: Form) -> impl IntoView {
    const SHOWN: [&str; 5] =
        ["name", "allowed_origins", "appearance.color", "appearance.title", "appearance.welcome"];
    let error = move || form.failure.with(|failure| failure.as_ref()?.beside(&SHOWN));
    view! {
        <div role="alert">
            {move || error().map(|error| view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{error}</span></p> })}
        </div>
    }
}

#[component]
pub(crate) fn NewCampaignPage() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    if !inbox.seat.is_admin() {
        return view! { <Empty icon=Icon::Lock title=words::no_permission() text=words::campaigns_need_admin() /> }.into_any();
    }
    let form = Form::new(Values::default());
    let is_busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        form.add_typed_origin();
        form.failure.set(None);
        is_busy.set(true);
        let body = form.values.get_untracked().into_new();
        spawn_local(async move {
            match api::post::<_, Campaign>("/api/campaigns", &body).await {
                Ok(campaign) => {
                    inbox.toasts.say(words::campaign_created());
                    inbox.go(Place::Campaign(campaign.id));
                }
                Err(failure) => form.failure.set(Some(failure)),
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <div class="page" data-width="wide">
            <header class="page-head"><div><BackLink /><h1 class="page-title">{words::new_campaign()}</h1></div></header>
            <div class="editor">
                <form class="editor-form" on:submit=submit>
                    <Settings form=form />
                    <FormError form=form />
                    <div class="save-bar">
                        <button type="submit" class="button" data-kind="primary" disabled=is_busy>{words::create_campaign()}</button>
                    </div>
                </form>
                <Preview form=form />
            </div>
        </div>
    }
    .into_any()
}

#[component]
pub(crate) fn EditorPage(id: CampaignId) -> impl IntoView {
    let campaign: Loaded<Campaign> = RwSignal::new(None);
    let load = move || {
        campaign.set(None);
        spawn_local(async move {
            let answer = api::read::<Campaign>(&format!("/api/campaigns/{id}")).await;
            campaign.set(Some(answer.map_err(|failure| failure.words())));
        });
    };
    load();
    view! {
        <div class="page" data-width="wide">
            {move || match campaign.get() {
                None => view! { <header class="page-head"><BackLink /></header><Skeleton rows=5 shape="line" /> }.into_any(),
                Some(Err(why)) => view! {
                    <header class="page-head"><BackLink /></header>
                    <Trouble title=words::campaign_failed() text=why retry=move |()| load() />
                }
                .into_any(),
                Some(Ok(campaign)) => view! { <Editor campaign=campaign /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Editor(campaign: Campaign) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let is_admin = inbox.seat.is_admin();
    let form = Form::new(Values::of(&campaign));
    let id = campaign.id;
    let campaign = RwSignal::new(campaign);
    let saved = Memo::new(move |_| campaign.with(Values::of));
    let is_changed = Memo::new(move |_| {
        form.values.with(|values| *values != saved.get())
            || form.typed_origin.with(|typed| !typed.trim().is_empty())
    });
    let is_busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        form.add_typed_origin();
        form.failure.set(None);
        is_busy.set(true);
        let change = form.values.get_untracked().change_from(&saved.get_untracked());
        spawn_local(async move {
            match api::patch::<_, Campaign>(&format!("/api/campaigns/{id}"), &change).await {
                Ok(changed) => {
                    form.values.set(Values::of(&changed));
                    campaign.set(changed);
                    inbox.toasts.say(words::saved());
                }
                Err(failure) => form.failure.set(Some(failure)),
            }
            is_busy.try_set(false);
        });
    };
    let discard = move |_| {
        form.typed_origin.set(String::new());
        form.values.set(saved.get_untracked());
    };
    view! {
        <header class="page-head"><div><BackLink /><h1 class="page-title">{move || campaign.with(|campaign| campaign.name.clone())}</h1></div></header>
        <div class="editor">
            <div class="editor-form">
                <Embedding campaign=campaign is_admin=is_admin />
                <form class="editor-form" on:submit=submit>
                    <fieldset class="plain" disabled=!is_admin>
                        <Settings form=form />
                    </fieldset>
                    <FormError form=form />
                    <Show when=move || is_admin fallback=|| view! { <p class="notice"><Glyph icon=Icon::Lock /><span>{words::campaigns_need_admin()}</span></p> }>
                        <div class="save-bar" data-state=move || is_changed.get().then_some("changed")>
                            <span class="save-state">{move || if is_changed.get() { words::unsaved() } else { words::all_saved() }}</span>
                            <button type="button" class="button" disabled=move || !is_changed.get() on:click=discard>{words::discard_changes()}</button>
                            <button type="submit" class="button" data-kind="primary" disabled=move || is_busy.get() || !is_changed.get()>{words::save_changes()}</button>
                        </div>
                    </Show>
                </form>
                <Identity campaign=campaign is_admin=is_admin />
                {is_admin.then(|| view! { <Removal id=id /> })}
            </div>
            <Preview form=form />
        </div>
    }
}

/// Taking a campaign away asks once and says what follows.
#[component]
fn Removal(id: CampaignId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let toasts = expect_context::<Toasts>();
    let is_open = RwSignal::new(false);
    let remove = move |_| {
        spawn_local(async move {
            match api::delete(&format!("/api/campaigns/{id}")).await {
                Ok(()) => {
                    is_open.set(false);
                    toasts.say(words::campaign_deleted());
                    inbox.go(Place::Campaigns);
                }
                Err(failure) => toasts.say(failure.words()),
            }
        });
    };
    view! {
        <Section title=words::delete_campaign() text=words::delete_campaign_text()>
            <div class="acts">
                <button type="button" class="button" data-kind="danger" on:click=move |_| is_open.set(true)>
                    <Glyph icon=Icon::Trash />
                    {words::delete_campaign()}
                </button>
            </div>
        </Section>
        <Dialog is_open=is_open title=words::delete_campaign()>
            <p>{words::delete_campaign_text()}</p>
            <footer class="dialog-acts">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>{words::cancel()}</button>
                <button type="button" class="button" data-kind="danger" on:click=remove>{words::delete_campaign()}</button>
            </footer>
        </Dialog>
    }
}
