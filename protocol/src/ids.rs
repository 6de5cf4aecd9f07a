//! Identifiers, one type each, so that a conversation can never be taken for a message.
//!
//! All are 128 bits, written as a hyphenated UUID. To other programs they are opaque strings.

use crate::wire::{FromTree, JsonText, ToText, Tree};

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError;

impl core::fmt::Display for IdError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not an id: expected a UUID")
    }
}

impl core::error::Error for IdError {}

fn parse(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0_u8; 16];
    let mut nibbles = text.bytes().enumerate().filter_map(|(at, byte)| match byte {
        b'-' if matches!(at, 8 | 13 | 18 | 23) => None,
        byte => Some((byte as char).to_digit(16)),
    });
    for byte in &mut bytes {
        let (high, low) = (nibbles.next()??, nibbles.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    (nibbles.next().is_none() && matches!(text.len(), 32 | 36)).then_some(bytes)
}

fn text(bytes: &[u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            pub fn text(&self) -> String {
                text(&self.0)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.text())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.text())
            }
        }

        impl core::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self).ok_or(IdError)
            }
        }

        impl FromTree for $name {
            fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
                parse(&tree.text()?).map(Self)
            }
        }

        impl ToText for $name {
            fn write(&self, out: &mut JsonText) {
                out.string(&self.text());
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.text())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                <String as utoipa::PartialSchema>::schema()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A tenant.
    WorkspaceId,
    /// A unit inside a workspace.
    DivisionId,
    /// Somebody who works here: owner, admin, supervisor or agent.
    PersonId,
    /// The owner of one channel's settings; a web chat campaign owns a widget.
    CampaignId,
    /// Somebody who writes to us.
    ContactId,
    ConversationId,
    MessageId,
    /// An invitation to join a workspace.
    InviteId,
    /// What a program signs in with.
    ApiTokenId,
    /// One open socket.
    SessionId,
    /// The client's own name for a message it sends: the idempotency key, 122 or more random bits.
    Cmid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form_with_and_without_hyphens() {
        let id: MessageId = "0192f0c1-7a2b-7c3d-8e4f-0123456789ab".parse().unwrap();

        assert_eq!(id.text(), "0192f0c1-7a2b-7c3d-8e4f-0123456789ab");
        assert_eq!("0192F0C17A2B7C3D8E4F0123456789AB".parse::<MessageId>().unwrap(), id);
    }

    #[test]
    fn text_that_is_not_a_uuid_is_refused() {
        for text in [
            "",
            "0",
            "0192f0c1-7a2b-7c3d-8e4f-0123456789ag",
            "0192f0c17a2b-7c3d-8e4f-0123456789ab-",
            "é".repeat(16).as_str(),
        ] {
            assert!(text.parse::<MessageId>().is_err(), "{text:?}");
        }
    }
}
