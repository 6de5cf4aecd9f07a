//! Where a widget may appear: the list of origins, and a tester that says allowed or refused and why.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{OriginCheck, OriginVerdict};
use web_sys::KeyboardEvent;

use super::form::Form;
use crate::api;
use crate::ui::field::{Field, fresh_id};
use crate::ui::icon::{Glyph, Icon};
use crate::words;

/// An origin as people type it: an address becomes its origin, a bare host gets `https`. The relay has the last word.
pub(super) fn tidy_origin(text: &str) -> String {
    let text = text.trim().trim_end_matches([',', ';']);
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

#[component]
pub(super) fn Origins(form: Form) -> impl IntoView {
    let id = fresh_id("origin");
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            form.add_typed_origin();
        }
    };
    let origins = Memo::new(move |_| form.values.with(|values| values.origins.clone()));
    let remove =
        move |origin: String| form.values.update(|values| values.origins.retain(|known| *known != origin));
    let row = move |origin: String| {
        let name = words::remove(&origin);
        let gone = origin.clone();
        view! {
            <li class="origin">
                <Glyph icon=Icon::Globe />
                <span>{origin}</span>
                <button type="button" class="icon-button" aria-label=name.clone() title=name on:click=move |_| remove(gone.clone())>
                    <Glyph icon=Icon::Close />
                </button>
            </li>
        }
    };
    view! {
        <Field id=id.clone() label=words::allowed_origins() help=words::origins_help() error=form.error("allowed_origins")>
            <div class="field-row">
                <input
                    class="input"
                    aria-describedby=format!("{id}-help")
                    id=id
                    inputmode="url"
                    placeholder="https://www.example.com"
                    bind:value=form.typed_origin
                    on:keydown=key
                />
                <button type="button" class="button" on:click=move |_| form.add_typed_origin()>
                    <Glyph icon=Icon::Plus />
                    {words::add()}
                </button>
            </div>
        </Field>
        <Show
            when=move || origins.with(|origins| !origins.is_empty())
            fallback=|| view! { <p class="notice" data-tone="warn"><Glyph icon=Icon::Alert /><span>{words::no_origins()}</span></p> }
        >
            <ul class="origins">
                <For each=move || origins.get() key=Clone::clone children=row />
            </ul>
        </Show>
        <Tester form=form />
    }
}

#[component]
fn Tester(form: Form) -> impl IntoView {
    let id = fresh_id("tester");
    let address = RwSignal::new(String::new());
    let verdict = RwSignal::new(None::<Result<OriginVerdict, String>>);
    let check = move || {
        let address = address.get_untracked().trim().to_owned();
        if address.is_empty() {
            return;
        }
        let body = OriginCheck {
            allowed_origins: form.values.with_untracked(|values| values.origins.clone()),
            address,
        };
        spawn_local(async move {
            let answer = api::post::<_, OriginVerdict>("/api/origins/check", &body).await;
            verdict.set(Some(answer.map_err(|failure| failure.words())));
        });
    };
    // A verdict about another list or another address would mislead.
    Effect::new(move |_| {
        form.values.track();
        address.track();
        verdict.set(None);
    });
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            check();
        }
    };
    view! {
        <div class="tester">
            <Field id=id.clone() label=words::test_address() help=words::test_address_help()>
                <div class="field-row">
                    <input
                        class="input"
                        aria-describedby=format!("{id}-help")
                        id=id
                        inputmode="url"
                        placeholder="https://www.example.com/checkout"
                        bind:value=address
                        on:keydown=key
                    />
                    <button type="button" class="button" on:click=move |_| check()>{words::check()}</button>
                </div>
            </Field>
            <div role="status">{move || verdict.get().map(verdict_view)}</div>
        </div>
    }
}

fn verdict_view(verdict: Result<OriginVerdict, String>) -> impl IntoView {
    let (tone, icon, title, reason) = match verdict {
        Ok(verdict) if verdict.allowed => ("good", Icon::Check, words::allowed(), verdict.reason),
        Ok(verdict) => ("bad", Icon::Close, words::refused(), verdict.reason),
        Err(why) => ("warn", Icon::Alert, words::not_checked(), why),
    };
    view! {
        <p class="notice" data-tone=tone>
            <Glyph icon=icon />
            <span>
                <strong>{title}</strong>
                " "
                {reason}
            </span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_its_origin() {
        for (typed, origin) in [
            ("https://Shop.Example/cart?a=b", "https://shop.example"),
            ("shop.example", "https://shop.example"),
            (" http://localhost:3000, ", "http://localhost:3000"),
            ("https://*.example.com", "https://*.example.com"),
        ] {
            assert_eq!(tidy_origin(typed), origin, "{typed}");
        }
    }
}
