//! The rules. Pure: values in, values out; no async, no clock, no store.

pub mod contact;
pub mod conversation;
pub mod message;
pub mod search;
pub mod visibility;
