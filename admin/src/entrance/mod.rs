//! The doors: signing in, joining by invitation, setting up.

mod frame;
pub(crate) mod join;
pub(crate) mod login;
pub(crate) mod reset;
pub(crate) mod setup;
