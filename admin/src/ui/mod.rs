//! Parts without domain words: buttons, fields, menus, time, storage. Nothing here knows what a conversation is.

pub(crate) mod avatar;
pub(crate) mod browser;
pub(crate) mod clock;
pub(crate) mod color;
pub(crate) mod copy;
pub(crate) mod crash;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod menu;
pub(crate) mod placeholder;
pub(crate) mod rich_text;
pub(crate) mod sound;
pub(crate) mod time;
pub(crate) mod toast;
