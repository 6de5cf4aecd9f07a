//! A small set of pictures, each with its name for screen readers.

use crate::browser::listen;
use crate::screen::{Binding, attribute, find, flag, focus, on, set, worded};
use crate::session::Session;
use crate::text::EMOJI;

pub(super) const BINDINGS: &[Binding] = &[
    attribute(".emoji", "aria-label", |view| view.words.emoji.into()),
    attribute(".emoji", "aria-expanded", |view| if view.shows_emoji { "true" } else { "false" }.into()),
    attribute(".choices", "aria-label", |view| view.words.emoji.into()),
    attribute(".choices", "data-shown", |view| flag(view.shows_emoji)),
];

pub(super) fn start(session: Session) {
    on(
        ".emoji",
        "click",
        Box::new(move |_| {
            session.state.change(|view| view.shows_emoji = !view.shows_emoji);
            offer(session);
        }),
    );
}

/// Fills the picker when it is first wanted, in the language of the moment.
fn offer(session: Session) {
    let names = session.state.view_now(|view| view.words.emoji_names);
    let Some(place) = find(".choices") else { return };
    place.set_text_content(None);
    for (picture, name) in EMOJI.split(' ').zip(names.split(' ')) {
        let Some(choice) = worded("button", "choice", picture) else { return };
        set(&choice, "aria-label", name);
        listen(&choice, "click", Box::new(move |_| pick(session, picture)));
        let _ = place.append_child(&choice);
    }
}

fn pick(session: Session, picture: &str) {
    let mut draft = session.state.view_now(|view| view.draft.clone());
    draft.push_str(picture);
    session.typed(draft);
    session.state.change(|view| view.shows_emoji = false);
    focus(".field");
}
