//! API tokens and requests that are tried again.

use async_trait::async_trait;
use protocol::ids::{ApiTokenId, WorkspaceId};
use rusqlite::{OptionalExtension, Row};

use super::people::member;
use super::{SqliteStore, malformed, sure};
use crate::store::programs::{scopes_of, scopes_text};
use crate::store::sql::API_TOKEN;
use crate::store::{ApiTokenRecord, Claim, Programs, Request, StoreError};

#[async_trait]
impl Programs for SqliteStore {
    async fn add_api_token(&self, token: ApiTokenRecord) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut insert = tx.connection.prepare_cached(
                "insert into api_token (digest, id, workspace_id, person_id, name, hint, scopes, created_at, expires_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            insert.execute((
                token.digest,
                token.id.0,
                token.member.workspace.0,
                token.member.id.0,
                &token.name,
                &token.hint,
                scopes_text(&token.scopes),
                token.created_at_ms,
                token.expires_at_ms,
            ))?;
            sure(())
        })
        .await
    }

    async fn list_api_tokens(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<ApiTokenRecord>, StoreError> {
        self.read(move |connection| {
            let text = format!(
                "{API_TOKEN} where a.workspace_id = ?1 and (a.expires_at is null or a.expires_at > ?2) order by a.created_at desc, a.id"
            );
            let mut select = connection.prepare_cached(&text)?;
            select.query_map((workspace.0, now_ms), token)?.collect()
        })
        .await
    }

    async fn find_api_token(
        &self,
        digest: [u8; 32],
        now_ms: i64,
    ) -> Result<Option<ApiTokenRecord>, StoreError> {
        self.read(move |connection| {
            let text = format!(
                "{API_TOKEN} where a.digest = ?1 and m.state = 'active' and (a.expires_at is null or a.expires_at > ?2)"
            );
            let mut select = connection.prepare_cached(&text)?;
            select.query_row((digest, now_ms), token).optional()
        })
        .await
    }

    async fn touch_api_token(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.connection
                .prepare_cached("update api_token set seen_at = ?2 where digest = ?1")?
                .execute((digest, now_ms))?;
            sure(())
        })
        .await
    }

    async fn revoke_api_token(
        &self,
        workspace: WorkspaceId,
        id: ApiTokenId,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        self.write(move |tx| {
            let mut delete = tx.connection.prepare_cached(
                "delete from api_token where workspace_id = ?1 and id = ?2 returning digest",
            )?;
            sure(delete.query_row((workspace.0, id.0), |row| row.get(0)).optional()?)
        })
        .await
    }

    async fn claim_request(&self, request: Request, abandoned_ms: i64) -> Result<Claim, StoreError> {
        self.write(move |tx| {
            let mut claim = tx.connection.prepare_cached(
                "insert into idempotent_request (digest, workspace_id, fingerprint, at) values (?1, ?2, ?3, ?4)
                 on conflict (digest) do update set fingerprint = excluded.fingerprint, at = excluded.at
                 where answer is null and at < ?5",
            )?;
            let Request { workspace, digest, fingerprint, now_ms } = &request;
            if claim.execute((digest, workspace.0, fingerprint, now_ms, abandoned_ms))? > 0 {
                return sure(Claim::Yours);
            }
            let mut select = tx
                .connection
                .prepare_cached("select fingerprint, answer from idempotent_request where digest = ?1")?;
            let known = |row: &Row<'_>| Ok(Claim::Known { fingerprint: row.get(0)?, answer: row.get(1)? });
            sure(select.query_row([digest], known)?)
        })
        .await
    }

    async fn answer_request(
        &self,
        workspace: WorkspaceId,
        digest: [u8; 32],
        answer: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut update = tx.connection.prepare_cached(
                "update idempotent_request set answer = ?3 where workspace_id = ?1 and digest = ?2",
            )?;
            update.execute((workspace.0, digest, &answer))?;
            sure(())
        })
        .await
    }

    async fn release_request(&self, workspace: WorkspaceId, digest: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut delete = tx.connection.prepare_cached(
                "delete from idempotent_request where workspace_id = ?1 and digest = ?2 and answer is null",
            )?;
            delete.execute((workspace.0, digest))?;
            sure(())
        })
        .await
    }

    async fn forget_requests(&self, before_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.connection
                .prepare_cached("delete from idempotent_request where at < ?1")?
                .execute([before_ms])?;
            tx.connection
                .prepare_cached("delete from api_token where expires_at < ?1")?
                .execute([before_ms])?;
            sure(())
        })
        .await
    }
}

fn token(row: &Row<'_>) -> rusqlite::Result<ApiTokenRecord> {
    let scopes: String = row.get(13)?;
    Ok(ApiTokenRecord {
        member: member(row)?,
        id: ApiTokenId(row.get(10)?),
        name: row.get(11)?,
        hint: row.get(12)?,
        scopes: scopes_of(&scopes).ok_or_else(|| malformed(13, "scope"))?,
        created_at_ms: row.get(14)?,
        expires_at_ms: row.get(15)?,
        seen_at_ms: row.get(16)?,
        digest: row.get(17)?,
    })
}
