//! Secrets: random tokens, keyed digests and sealed values. Knows nothing of who uses them.

mod keys;
mod tokens;
mod vault;

pub use keys::{KeyError, MasterKey};
pub use tokens::{Digest, TokenKind, digest_of, digest_text, hex, random_bytes, random_token};
pub use vault::{OpenError, Vault};
