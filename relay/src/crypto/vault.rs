//! Values sealed at rest with AES-256-GCM.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};

use super::{MasterKey, random_bytes};

/// The sealed value was made with another key, belongs to another place, or is damaged.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct OpenError;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Seals and opens values. A value opens only under the place it was sealed for.
#[derive(Clone)]
pub struct Vault {
    cipher: Aes256Gcm,
}

impl Vault {
    pub fn new(master: &MasterKey) -> Self {
        let key = master.derive("roost/vault/1");
        let Ok(cipher) = Aes256Gcm::new_from_slice(key.as_slice()) else {
            unreachable!("the derived key has the cipher's length");
        };
        Self { cipher }
    }

    /// Seals `plain` for `place`, which names table, row and field.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce_bytes = random_bytes::<NONCE_BYTES>();
        let nonce = Nonce::<Aes256Gcm>::from(nonce_bytes);
        let Ok(sealed) = self.cipher.encrypt(&nonce, Payload { msg: plain, aad: place.as_bytes() }) else {
            unreachable!("encryption fails only for messages of many gigabytes");
        };
        let mut out = vec![VERSION];
        out.extend_from_slice(&nonce_bytes);
        out.extend_from_slice(&sealed);
        out
    }

    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (version, rest) = sealed.split_first().ok_or(OpenError)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
        if *version != VERSION {
            return Err(OpenError);
        }
        let nonce = Nonce::<Aes256Gcm>::from(*nonce);
        self.cipher.decrypt(&nonce, Payload { msg: body, aad: place.as_bytes() }).map_err(|_| OpenError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_where_it_belongs_and_only_with_its_key() {
        let vault = Vault::new(&MasterKey::random());
        let sealed = vault.seal("campaign/1/key", b"secret");

        assert_eq!(vault.open("campaign/1/key", &sealed).unwrap(), b"secret");
        assert!(vault.open("campaign/2/key", &sealed).is_err());
        assert!(Vault::new(&MasterKey::random()).open("campaign/1/key", &sealed).is_err());
    }

    #[test]
    fn a_damaged_value_is_an_error_whatever_is_damaged() {
        let vault = Vault::new(&MasterKey::random());
        let sealed = vault.seal("p", b"secret");

        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert!(vault.open("p", &broken).is_err(), "byte {at}");
            assert!(vault.open("p", &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
