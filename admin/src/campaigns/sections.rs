//! The parts of the campaign form: name, look and words.

use leptos::prelude::*;
use protocol::api::{Corner, Theme};

use super::form::Form;
use crate::ui::color::{Color, READABLE};
use crate::ui::field::{Field, fresh_id};
use crate::ui::icon::{Glyph, Icon};
use crate::words;

const SWATCHES: [&str; 8] =
    ["#0f766e", "#1d4ed8", "#6d28d9", "#be185d", "#b42318", "#b45309", "#166534", "#1f1d1a"];
const FURTHEST: u32 = 200;

/// A heading with what belongs to it.
#[component]
pub(super) fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <h2 class="section-title">{title}</h2>
            {(!text.is_empty()).then(|| view! { <p class="section-text">{text}</p> })}
            {children()}
        </section>
    }
}

#[component]
pub(super) fn Name(form: Form) -> impl IntoView {
    let id = fresh_id("name");
    view! {
        <Field id=id.clone() label=words::campaign_name() help=words::campaign_name_help() error=form.error("name")>
            <input
                class="input"
                aria-describedby=format!("{id}-help")
                id=id
                required=true
                maxlength="100"
                prop:value=move || form.values.with(|values| values.name.clone())
                on:input=move |event| form.values.update(|values| values.name = event_target_value(&event))
            />
        </Field>
    }
}

#[component]
pub(super) fn Look(form: Form) -> impl IntoView {
    let look = form.look();
    view! {
        <ColorField form=form />
        <fieldset class="choices">
            <legend class="field-label">{words::theme()}</legend>
            {Theme::ALL.iter().copied().map(|theme| view! {
                <label class="choice">
                    <input type="radio" name="campaign-theme" prop:checked=move || look.with(|look| look.theme == theme) on:change=move |_| form.change_look(|look| look.theme = theme) />
                    <span>{words::theme_name(theme)}</span>
                </label>
            }).collect_view()}
        </fieldset>
        <fieldset class="choices">
            <legend class="field-label">{words::corner()}</legend>
            {Corner::ALL.iter().copied().map(|corner| view! {
                <label class="choice">
                    <input type="radio" name="campaign-corner" prop:checked=move || look.with(|look| look.corner == corner) on:change=move |_| form.change_look(|look| look.corner = corner) />
                    <span>{words::corner_name(corner)}</span>
                </label>
            }).collect_view()}
        </fieldset>
        <div class="field-pair">
            <Offset label=words::offset_side() value=Signal::derive(move || look.with(|look| look.offset_x)) change=Callback::new(move |px| form.change_look(|look| look.offset_x = px)) />
            <Offset label=words::offset_bottom() value=Signal::derive(move || look.with(|look| look.offset_y)) change=Callback::new(move |px| form.change_look(|look| look.offset_y = px)) />
        </div>
    }
}

#[component]
fn Offset(#[prop(into)] label: String, value: Signal<u32>, change: Callback<u32>) -> impl IntoView {
    let id = fresh_id("offset");
    let typed = move |event| {
        if let Ok(px) = event_target_value(&event).parse::<u32>() {
            change.run(px.min(FURTHEST));
        }
    };
    view! {
        <Field id=id.clone() label=label help=words::pixels()>
            <input class="input" aria-describedby=format!("{id}-help") id=id type="number" min="0" max=FURTHEST prop:value=move || value.get().to_string() on:change=typed />
        </Field>
    }
}

#[component]
fn ColorField(form: Form) -> impl IntoView {
    let look = form.look();
    let id = fresh_id("color");
    let color = Memo::new(move |_| look.with(|look| Color::parse(&look.color)));
    let set = move |hex: String| form.change_look(|look| look.color = hex);
    let error = Signal::derive(move || match color.get() {
        None => Some(words::color_wrong().to_owned()),
        Some(_) => form.error("appearance.color").get(),
    });
    let help = Signal::derive(move || match color.get() {
        Some(color) if color.contrast(Color::WHITE) < READABLE => {
            words::color_light(&color.readable_on_white().hex())
        }
        _ => words::color_help().to_owned(),
    });
    view! {
        <Field id=id.clone() label=words::color() help=help error=error>
            <div class="field-row">
                <input
                    class="color-well"
                    type="color"
                    aria-label=words::pick_color()
                    prop:value=move || look.with(|look| look.color.clone())
                    on:input=move |event| set(event_target_value(&event))
                />
                <input
                    class="input color-text"
                    aria-describedby=format!("{id}-help")
                    id=id
                    spellcheck="false"
                    prop:value=move || look.with(|look| look.color.clone())
                    on:input=move |event| set(event_target_value(&event).trim().to_lowercase())
                />
                <div class="swatches">
                    {SWATCHES.map(|swatch| view! {
                        <button
                            type="button"
                            class="swatch"
                            style:--swatch=swatch
                            aria-label=words::use_color(swatch)
                            aria-pressed=move || look.with(|look| look.color == swatch).to_string()
                            on:click=move |_| set(swatch.to_owned())
                        >
                            <Glyph icon=Icon::Check />
                        </button>
                    })}
                </div>
            </div>
        </Field>
    }
}

#[component]
pub(super) fn Texts(form: Form) -> impl IntoView {
    let look = form.look();
    let (title, welcome, language) = (fresh_id("title"), fresh_id("welcome"), fresh_id("language"));
    view! {
        <Field id=title.clone() label=words::widget_title() help=words::widget_title_help() error=form.error("appearance.title")>
            <input
                class="input"
                aria-describedby=format!("{title}-help")
                id=title
                maxlength="60"
                prop:value=move || look.with(|look| look.title.clone())
                on:input=move |event| form.change_look(|look| look.title = event_target_value(&event))
            />
        </Field>
        <Field id=welcome.clone() label=words::welcome() help=words::welcome_help() error=form.error("appearance.welcome")>
            <textarea
                class="input"
                rows="3"
                aria-describedby=format!("{welcome}-help")
                id=welcome
                maxlength="1000"
                prop:value=move || look.with(|look| look.welcome.clone())
                on:input=move |event| form.change_look(|look| look.welcome = event_target_value(&event))
            ></textarea>
        </Field>
        <Field id=language.clone() label=words::widget_language() help=words::widget_language_help()>
            <select
                class="input"
                aria-describedby=format!("{language}-help")
                id=language
                prop:value=move || look.with(|look| look.language.clone())
                on:change=move |event| form.change_look(|look| look.language = event_target_value(&event))
            >
                {[("", words::language_auto()), ("en", "English"), ("de", "Deutsch")].map(|(value, name)| view! {
                    <option value=value selected=move || look.with(|look| look.language == value)>{name}</option>
                })}
            </select>
        </Field>
    }
}
