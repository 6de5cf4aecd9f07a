//! Entity tags: whether a client has a thing already.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::crypto::{Digest, hex};

/// Names what is sent by its content.
pub(super) struct Tag(String);

impl Tag {
    pub(super) fn of(content: &Digest) -> Self {
        let (name, _) = content.split_at(12);
        Self(format!("\"{}\"", hex(name)))
    }

    /// Whether the client says that it has it.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        known.is_some_and(|known| known.contains(&self.0))
    }

    pub(super) fn put(&self, headers: &mut HeaderMap) {
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            headers.insert(header::ETAG, tag);
        }
    }
}
