//! Roost's server.
//!
//! Verbs live in [`actions`], rules in [`inbox`] (pure functions), the world at the edges: [`http`], [`ws`], [`jobs`].
//! Everything that happens in a conversation is an event with a sequence number, written once by the [`store`]; nodes tell each
//! other only hints over the [`bus`]; the [`hub`] knows who is connected here. [`app`] is the one place where it is all wired.

pub mod actions;
pub mod app;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod http;
pub mod hub;
pub mod inbox;
pub mod jobs;
pub mod lock;
pub mod running;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod ws;
