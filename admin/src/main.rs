//! Roost's inbox and administration: a single-page app that talks to the relay it was served by.
//!
//! - [`app`]: routes; [`place`]: addresses; [`shell`]: what stands around every signed-in screen.
//! - [`session`], [`api`], [`socket`]: who is signed in, and the two ways to the relay.
//! - [`palette`]: going and doing by typing, over every screen.
//! - [`inbox`], [`campaigns`], [`people`], [`settings`], [`entrance`]: the screens.
//! - [`ui`]: parts without domain words; [`words`]: every sentence a person reads.

#![expect(
    unreachable_pub,
    reason = "the component macro makes its property types public whatever the component is"
)]

mod api;
mod app;
mod campaigns;
mod entrance;
mod inbox;
mod palette;
mod people;
mod place;
mod session;
mod settings;
mod shell;
mod shortcuts;
mod socket;
mod ui;
mod words;

fn main() {
    ui::crash::watch();
    words::choose(&ui::browser::language());
    leptos::mount::mount_to_body(app::App);
    app::drop_splash();
}
