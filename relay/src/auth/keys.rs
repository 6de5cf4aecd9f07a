//! Widget keys: public identifiers of a widget, 256 random bits with a checksum.
//!
//! The store knows a keyed digest of each, so that a stolen database has no keys, and looking one up costs no slow hash: there
//! is nothing to guess in 256 random bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::{MasterKey, TokenKind, Vault, digest_of, random_token};
use crate::store::NewKey;

const CHECK_CHARACTERS: usize = 4;

/// Makes, recognises, seals and opens keys.
#[derive(Clone)]
pub struct WidgetKeys {
    pepper: Zeroizing<[u8; 32]>,
    vault: Vault,
}

impl WidgetKeys {
    pub fn new(master: &MasterKey, vault: Vault) -> Self {
        Self { pepper: master.derive("roost/widget-key/1"), vault }
    }

    /// A fresh key, as the store keeps it.
    pub fn issue(&self) -> (String, NewKey) {
        let random = random_token(TokenKind::WidgetKey);
        let key = format!("{random}{}", checksum(&random));
        let digest = self.digest(&key);
        let sealed = self.vault.seal(&place(&digest), key.as_bytes());
        (key, NewKey { digest, sealed })
    }

    /// The digest a key is found by; `None` for text that cannot be a key of ours.
    pub fn recognise(&self, text: &str) -> Option<[u8; 32]> {
        let (random, check) = text.split_at_checked(text.len().checked_sub(CHECK_CHARACTERS)?)?;
        (random.starts_with(TokenKind::WidgetKey.prefix()) && checksum(random) == check)
            .then(|| self.digest(text))
    }

    /// The key itself, for the snippet.
    pub fn open(&self, digest: &[u8; 32], sealed: &[u8]) -> Option<String> {
        String::from_utf8(self.vault.open(&place(digest), sealed).ok()?).ok()
    }

    fn digest(&self, key: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.pepper.as_slice()) else {
            unreachable!("HMAC takes keys of any length");
        };
        mac.update(key.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

fn place(digest: &[u8; 32]) -> String {
    format!("widget_key/{}/sealed", URL_SAFE_NO_PAD.encode(digest))
}

/// Tells mistyped keys from unknown ones without asking the store.
fn checksum(random: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest_of(random)).chars().take(CHECK_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_a_mistyped_one_is_not() {
        let master = MasterKey::random();
        let keys = WidgetKeys::new(&master, Vault::new(&master));
        let (key, stored) = keys.issue();

        assert_eq!(keys.recognise(&key), Some(stored.digest));
        assert_eq!(keys.open(&stored.digest, &stored.sealed), Some(key.clone()));
        for wrong in ["", "pk_", &key[1..], &key[..key.len() - 1], &key.replace("pk_", "pk-"), "ééé"] {
            assert_eq!(keys.recognise(wrong), None, "{wrong}");
        }
    }
}
