//! What else the contact wrote to us about: their other conversations.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{ConversationRow, Page};

use super::details::Fold;
use super::state::Inbox;
use crate::api;
use crate::ui::time::Time;
use crate::words;

/// Older ones are found by search.
const MOST_SHOWN: u32 = 20;

#[component]
pub(super) fn Earlier() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let whose = Memo::new(move |_| {
        inbox.open.with(|open| open.as_ref().map(|open| (open.row.id, open.row.contact.id)))
    });
    let found = RwSignal::new(None::<Result<Vec<ConversationRow>, String>>);
    let load = move || {
        found.set(None);
        let Some((current, contact)) = whose.get_untracked() else { return };
        spawn_local(async move {
            // One more than is shown: the open one is among them.
            let path = format!("/api/conversations?contact={contact}&limit={}", MOST_SHOWN + 1);
            let answer = api::read::<Page<ConversationRow>>(&path).await;
            if whose.try_get_untracked().flatten() == Some((current, contact)) {
                found.set(Some(match answer {
                    Ok(page) => Ok(page.items.into_iter().filter(|row| row.id != current).collect()),
                    Err(failure) => Err(failure.words()),
                }));
            }
        });
    };
    Effect::new(move |_| {
        whose.track();
        load();
    });
    move || {
        match found.get() {
        Some(Ok(rows)) if !rows.is_empty() => view! {
            <Fold key="earlier" title=words::earlier()>
                <ul class="earlier">{rows.into_iter().map(|row| view! { <EarlierRow row=row /> }).collect_view()}</ul>
            </Fold>
        }
        .into_any(),
        Some(Err(why)) => view! {
            <div class="details-trouble" role="status">
                <p title=why>{words::earlier_failed()}</p>
                <button type="button" class="button" data-size="small" on:click=move |_| load()>{words::try_again()}</button>
            </div>
        }
        .into_any(),
        Some(Ok(_)) | None => ().into_any(),
    }
    }
}

#[component]
fn EarlierRow(row: ConversationRow) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let id = row.id;
    let said = row.last_message.as_ref().map(|message| message.text.replace('\n', " "));
    let said = said.unwrap_or_else(|| words::no_messages_yet().to_owned());
    view! {
        <li>
            <a class="earlier-link" href=move || inbox.path_of(Some(id))>
                <span class="earlier-said" dir="auto">{said}</span>
                <span class="earlier-facts">{words::status(row.status)} " · " <Time at=row.updated_at /></span>
            </a>
        </li>
    }
}
