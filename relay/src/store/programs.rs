//! Programs that use the API: their tokens, and the answers kept for requests that are tried again.

use async_trait::async_trait;
use protocol::api::TokenScope;
use protocol::ids::{ApiTokenId, WorkspaceId};

use super::{Member, StoreError};

#[derive(Debug, Clone)]
pub struct ApiTokenRecord {
    pub id: ApiTokenId,
    pub digest: [u8; 32],
    pub name: String,
    pub hint: String,
    pub scopes: Vec<TokenScope>,
    /// Who made it, as they are now.
    pub member: Member,
    pub created_at_ms: i64,
    pub expires_at_ms: Option<i64>,
    pub seen_at_ms: Option<i64>,
}

/// A request that names itself, so that it can be tried again.
#[derive(Debug, Clone)]
pub struct Request {
    pub workspace: WorkspaceId,
    pub digest: [u8; 32],
    pub fingerprint: [u8; 32],
    pub now_ms: i64,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody works on it: it is for whoever asked.
    Yours,
    /// It came before, as a request with this fingerprint; without an answer it is still being worked on.
    Known { fingerprint: [u8; 32], answer: Option<Vec<u8>> },
}

#[async_trait]
pub trait Programs {
    async fn add_api_token(&self, token: ApiTokenRecord) -> Result<(), StoreError>;
    /// Those that have not expired, newest first.
    async fn list_api_tokens(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<ApiTokenRecord>, StoreError>;
    /// One that has not expired and whose maker is active.
    async fn find_api_token(
        &self,
        digest: [u8; 32],
        now_ms: i64,
    ) -> Result<Option<ApiTokenRecord>, StoreError>;
    async fn touch_api_token(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError>;
    /// Gives its digest, if there was one.
    async fn revoke_api_token(
        &self,
        workspace: WorkspaceId,
        id: ApiTokenId,
    ) -> Result<Option<[u8; 32]>, StoreError>;

    /// Claims a request. One that has been worked on without an answer since before `abandoned_ms` may be claimed again.
    async fn claim_request(&self, request: Request, abandoned_ms: i64) -> Result<Claim, StoreError>;
    /// Keeps the answer.
    async fn answer_request(
        &self,
        workspace: WorkspaceId,
        digest: [u8; 32],
        answer: Vec<u8>,
    ) -> Result<(), StoreError>;
    /// Gives up a claim: the request did nothing and may be tried again.
    async fn release_request(&self, workspace: WorkspaceId, digest: [u8; 32]) -> Result<(), StoreError>;
    /// Forgets requests that came before a time, and tokens that had expired by then.
    async fn forget_requests(&self, before_ms: i64) -> Result<(), StoreError>;
}

/// Scopes as one text, for a column.
pub(super) fn scopes_text(scopes: &[TokenScope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(" ")
}

/// `None` when a word is unknown: a token is never good for less or more than it was made for.
pub(super) fn scopes_of(text: &str) -> Option<Vec<TokenScope>> {
    text.split_whitespace().map(TokenScope::from_word).collect()
}
