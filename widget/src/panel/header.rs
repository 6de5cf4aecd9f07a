//! Who is here: faces, the team's name, presence in words; the sound switch and the way out.

use leptos::prelude::*;
use web_sys::Element;

use crate::boot;
use crate::screen::{Binding, attribute, find, flag, on, set, text, worded};
use crate::session::Session;
use crate::state::View;
use crate::thread::{initials, tint};

pub(super) const BINDINGS: &[Binding] = &[
    text(".team", View::team),
    text(".presence", |view| if view.has_agents { view.words.is_here } else { view.words.is_away }.into()),
    attribute(".presence", "data-here", |view| flag(view.has_agents)),
    attribute(".sound", "data-icon", |view| if view.is_muted { "muted" } else { "sound" }.into()),
    attribute(".sound", "aria-label", |view| {
        if view.is_muted { view.words.unmute } else { view.words.mute }.into()
    }),
    attribute(".close", "aria-label", |view| view.words.close.into()),
];

pub(super) fn start(session: Session) {
    on(".close", "click", Box::new(move |_| boot::post(session, "close", &[])));
    on(".sound", "click", Box::new(move |_| session.switch_sound()));
    let mut shown = Vec::new();
    Effect::new(move |_| {
        let names = session.state.view.with(faces);
        if names != shown {
            if let Some(place) = find(".faces") {
                place.set_text_content(None);
                for face in names.iter().filter_map(|name| avatar(name)) {
                    let _ = place.append_child(&face);
                }
            }
            shown = names;
        }
    });
}

/// Up to three people, or the team when nobody is here.
fn faces(view: &View) -> Vec<String> {
    if view.faces.is_empty() { vec![view.team()] } else { view.faces.iter().take(3).cloned().collect() }
}

/// A disc with initials in the tint of the name.
pub(super) fn avatar(name: &str) -> Option<Element> {
    let avatar = worded("span", "avatar", &initials(name))?;
    set(&avatar, "data-tint", tint(name));
    Some(avatar)
}
