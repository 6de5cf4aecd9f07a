//! A person's own settings: who they are, their password, how this browser looks and sounds; for admins, the API
//! tokens.

pub(crate) mod page;
pub(crate) mod preferences;
mod tokens;
