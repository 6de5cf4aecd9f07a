//! Random tokens and the digests they are stored as.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What a token is for; its prefix says so to people and secret scanners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Session,
    Visitor,
    Invite,
    Setup,
    WidgetKey,
    Api,
    IdentitySecret,
}

impl TokenKind {
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "ss_",
            Self::Visitor => "vt_",
            Self::Invite => "in_",
            Self::Setup => "su_",
            Self::WidgetKey => "pk_",
            Self::Api => "rst_",
            Self::IdentitySecret => "ids_",
        }
    }
}

/// What the store keeps instead of a token: its SHA-256. Tokens have 256 random bits, so no slow hash is needed.
pub type Digest = [u8; 32];

pub fn digest_of(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

/// Digests inside other data as text a third the size of a list of numbers. For `#[serde(with)]`.
pub mod digest_text {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Digest;

    pub fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(digest))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(D::Error::custom)?;
        bytes.try_into().map_err(|_| D::Error::custom("a digest has 32 bytes"))
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness nothing here is safe; there is no way to go on.
        std::process::abort();
    }
    bytes
}

/// A fresh token: prefix, then 256 random bits.
pub fn random_token(kind: TokenKind) -> String {
    format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}
