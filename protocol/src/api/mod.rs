//! Bodies of the REST API, by noun. Times are RFC 3339 UTC; ids are opaque strings. Requests refuse unknown members.

mod campaigns;
mod conversations;
mod people;
mod sessions;
mod tokens;
mod widget;

pub use campaigns::*;
pub use conversations::*;
pub use people::*;
pub use sessions::*;
pub use tokens::*;
pub use widget::*;

use serde::{Deserialize, Serialize};

/// A page of a list. Ask for the next one with `cursor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// Tells an absent member from one that is null: absent leaves a value alone, null clears it.
pub fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
