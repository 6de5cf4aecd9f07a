//! What may be said, and when two sends are the same message.

use protocol::ids::MessageId;
use protocol::message::{Body, MAX_TEXT_BYTES};
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("the message is empty. Write something first")]
    Empty,
    #[error("the text has {bytes} bytes; at most {limit} fit. Send it in parts")]
    TooLong { bytes: usize, limit: usize },
    #[error("the text holds a NUL character, which cannot be stored. Remove it")]
    Nul,
}

impl MessageError {
    /// The stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Nul => "invalid_text",
        }
    }
}

/// Checks the content of a message.
pub fn validate(body: &Body) -> Result<(), MessageError> {
    let text = body.words();
    if text.trim().is_empty() {
        return Err(MessageError::Empty);
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(MessageError::TooLong { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    if text.contains('\0') {
        return Err(MessageError::Nul);
    }
    Ok(())
}

/// Recognises the same payload under the same client id. The conversation is no part of it: a resend after the first ack may
/// name the conversation that the first send started.
pub fn digest(body: &Body, is_note: bool, reply_to: Option<MessageId>) -> [u8; 32] {
    let Body::Text(text) = body;
    let mut hash = Sha256::new();
    hash.update(b"text\0");
    hash.update([u8::from(is_note)]);
    hash.update(reply_to.map_or([0; 16], |id| id.0));
    hash.update(text.text.as_bytes());
    hash.finalize().into()
}

/// The first words of a message for a list, at most 200 characters.
pub fn preview(body: &Body) -> String {
    body.words().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_cannot_be_kept_is_refused_with_the_reason() {
        assert_eq!(validate(&Body::plain(" \n")), Err(MessageError::Empty));
        assert_eq!(validate(&Body::plain("a\0b")), Err(MessageError::Nul));
        assert!(matches!(
            validate(&Body::plain("ä".repeat(8193))),
            Err(MessageError::TooLong { bytes: 16_386, .. })
        ));
        assert_eq!(validate(&Body::plain("ä".repeat(8192))), Ok(()));
    }

    #[test]
    fn the_digest_tells_payloads_apart() {
        let one = digest(&Body::plain("a"), false, None);
        assert_eq!(one, digest(&Body::plain("a"), false, None));
        assert_ne!(one, digest(&Body::plain("b"), false, None));
        assert_ne!(one, digest(&Body::plain("a"), true, None));
        assert_ne!(one, digest(&Body::plain("a"), false, Some(MessageId([1; 16]))));
    }
}
