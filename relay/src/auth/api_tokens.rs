//! API tokens: what a program signs in with to act for the person who made it, within scopes.

use protocol::api::TokenScope;

use super::roles::Right;
use crate::crypto::{TokenKind, digest_of};
use crate::store::{ApiTokenRecord, Store, StoreError};

/// How often use is written down.
const TOUCH_MS: i64 = 60_000;

/// What a token stands for, if it is good.
pub async fn find(store: &dyn Store, token: &str, now_ms: i64) -> Result<Option<ApiTokenRecord>, StoreError> {
    if !token.starts_with(TokenKind::Api.prefix()) {
        return Ok(None);
    }
    let found = store.find_api_token(digest_of(token), now_ms).await?;
    if let Some(record) = &found
        && record.seen_at_ms.is_none_or(|seen| now_ms - seen > TOUCH_MS)
    {
        store.touch_api_token(record.digest, now_ms).await?;
    }
    Ok(found)
}

/// The scope that a request with this right needs.
pub const fn needed(right: Right, is_read: bool) -> TokenScope {
    match (right, is_read) {
        (Right::Converse, true) => TokenScope::ConversationsRead,
        (Right::Converse, false) => TokenScope::ConversationsWrite,
        (Right::Supervise | Right::Administer, true) => TokenScope::SettingsRead,
        (Right::Supervise | Right::Administer, false) => TokenScope::SettingsWrite,
    }
}
