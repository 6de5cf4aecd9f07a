//! The parts of the panel. Each is its markup, the list of what changes in it, and what its controls do.

mod bubble;
mod composer;
mod emoji;
mod header;
mod timeline;

use leptos::prelude::*;

pub(crate) use self::composer::take_over;
use crate::screen;
use crate::session::Session;

/// The markup of the whole panel.
pub(crate) fn markup() -> impl IntoView {
    view! {
        <main class="panel" tabindex="-1">
            <header class="header">
                <span class="faces" aria-hidden="true"></span>
                <div class="who">
                    <h1 class="team"></h1>
                    <p class="presence"></p>
                </div>
                <button class="control sound"></button>
                <button class="control close" data-icon="close"></button>
            </header>
            <p class="notice" role="status"></p>
            <div class="pane">
                <div class="thread" tabindex="0">
                    <p class="loading" aria-hidden="true"></p>
                    <div class="welcome"><p dir="auto"></p></div>
                    <div class="rows" role="log" aria-live="off"></div>
                    <p class="typing">
                        <span class="unseen" role="status"></span>
                        <i class="dot"></i>
                        <i class="dot"></i>
                        <i class="dot"></i>
                    </p>
                </div>
                <button class="pill"></button>
            </div>
            <div class="choices" role="group"></div>
            <div class="composer">
                <p class="limit" role="status"></p>
                <textarea class="field" disabled=true rows="1" dir="auto"></textarea>
                <button class="control emoji" data-icon="emoji"></button>
                <button class="send" data-icon="send"></button>
            </div>
            <p class="announcer unseen" aria-live="polite"></p>
        </main>
    }
}

/// Brings the markup to life, once it is in the page.
pub(crate) fn start(session: Session) {
    screen::bind(session.state, &[header::BINDINGS, timeline::BINDINGS, emoji::BINDINGS, composer::BINDINGS]);
    header::start(session);
    timeline::start(session);
    emoji::start(session);
    composer::start(session);
}
