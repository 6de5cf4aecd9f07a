//! What stands in the log: bubbles, day lines and the quiet lines of what happened.

use std::collections::HashMap;

use leptos::prelude::*;
use protocol::client::Input;
use protocol::event::Status;
use protocol::ids::Cmid;
use protocol::message::Side;

use super::items::{Bubble, BubbleState, Happening, Item, Mark};
use super::state::Inbox;
use crate::ui::avatar::Avatar;
use crate::ui::clock::Clock;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::rich_text::RichText;
use crate::ui::time;
use crate::words;

type States = Memo<HashMap<Cmid, BubbleState>>;

#[component]
pub(super) fn ItemView(item: Item, states: States) -> AnyView {
    match item {
        Item::Day { at_ms, .. } => {
            let clock = expect_context::<Clock>();
            view! { <p class="log-day"><span>{move || time::day(clock.now_ms(), at_ms)}</span></p> }
                .into_any()
        }
        Item::Line { at_ms, what, .. } => view! {
            <p class="log-line" title=time::exact(at_ms)>
                <Glyph icon=icon_of(&what) />
                <span>{words_of(&what)}</span>
                <time>{time::time_of_day(at_ms)}</time>
            </p>
        }
        .into_any(),
        Item::Say(bubble) => view! { <BubbleView bubble=bubble states=states /> }.into_any(),
    }
}

fn icon_of(what: &Happening) -> Icon {
    match what {
        Happening::Assigned { .. } => Icon::Person,
        Happening::Status { status: Status::Open, .. } => Icon::Reopen,
        Happening::Status { status: Status::Pending, .. } => Icon::Clock,
        Happening::Status { status: Status::Snoozed, .. } => Icon::Moon,
        Happening::Status { status: Status::Resolved, .. } => Icon::Check,
    }
}

fn words_of(what: &Happening) -> String {
    match what {
        Happening::Status { by, status, until } => {
            let until = until.as_deref().and_then(time::parse).map(time::day_and_time);
            words::status_changed(by.as_deref(), *status, until.as_deref())
        }
        Happening::Assigned { by, to, to_self } => {
            if *to_self {
                words::took_it(by.as_deref().unwrap_or_default())
            } else {
                words::assigned(by.as_deref(), to.as_deref())
            }
        }
    }
}

fn side_word(bubble: &Bubble) -> &'static str {
    match bubble.side {
        Side::Contact => "contact",
        Side::Agent | Side::System => "agent",
    }
}

#[component]
fn BubbleView(bubble: Bubble, states: States) -> impl IntoView {
    let cmid = bubble.cmid;
    let state = Memo::new(move |_| states.with(|states| states.get(&cmid).cloned().unwrap_or_default()));
    let is_first = Memo::new(move |_| state.with(|state| state.is_first));
    let is_last = Memo::new(move |_| state.with(|state| state.is_last));
    let mark = Memo::new(move |_| state.with(|state| state.mark.clone()));
    let side = side_word(&bubble);
    let is_contact = side == "contact";
    let author = if bubble.is_mine { words::you().to_owned() } else { bubble.author.clone() };
    let face_name = bubble.author.clone();
    let spoken_author = author.clone();
    let at_ms = bubble.at_ms;
    // The author is said once a group, and never of oneself: the side of the bubble says it.
    let head = move || {
        (is_first.get() && !bubble.is_mine && !is_contact)
            .then(|| view! { <span class="bubble-author">{author.clone()}</span> })
    };
    view! {
        <article
            class="bubble-row"
            data-side=side
            data-note=bubble.is_note.then_some("true")
            data-first=move || is_first.get().then_some("true")
            data-last=move || is_last.get().then_some("true")
        >
            {is_contact.then(|| view! { <span class="bubble-face"><Avatar name=face_name size="small" /></span> })}
            <div class="bubble-stack">
                {head}
                <div class="bubble" title=time::exact(at_ms) data-state=move || mark.with(mark_word)>
                    <span class="visually-hidden">{words::says(&spoken_author)}</span>
                    {bubble.is_note.then(|| view! { <span class="bubble-note"><Glyph icon=Icon::Lock />{words::note()}</span> })}
                    <RichText text=bubble.text />
                    {move || match mark.get() {
                        Mark::Failed(why) => Some(view! { <Failure cmid=cmid why=why /> }),
                        _ => None,
                    }}
                </div>
                <Show when=move || is_last.get()>
                    <span class="bubble-foot">
                        <time>{time::time_of_day(at_ms)}</time>
                        {move || mark.with(mark_view)}
                    </span>
                </Show>
            </div>
        </article>
    }
}

fn mark_word(mark: &Mark) -> &'static str {
    match mark {
        Mark::None => "none",
        Mark::Waiting => "waiting",
        Mark::Sending => "sending",
        Mark::Sent => "sent",
        Mark::Delivered => "delivered",
        Mark::Read => "read",
        Mark::Failed(_) => "failed",
    }
}

fn mark_view(mark: &Mark) -> Option<impl IntoView + use<>> {
    let (icon, words) = match mark {
        Mark::None => return None,
        Mark::Waiting => (Icon::Clock, words::mark_waiting()),
        Mark::Sending => (Icon::Clock, words::mark_sending()),
        Mark::Sent => (Icon::Check, words::mark_sent()),
        Mark::Delivered => (Icon::Checks, words::mark_delivered()),
        Mark::Read => (Icon::Checks, words::mark_read()),
        Mark::Failed(_) => (Icon::Alert, words::mark_failed()),
    };
    Some(view! {
        <span class="mark" data-mark=mark_word(mark) title=words>
            <Glyph icon=icon />
            <span class="mark-words">{words}</span>
        </span>
    })
}

/// The reason of a refusal and the two ways on, inside the bubble.
#[component]
fn Failure(cmid: Cmid, why: String) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    view! {
        <div class="bubble-failure" role="alert">
            <p>
                <Glyph icon=Icon::Alert />
                {words::not_sent(&why)}
            </p>
            <div class="bubble-failure-acts">
                <button type="button" class="button" data-size="small" on:click=move |_| inbox.live.give(Input::Retry { cmid })>
                    {words::try_again()}
                </button>
                <button type="button" class="button" data-size="small" data-kind="quiet" on:click=move |_| inbox.live.give(Input::Discard { cmid })>
                    {words::discard()}
                </button>
            </div>
        </div>
    }
}
