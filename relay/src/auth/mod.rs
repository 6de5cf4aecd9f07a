//! Who may do what: passwords, sessions, tickets, keys, origins, roles.

pub mod api_tokens;
pub mod census;
pub mod csrf;
pub mod identity;
pub mod key_cache;
pub mod keys;
pub mod origins;
pub mod passwords;
pub mod roles;
pub mod sessions;
pub mod throttle;
pub mod tickets;
pub mod visitors;
