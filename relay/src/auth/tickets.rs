//! Short-lived tokens that work once: boot tokens for visitors' sockets, tickets for agents'.
//!
//! A token is sealed with the master key, so any node can read it and nobody else; what makes it single-use is a list of the
//! ones spent, which the store keeps until they would have expired.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::crypto::Vault;
use crate::store::{Store, StoreError};

#[derive(Debug, Clone, thiserror::Error)]
pub enum TicketError {
    #[error("not a token of ours")]
    Forged,
    #[error("the token is too old; get a fresh one")]
    Expired,
    #[error("the token was used already; get a fresh one")]
    Spent,
    #[error(transparent)]
    Store(#[from] StoreError),
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

/// Issues and redeems the tokens of one kind.
pub struct Tickets {
    vault: Vault,
    kind: &'static str,
    ttl_ms: i64,
}

impl Tickets {
    pub const fn new(vault: Vault, kind: &'static str, ttl_ms: i64) -> Self {
        Self { vault, kind, ttl_ms }
    }

    pub fn issue(&self, value: &impl Serialize, now_ms: i64) -> String {
        let Ok(plain) = serde_json::to_vec(&Sealed { e: now_ms + self.ttl_ms, v: value }) else {
            unreachable!("token contents are plain data and always encode");
        };
        URL_SAFE_NO_PAD.encode(self.vault.seal(self.kind, &plain))
    }

    /// Opens a token and spends it, on every node.
    pub async fn redeem<T: DeserializeOwned>(
        &self,
        store: &dyn Store,
        token: &str,
        now_ms: i64,
    ) -> Result<T, TicketError> {
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| TicketError::Forged)?;
        let plain = self.vault.open(self.kind, &sealed).map_err(|_| TicketError::Forged)?;
        let content: Sealed<T> = serde_json::from_slice(&plain).map_err(|_| TicketError::Forged)?;
        if content.e <= now_ms {
            return Err(TicketError::Expired);
        }
        // The random nonce at the front names the token.
        let name = *sealed.first_chunk::<13>().ok_or(TicketError::Forged)?;
        if store.spend(name, content.e, now_ms).await? { Ok(content.v) } else { Err(TicketError::Spent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MasterKey;
    use crate::store::sqlite::SqliteStore;

    /// What redeeming a token comes to.
    async fn outcome(tickets: &Tickets, store: &dyn Store, token: &str, now_ms: i64) -> String {
        match tickets.redeem::<u32>(store, token, now_ms).await {
            Ok(value) => value.to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    fn store(name: &str) -> SqliteStore {
        let file = std::env::temp_dir().join(format!("roost-tickets-{}-{name}.db", std::process::id()));
        let store = SqliteStore::open(&file, [0; 32]).unwrap();
        std::fs::remove_file(&file).unwrap();
        store
    }

    fn tickets() -> Tickets {
        Tickets::new(Vault::new(&MasterKey::random()), "test", 60_000)
    }

    #[tokio::test]
    async fn a_token_works_once_and_not_for_long() {
        let (tickets, store) = (tickets(), store("once"));
        let token = tickets.issue(&7_u32, 1_000);

        assert_eq!(outcome(&tickets, &store, &token, 2_000).await, "7");
        assert_eq!(outcome(&tickets, &store, &token, 2_000).await, "Spent");
        assert_eq!(outcome(&tickets, &store, &tickets.issue(&7_u32, 1_000), 61_000).await, "Expired");
    }

    #[tokio::test]
    async fn a_token_of_another_kind_or_key_is_forged() {
        let (master, store) = (MasterKey::random(), store("forged"));
        let (one, two) = (
            Tickets::new(Vault::new(&master), "boot", 1_000),
            Tickets::new(Vault::new(&master), "ticket", 1_000),
        );
        let token = one.issue(&7_u32, 0);

        assert_eq!(outcome(&two, &store, &token, 0).await, "Forged");
        assert_eq!(outcome(&tickets(), &store, &token, 0).await, "Forged");
        for cut in 0..token.len() {
            assert_eq!(outcome(&one, &store, &token[..cut], 0).await, "Forged");
        }
    }
}
