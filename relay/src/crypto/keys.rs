//! The master key and the keys derived from it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "the master key must be 32 bytes in base64; this one is not. Make one with: openssl rand -base64 32"
    )]
    Malformed,
    #[error("the master key is too simple to be random. Make one with: openssl rand -base64 32")]
    Weak,
}

/// 32 secret bytes that everything secret in an installation hangs on. Has no `Debug` and is wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| KeyError::Malformed)?);
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Malformed)?;
        let distinct = key.iter().collect::<std::collections::BTreeSet<_>>().len();
        // 32 random bytes with fewer than 12 different values do not happen.
        if distinct < 12 {
            return Err(KeyError::Weak);
        }
        Ok(Self(Zeroizing::new(key)))
    }

    pub fn random() -> Self {
        Self(Zeroizing::new(super::random_bytes()))
    }

    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    /// A key for one purpose. Different purposes give unrelated keys.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.mac(purpose.as_bytes()))
    }

    /// A value that recognises this key without revealing it, kept in the store.
    pub fn check_value(&self) -> [u8; 32] {
        self.mac(b"roost/key-check/1")
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        keyed_digest(&self.0, message)
    }
}

/// HMAC-SHA-256.
pub(super) fn keyed_digest(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text_form() {
        let key = MasterKey::random();
        let again = MasterKey::from_base64(&key.to_base64()).ok().unwrap();

        assert_eq!(key.check_value(), again.check_value());
        assert_ne!(*key.derive("a"), *key.derive("b"));
    }

    #[test]
    fn keys_that_are_short_or_simple_are_refused() {
        for text in [
            "",
            "AAAA",
            "!",
            &STANDARD.encode([7_u8; 32]),
            &STANDARD.encode([1_u8; 31]),
            &STANDARD.encode([1_u8; 33]),
        ] {
            assert!(MasterKey::from_base64(text).is_err(), "{text}");
        }
    }
}
