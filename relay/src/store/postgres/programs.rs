//! API tokens and requests that are tried again.

use async_trait::async_trait;
use protocol::ids::{ApiTokenId, WorkspaceId};
use tokio_postgres::Row;

use super::PostgresStore;
use super::db::{Scope, Value, bytes, id, malformed, uuid};
use super::people::member;
use crate::store::programs::{scopes_of, scopes_text};
use crate::store::sql::API_TOKEN;
use crate::store::{ApiTokenRecord, Claim, Programs, Request, StoreError};

#[async_trait]
impl Programs for PostgresStore {
    async fn add_api_token(&self, token: ApiTokenRecord) -> Result<(), StoreError> {
        let text = "insert into api_token (digest, id, workspace_id, person_id, name, hint, scopes, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (digest, id, scopes) = (token.digest.as_slice(), uuid(token.id.0), scopes_text(&token.scopes));
        let (workspace, person) = (uuid(token.member.workspace.0), uuid(token.member.id.0));
        let values: [Value<'_>; 9] = [
            &digest,
            &id,
            &workspace,
            &person,
            &token.name,
            &token.hint,
            &scopes,
            &token.created_at_ms,
            &token.expires_at_ms,
        ];
        self.db.execute(token.member.workspace, text, &values).await.map(drop)
    }

    async fn list_api_tokens(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<ApiTokenRecord>, StoreError> {
        let text = format!(
            "{API_TOKEN} where a.workspace_id = $1 and (a.expires_at is null or a.expires_at > $2) order by a.created_at desc, a.id"
        );
        let rows = self.db.rows(workspace, &text, &[&uuid(workspace.0), &now_ms]).await?;
        rows.iter().map(token).collect()
    }

    async fn find_api_token(
        &self,
        digest: [u8; 32],
        now_ms: i64,
    ) -> Result<Option<ApiTokenRecord>, StoreError> {
        let text = format!(
            "{API_TOKEN} where a.digest = $1 and m.state = 'active' and (a.expires_at is null or a.expires_at > $2)"
        );
        let row = self.db.row(Scope::any(), &text, &[&digest.as_slice(), &now_ms]).await?;
        row.as_ref().map(token).transpose()
    }

    async fn touch_api_token(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        let text = "update api_token set seen_at = $2 where digest = $1";
        self.db.execute(Scope::any(), text, &[&digest.as_slice(), &now_ms]).await.map(drop)
    }

    async fn revoke_api_token(
        &self,
        workspace: WorkspaceId,
        id: ApiTokenId,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let text = "delete from api_token where workspace_id = $1 and id = $2 returning digest";
        let row = self.db.row(workspace, text, &[&uuid(workspace.0), &uuid(id.0)]).await?;
        row.map(|row| bytes(&row, 0)).transpose()
    }

    async fn claim_request(&self, request: Request, abandoned_ms: i64) -> Result<Claim, StoreError> {
        let claim = "insert into idempotent_request as r (digest, workspace_id, fingerprint, at) values ($1, $2, $3, $4)
            on conflict (digest) do update set fingerprint = excluded.fingerprint, at = excluded.at
            where r.answer is null and r.at < $5";
        let look = "select fingerprint, answer from idempotent_request where digest = $1";
        let Request { workspace, digest, fingerprint, now_ms } = request;
        let (digest, fingerprint, id) = (digest.as_slice(), fingerprint.as_slice(), uuid(workspace.0));
        loop {
            let values: [Value<'_>; 5] = [&digest, &id, &fingerprint, &now_ms, &abandoned_ms];
            if self.db.execute(workspace, claim, &values).await? > 0 {
                return Ok(Claim::Yours);
            }
            // Gone again in between: given up, so it can be claimed.
            if let Some(row) = self.db.row(workspace, look, &[&digest]).await? {
                return Ok(Claim::Known { fingerprint: bytes(&row, 0)?, answer: row.try_get(1)? });
            }
        }
    }

    async fn answer_request(
        &self,
        workspace: WorkspaceId,
        digest: [u8; 32],
        answer: Vec<u8>,
    ) -> Result<(), StoreError> {
        let text = "update idempotent_request set answer = $3 where workspace_id = $1 and digest = $2";
        let values: [Value<'_>; 3] = [&uuid(workspace.0), &digest.as_slice(), &answer];
        self.db.execute(workspace, text, &values).await.map(drop)
    }

    async fn release_request(&self, workspace: WorkspaceId, digest: [u8; 32]) -> Result<(), StoreError> {
        let text =
            "delete from idempotent_request where workspace_id = $1 and digest = $2 and answer is null";
        self.db.execute(workspace, text, &[&uuid(workspace.0), &digest.as_slice()]).await.map(drop)
    }

    async fn forget_requests(&self, before_ms: i64) -> Result<(), StoreError> {
        for text in
            ["delete from idempotent_request where at < $1", "delete from api_token where expires_at < $1"]
        {
            self.db.execute(Scope::any(), text, &[&before_ms]).await?;
        }
        Ok(())
    }
}

fn token(row: &Row) -> Result<ApiTokenRecord, StoreError> {
    Ok(ApiTokenRecord {
        member: member(row)?,
        id: ApiTokenId(id(row, 10)?),
        name: row.try_get(11)?,
        hint: row.try_get(12)?,
        scopes: scopes_of(row.try_get(13)?).ok_or_else(|| malformed("scope"))?,
        created_at_ms: row.try_get(14)?,
        expires_at_ms: row.try_get(15)?,
        seen_at_ms: row.try_get(16)?,
        digest: bytes(row, 17)?,
    })
}
