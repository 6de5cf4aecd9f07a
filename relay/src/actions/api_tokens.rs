//! Making and revoking API tokens.

use protocol::api::NewApiToken;
use protocol::ids::{ApiTokenId, WorkspaceId};

use super::{Ports, plain_name};
use crate::bus::Hint;
use crate::clock::Fresh;
use crate::crypto::{TokenKind, digest_of, random_token};
use crate::store::{ApiTokenRecord, Member, StoreError};

/// Characters of a token that are shown later: the prefix and four of 43 random ones.
const HINT: usize = 8;
const MOST_DAYS: u32 = 3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, thiserror::Error)]
pub enum ApiTokenError {
    #[error("there is no such token")]
    NotFound,
    #[error("a token needs a name of 1 to 100 characters")]
    Name,
    #[error("a token needs at least one scope")]
    Scopes,
    #[error("`expires_in_days` is 1 to {MOST_DAYS}; leave it out for a token that lasts until it is revoked")]
    Expiry,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a token; it is nowhere but in the answer.
pub async fn create(
    ports: &Ports,
    maker: &Member,
    mut wish: NewApiToken,
) -> Result<(ApiTokenRecord, String), ApiTokenError> {
    let now_ms = ports.clock.now_ms();
    wish.scopes.sort_unstable();
    wish.scopes.dedup();
    if wish.scopes.is_empty() {
        return Err(ApiTokenError::Scopes);
    }
    if wish.expires_in_days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        return Err(ApiTokenError::Expiry);
    }
    let token = random_token(TokenKind::Api);
    let record = ApiTokenRecord {
        id: ApiTokenId::fresh(ports.clock.as_ref()),
        digest: digest_of(&token),
        name: plain_name(&wish.name).ok_or(ApiTokenError::Name)?,
        hint: token.chars().take(HINT).collect(),
        scopes: wish.scopes,
        member: maker.clone(),
        created_at_ms: now_ms,
        expires_at_ms: wish.expires_in_days.map(|days| now_ms + i64::from(days) * DAY_MS),
        seen_at_ms: None,
    };
    ports.store.add_api_token(record.clone()).await?;
    Ok((record, token))
}

/// Ends a token and its sockets.
pub async fn revoke(ports: &Ports, workspace: WorkspaceId, id: ApiTokenId) -> Result<(), ApiTokenError> {
    let digest = ports.store.revoke_api_token(workspace, id).await?.ok_or(ApiTokenError::NotFound)?;
    ports.bus.publish(Hint::SessionEnded { session: digest });
    Ok(())
}
