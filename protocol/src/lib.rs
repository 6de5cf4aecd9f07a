//! The words Roost's relay, widget and admin say to each other.
//!
//! - [`ids`]: one type an identifier.
//! - [`frame`], [`event`], [`message`], [`close`]: the socket protocol.
//! - [`api`]: bodies of the REST API.
//! - [`text`]: message text as a small tree of paragraphs and links; never HTML.
//! - [`client`]: the client's side of the protocol as a state machine without I/O.
//! - [`wire`]: how all of it becomes JSON and back.
//!
//! Compiles for wasm and native. Does no I/O, reads no clock and knows no provider.

#[cfg(feature = "serde")]
pub mod api;
pub mod client;
pub mod close;
pub mod event;
pub mod frame;
pub mod ids;
pub mod message;
#[cfg(feature = "serde")]
pub mod problem;
pub mod text;
pub mod wire;

#[cfg(all(test, feature = "serde"))]
mod tests;
