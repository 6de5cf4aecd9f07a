//! The sockets: bytes to frames, frames to verbs, and the hub's queue back to bytes. No SQL, no rules.

pub(crate) mod agent;
mod connection;
mod upgrade;
mod visitor;

pub use upgrade::{agent_socket, visitor_socket};
