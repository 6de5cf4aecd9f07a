//! Short-lived tokens that work once: boot tokens for visitors' sockets, tickets for agents'.
//!
//! A token is sealed with the master key, so any node can read it and nobody else; what makes it single-use is a list of the
//! ones spent, kept until they would have expired.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::crypto::Vault;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("not a token of ours")]
    Forged,
    #[error("the token is too old; get a fresh one")]
    Expired,
    #[error("the token was used already; get a fresh one")]
    Spent,
}

/// What an agent's ticket says.
#[derive(Debug, Serialize, Deserialize)]
pub struct TicketPass {
    #[serde(with = "crate::crypto::digest_text")]
    pub session_digest: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    /// Expiry, milliseconds since 1970.
    e: i64,
    v: T,
}

/// Spent tokens remembered at most; far beyond what can be spent in a minute.
const MOST_SPENT: usize = 1_000_000;

/// Issues and redeems the tokens of one kind.
pub struct Tickets {
    vault: Vault,
    kind: &'static str,
    ttl_ms: i64,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    until: HashMap<[u8; 13], i64>,
    cleaned_at: i64,
}

impl Tickets {
    pub fn new(vault: Vault, kind: &'static str, ttl_ms: i64) -> Self {
        Self { vault, kind, ttl_ms, spent: Mutex::default() }
    }

    pub fn issue(&self, value: &impl Serialize, now_ms: i64) -> String {
        let Ok(plain) = serde_json::to_vec(&Sealed { e: now_ms + self.ttl_ms, v: value }) else {
            unreachable!("token contents are plain data and always encode");
        };
        URL_SAFE_NO_PAD.encode(self.vault.seal(self.kind, &plain))
    }

    /// Opens a token and spends it.
    pub fn redeem<T: DeserializeOwned>(&self, token: &str, now_ms: i64) -> Result<T, TicketError> {
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| TicketError::Forged)?;
        let plain = self.vault.open(self.kind, &sealed).map_err(|_| TicketError::Forged)?;
        let content: Sealed<T> = serde_json::from_slice(&plain).map_err(|_| TicketError::Forged)?;
        if content.e <= now_ms {
            return Err(TicketError::Expired);
        }
        // The random nonce at the front names the token.
        let name = *sealed.first_chunk::<13>().ok_or(TicketError::Forged)?;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms - spent.cleaned_at > 1_000 || spent.until.len() >= MOST_SPENT {
            spent.until.retain(|_, until| *until > now_ms);
            spent.cleaned_at = now_ms;
        }
        if spent.until.insert(name, content.e).is_some() {
            return Err(TicketError::Spent);
        }
        Ok(content.v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MasterKey;

    fn tickets() -> Tickets {
        Tickets::new(Vault::new(&MasterKey::random()), "test", 60_000)
    }

    #[test]
    fn a_token_works_once_and_not_for_long() {
        let tickets = tickets();
        let token = tickets.issue(&7_u32, 1_000);

        assert_eq!(tickets.redeem::<u32>(&token, 2_000), Ok(7));
        assert_eq!(tickets.redeem::<u32>(&token, 2_000), Err(TicketError::Spent));
        assert_eq!(tickets.redeem::<u32>(&tickets.issue(&7_u32, 1_000), 61_000), Err(TicketError::Expired));
    }

    #[test]
    fn a_token_of_another_kind_or_key_is_forged() {
        let master = MasterKey::random();
        let (one, two) = (
            Tickets::new(Vault::new(&master), "boot", 1_000),
            Tickets::new(Vault::new(&master), "ticket", 1_000),
        );
        let token = one.issue(&7_u32, 0);

        assert_eq!(two.redeem::<u32>(&token, 0), Err(TicketError::Forged));
        assert_eq!(tickets().redeem::<u32>(&token, 0), Err(TicketError::Forged));
        for cut in 0..token.len() {
            assert_eq!(one.redeem::<u32>(&token[..cut], 0), Err(TicketError::Forged));
        }
    }
}
