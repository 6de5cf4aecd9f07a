//! The panel a visitor chats in. It runs inside a frame on the relay's own origin; the page around it is a stranger.
//!
//! - [`boot`]: the handshake with the page's bridge, and the words exchanged with it.
//! - [`session`], [`socket`], [`history`]: the protocol's client, what feeds it and what it orders.
//! - [`state`], [`rows`]: what the screen shows; [`thread`], [`color`]: the rules behind it, plain functions.
//! - [`panel`]: the screen.

mod app;
mod boot;
mod browser;
mod color;
mod device;
mod history;
mod panel;
mod rows;
mod screen;
mod session;
mod socket;
mod sound;
mod state;
mod text;
mod thread;
mod typing;

use leptos::prelude::*;

fn main() {
    if let Some(place) = app::place() {
        mount_to(place, app::app).forget();
        app::start();
    }
}
