//! People who work here, and inviting more.

mod invites;
pub(crate) mod page;
mod reset;
mod table;
