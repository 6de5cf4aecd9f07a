//! A link for somebody who forgot the password.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Person, ResetLink};

use crate::api;
use crate::ui::copy::CopyButton;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::Skeleton;
use crate::words;

/// Makes a link as soon as somebody is named, and shows it.
#[component]
pub(super) fn ResetDialog(forgetful: RwSignal<Option<Person>>) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let made = RwSignal::new(None::<Result<ResetLink, String>>);
    Effect::new(move |_| {
        let Some(person) = forgetful.get() else { return };
        made.set(None);
        is_open.set(true);
        spawn_local(async move {
            let path = format!("/api/people/{}/reset-link", person.id);
            let answer = api::post::<_, ResetLink>(&path, &serde_json::json!({})).await;
            made.set(Some(answer.map_err(|failure| failure.words())));
        });
    });
    let title = move || {
        let name = forgetful.with(|person| person.as_ref().map(|p| p.name.clone()).unwrap_or_default());
        words::reset_link_of(&name)
    };
    view! {
        <Dialog is_open=is_open title=Signal::derive(title)>
            {move || match made.get() {
                None => view! { <Skeleton rows=1 /> }.into_any(),
                Some(Err(why)) => view! { <p class="notice" data-tone="bad"><Glyph icon=Icon::Alert /><span>{why}</span></p> }.into_any(),
                Some(Ok(made)) => view! {
                    <div class="snippet">
                        <code class="snippet-code" tabindex="0" aria-label=words::reset_link()>{made.link.clone()}</code>
                        <CopyButton text=made.link label=words::copy_link() />
                    </div>
                    <p class="field-help">{words::reset_link_help()}</p>
                }
                .into_any(),
            }}
            <footer class="dialog-acts">
                <button type="button" class="button" data-kind="primary" on:click=move |_| is_open.set(false)>{words::done()}</button>
            </footer>
        </Dialog>
    }
}
