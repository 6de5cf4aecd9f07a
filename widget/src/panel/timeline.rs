//! The thread. Keeps what is being read where it is: new rows below are counted, older rows above push nothing away.

use leptos::prelude::*;
use protocol::message::Side;
use web_sys::Element;

use super::bubble::{Bubble, build};
use crate::history;
use crate::screen::{Binding, attribute, find, flag, on, text};
use crate::session::Session;
use crate::state::{Row, State, View};

pub(super) const BINDINGS: &[Binding] = &[
    text(".notice", |view| view.notice().into()),
    text(".welcome p", View::greeting),
    attribute(".loading", "data-shown", |view| flag(view.is_loading)),
    attribute(".rows", "aria-label", |view| view.words.thread.into()),
    attribute(".typing", "data-shown", |view| flag(view.typing.is_some())),
    text(".typing .unseen", View::typing_words),
    attribute(".pill", "data-shown", |view| flag(view.is_scrolled_up)),
    text(".pill", View::pill),
    text(".announcer", |view| view.announcement.clone()),
];

/// Closer to the end than this counts as being at the end.
const NEAR_END_PX: i32 = 60;
/// Closer to the beginning than this asks for older rows.
const NEAR_START_PX: i32 = 120;

pub(super) fn start(session: Session) {
    let (Some(pane), Some(list)) = (find(".thread"), find(".rows")) else { return };
    let (scrolled, ended) = (pane.clone(), pane.clone());
    on(".thread", "scroll", Box::new(move |_| look_around(session, &scrolled)));
    on(".pill", "click", Box::new(move |_| ended.set_scroll_top(ended.scroll_height())));
    let state = session.state;
    let mut drawn: Vec<Bubble> = Vec::new();
    Effect::new(move |_| {
        // The dots and the opening change the height as rows do.
        state.view.with(|view| (view.is_open, view.typing.is_some()));
        let height = pane.scroll_height();
        let top = drawn.first().map(|bubble| bubble.key);
        let grew = state.rows.with(|rows| draw(session, &list, &mut drawn, rows));
        let wants_more = state.view_now(|view| view.is_open && !view.has_history_failed);
        if wants_more && pane.scroll_height() <= pane.client_height() {
            // Nothing to scroll, so nobody could ask for more.
            history::load_older(session);
        }
        keep_place(
            &pane,
            state,
            height,
            &Change { grew, has_older: top.is_some() && top != drawn.first().map(|b| b.key) },
        );
    });
}

/// Makes the list show these rows, touching only what differs. Returns how many are new.
fn draw(session: Session, list: &Element, drawn: &mut Vec<Bubble>, rows: &[Row]) -> usize {
    let locale = session.state.view_now(|view| view.words.locale);
    drawn.retain(|bubble| {
        let stays = bubble.locale == locale && rows.iter().any(|row| row.key == bubble.key);
        if !stays {
            bubble.element.remove();
        }
        stays
    });
    let mut grew = 0;
    for (at, row) in rows.iter().enumerate() {
        let found = drawn.iter().position(|bubble| bubble.key == row.key);
        let bubble = match found {
            Some(place) if place == at => {
                if let Some(bubble) = drawn.get_mut(at) {
                    bubble.wear(session, &row.look);
                }
                continue;
            }
            Some(place) => {
                let mut bubble = drawn.remove(place);
                bubble.wear(session, &row.look);
                bubble
            }
            None => {
                grew += 1;
                let Some(bubble) = build(session, row) else { continue };
                bubble
            }
        };
        let next = drawn.get(at).map(|next| &*next.element as &web_sys::Node);
        let _ = list.insert_before(&bubble.element, next);
        drawn.insert(at.min(drawn.len()), bubble);
    }
    grew
}

/// What a drawing did to the thread.
struct Change {
    grew: usize,
    has_older: bool,
}

/// Stays at the end, or with what is being read.
fn keep_place(pane: &Element, state: State, height_before: i32, change: &Change) {
    let (is_up, ends_with_own) = state.rows.with_untracked(|rows| {
        let ends_with_own = rows.last().is_some_and(|row| row.side == Side::Contact);
        (state.view_now(|view| view.is_scrolled_up), ends_with_own)
    });
    if change.has_older {
        pane.set_scroll_top(pane.scroll_top() + pane.scroll_height() - height_before);
    } else if !is_up || (change.grew > 0 && ends_with_own) {
        pane.set_scroll_top(pane.scroll_height());
    } else if change.grew > 0 {
        let count = u32::try_from(change.grew).unwrap_or_default();
        state.change(|view| view.below += count);
    }
}

fn look_around(session: Session, pane: &Element) {
    let is_up = pane.scroll_height() - pane.scroll_top() - pane.client_height() > NEAR_END_PX;
    let (was_up, below) = session.state.view_now(|view| (view.is_scrolled_up, view.below));
    if is_up != was_up || (!is_up && below > 0) {
        session.state.change(|view| {
            view.is_scrolled_up = is_up;
            if !is_up {
                view.below = 0;
            }
        });
    }
    if pane.scroll_top() < NEAR_START_PX {
        history::load_older(session);
    }
}
