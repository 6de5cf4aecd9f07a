//! A person's own settings: who they are, their password, and how this browser looks and sounds.

pub(crate) mod page;
pub(crate) mod preferences;
