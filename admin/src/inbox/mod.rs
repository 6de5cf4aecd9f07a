//! The inbox: list, thread, composer and details, over one store.

mod alerts;
mod assign_menu;
mod beside;
mod bubble;
mod composer;
mod details;
mod drafts;
mod earlier;
mod filters;
mod header;
mod hearing;
mod items;
mod list;
pub(crate) mod page;
mod receipts;
pub(crate) mod roster;
mod row;
#[cfg(test)]
mod samples;
pub(crate) mod state;
mod status_menu;
mod thread;

pub(crate) use alerts::are_notifications_allowed;
pub(crate) use composer::Mode;
