//! Web chat campaigns: where a widget may appear, how it looks, and the line that embeds it.

mod form;
mod identity;
mod keys;
mod list;
mod origins;
pub(crate) mod page;
mod preview;
mod sections;
