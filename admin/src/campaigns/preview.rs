//! The widget as it will look, drawn from the same tokens while it is being set up. Nothing in it works.

use leptos::prelude::*;
use protocol::api::{Appearance, Corner, Theme};

use super::form::Form;
use crate::ui::color::Color;
use crate::ui::icon::{Glyph, Icon};
use crate::words;

/// The preview stands on a page a third as large.
const SCALE: u32 = 3;

fn or(text: &str, fallback: &'static str) -> String {
    if text.trim().is_empty() { fallback.to_owned() } else { text.to_owned() }
}

fn theme_word(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::Auto => None,
        Theme::Light | Theme::Dark => Some(theme.word()),
    }
}

#[component]
pub(super) fn Preview(form: Form) -> impl IntoView {
    let look = form.look();
    let color = move || look.with(|look| Color::parse(&look.color)).unwrap_or(Color::BLACK);
    let of = move |read: fn(&Appearance) -> String| Memo::new(move |_| look.with(read));
    let title = of(|look| or(&look.title, words::preview_title()));
    let welcome = of(|look| or(&look.welcome, words::preview_welcome()));
    let corner = move || look.with(|look| if look.corner == Corner::Left { "left" } else { "right" });
    view! {
        <aside class="preview" aria-label=words::preview()>
            <h2 class="section-title">{words::preview()}</h2>
            <div
                class="preview-page"
                inert
                data-theme=move || look.with(|look| theme_word(look.theme))
                data-corner=corner
                style:--accent=move || color().hex()
                style:--accent-text=move || color().text().hex()
                style:--offset-x=move || format!("{}px", look.with(|look| look.offset_x) / SCALE)
                style:--offset-y=move || format!("{}px", look.with(|look| look.offset_y) / SCALE)
            >
                <div class="preview-lines"><i></i><i></i><i></i><i></i><i></i></div>
                <div class="preview-panel">
                    <div class="preview-head">
                        <span class="preview-face"></span>
                        <span class="preview-names">
                            <strong>{title}</strong>
                            <small>{words::preview_presence()}</small>
                        </span>
                    </div>
                    <div class="preview-thread">
                        <p class="preview-bubble">{welcome}</p>
                        <p class="preview-bubble" data-side="visitor">{words::preview_question()}</p>
                    </div>
                    <div class="preview-composer">
                        <span>{words::preview_placeholder()}</span>
                        <span class="preview-send"><Glyph icon=Icon::Send /></span>
                    </div>
                </div>
                <span class="preview-launcher"><Glyph icon=Icon::ChevronDown /></span>
            </div>
            <p class="field-help">{words::preview_help()}</p>
        </aside>
    }
}
