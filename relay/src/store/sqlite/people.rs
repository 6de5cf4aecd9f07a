//! People, sessions and invitations.

use async_trait::async_trait;
use protocol::api::{Membership, Role};
use protocol::frame::Presence;
use protocol::ids::{InviteId, PersonId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{SqliteStore, WriteTx, malformed, sure};
use crate::store::sql::{INVITE, MEMBER, SESSION};
use crate::store::{
    AcceptError, InviteRecord, LoginRecord, Member, NewInstallation, NewInvite, NewMember, People,
    SessionRecord, SetupError, StoreError,
};

#[async_trait]
impl People for SqliteStore {
    async fn is_set_up(&self) -> Result<bool, StoreError> {
        self.read(|connection| connection.prepare_cached("select 1 from person")?.exists([])).await
    }

    async fn set_up(&self, new: NewInstallation) -> Result<(), SetupError> {
        self.write(move |tx| {
            if tx.connection.prepare_cached("select 1 from person")?.exists([])? {
                return Ok(Err(SetupError::AlreadyDone));
            }
            let mut insert = tx
                .connection
                .prepare_cached("insert into workspace (id, name, created_at) values (?1, ?2, ?3)")?;
            insert.execute((new.workspace.0, &new.workspace_name, new.now_ms))?;
            let mut insert = tx
                .connection
                .prepare_cached("insert into division (id, workspace_id, name) values (?1, ?2, ?3)")?;
            insert.execute((new.division.0, new.workspace.0, &new.workspace_name))?;
            add_member(tx, &new.owner, new.workspace, Role::Owner, new.now_ms)?;
            Ok(Ok(()))
        })
        .await
    }

    async fn first_workspace(&self) -> Result<Option<WorkspaceId>, StoreError> {
        self.read(|connection| {
            let mut select =
                connection.prepare_cached("select id from workspace order by created_at, id limit 1")?;
            select.query_row([], |row| Ok(WorkspaceId(row.get(0)?))).optional()
        })
        .await
    }

    async fn find_login(&self, email: &str) -> Result<Option<LoginRecord>, StoreError> {
        let email = email.trim().to_lowercase();
        self.read(move |connection| {
            let mut select = connection.prepare_cached(&format!(
                "{MEMBER} where p.email = ?1 order by m.state, m.created_at limit 1"
            ))?;
            select.query_row([email], login).optional()
        })
        .await
    }

    async fn find_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
    ) -> Result<Option<LoginRecord>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached(&format!("{MEMBER} where m.workspace_id = ?1 and m.person_id = ?2"))?;
            select.query_row((workspace.0, id.0), login).optional()
        })
        .await
    }

    async fn list_members(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, PersonId)>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        self.read(move |connection| {
            let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (at, id.0));
            let text = format!("{MEMBER} where m.workspace_id = ?1 and (m.created_at, p.id) > (?2, ?3) order by m.created_at, p.id limit ?4");
            let mut select = connection.prepare_cached(&text)?;
            select.query_map((workspace.0, at, id, limit), member)?.collect()
        })
        .await
    }

    async fn change_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        role: Option<Role>,
        membership: Option<Membership>,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let ends_ownership = role.is_some_and(|r| r != Role::Owner) || membership == Some(Membership::Deactivated);
            if ends_ownership && is_last_owner(tx.connection, workspace, id)? {
                return sure(false);
            }
            let mut update = tx.connection.prepare_cached(
                "update membership set role = coalesce(?3, role), state = coalesce(?4, state) where workspace_id = ?1 and person_id = ?2",
            )?;
            let changed = update.execute((workspace.0, id.0, role.map(Role::word), membership.map(Membership::word)))?;
            // Somebody whose rights changed signs in anew, or no more.
            tx.connection.prepare_cached("delete from session where person_id = ?1")?.execute([id.0])?;
            if membership == Some(Membership::Deactivated) {
                let mut update = tx
                    .connection
                    .prepare_cached("update conversation set assignee_id = null where workspace_id = ?1 and assignee_id = ?2 and status <> 'resolved'")?;
                update.execute((workspace.0, id.0))?;
            }
            sure(changed > 0)
        })
        .await
    }

    async fn change_me(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        name: Option<String>,
        availability: Option<Presence>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            if let Some(name) = &name {
                tx.connection
                    .prepare_cached("update person set name = ?2 where id = ?1")?
                    .execute((id.0, name))?;
            }
            if let Some(availability) = availability {
                let mut update = tx.connection.prepare_cached(
                    "update membership set availability = ?3 where workspace_id = ?1 and person_id = ?2",
                )?;
                update.execute((workspace.0, id.0, availability.word()))?;
            }
            sure(())
        })
        .await
    }

    async fn set_password(&self, id: PersonId, password_hash: String) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.connection
                .prepare_cached("update person set password_hash = ?2 where id = ?1")?
                .execute((id.0, &password_hash))?;
            sure(())
        })
        .await
    }

    async fn add_session(&self, session: SessionRecord) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut insert = tx
                .connection
                .prepare_cached("insert into session (digest, workspace_id, person_id, created_at, seen_at) values (?1, ?2, ?3, ?4, ?5)")?;
            insert.execute((session.digest, session.workspace.0, session.person.0, session.created_at_ms, session.seen_at_ms))?;
            sure(())
        })
        .await
    }

    async fn find_session(&self, digest: [u8; 32]) -> Result<Option<(SessionRecord, Member)>, StoreError> {
        self.read(move |connection| {
            let text = format!("{SESSION} and s.digest = ?1");
            let mut select = connection.prepare_cached(&text)?;
            let found = select.query_row([digest], |row| {
                let member = member(row)?;
                let session = SessionRecord {
                    digest,
                    workspace: member.workspace,
                    person: member.id,
                    created_at_ms: row.get(10)?,
                    seen_at_ms: row.get(11)?,
                };
                Ok((session, member))
            });
            found.optional()
        })
        .await
    }

    async fn touch_session(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.connection
                .prepare_cached("update session set seen_at = ?2 where digest = ?1")?
                .execute((digest, now_ms))?;
            sure(())
        })
        .await
    }

    async fn remove_session(&self, digest: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.connection.prepare_cached("delete from session where digest = ?1")?.execute([digest])?;
            sure(())
        })
        .await
    }

    async fn remove_sessions(&self, person: PersonId, but: Option<[u8; 32]>) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut delete = tx
                .connection
                .prepare_cached("delete from session where person_id = ?1 and digest is not ?2")?;
            delete.execute((person.0, but))?;
            sure(())
        })
        .await
    }

    async fn add_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        self.write(move |tx| {
            let mut insert = tx.connection.prepare_cached(
                "insert into invite (id, workspace_id, digest, email, role, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            insert.execute((
                invite.id.0,
                invite.workspace.0,
                invite.digest,
                invite.email.trim().to_lowercase(),
                invite.role.word(),
                invite.now_ms,
                invite.expires_at_ms,
            ))?;
            sure(())
        })
        .await
    }

    async fn list_invites(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<InviteRecord>, StoreError> {
        self.read(move |connection| {
            let text = format!(
                "{INVITE} and i.workspace_id = ?1 and i.expires_at > ?2 order by i.created_at desc limit 200"
            );
            let mut select = connection.prepare_cached(&text)?;
            select.query_map((workspace.0, now_ms), invite)?.collect()
        })
        .await
    }

    async fn withdraw_invite(&self, workspace: WorkspaceId, id: InviteId) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let mut delete = tx.connection.prepare_cached(
                "delete from invite where workspace_id = ?1 and id = ?2 and accepted_at is null",
            )?;
            sure(delete.execute((workspace.0, id.0))? > 0)
        })
        .await
    }

    async fn find_invite(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<InviteRecord>, StoreError> {
        self.read(move |connection| find_invite(connection, digest, now_ms)).await
    }

    async fn accept_invite(
        &self,
        digest: [u8; 32],
        new: NewMember,
        now_ms: i64,
    ) -> Result<WorkspaceId, AcceptError> {
        self.write(move |tx| {
            let Some(invite) = find_invite(tx.connection, digest, now_ms)? else {
                return Ok(Err(AcceptError::NotValid));
            };
            if tx
                .connection
                .prepare_cached("select 1 from person where email = ?1")?
                .exists([&invite.email])?
            {
                return Ok(Err(AcceptError::EmailTaken));
            }
            tx.connection
                .prepare_cached("update invite set accepted_at = ?2 where id = ?1")?
                .execute((invite.id.0, now_ms))?;
            let member = NewMember { email: invite.email, ..new.clone() };
            add_member(tx, &member, invite.workspace, invite.role, now_ms)?;
            Ok(Ok(invite.workspace))
        })
        .await
    }
}

fn add_member(
    tx: &WriteTx<'_>,
    new: &NewMember,
    workspace: WorkspaceId,
    role: Role,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let mut insert = tx.connection.prepare_cached(
        "insert into person (id, email, name, password_hash, created_at) values (?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute((new.id.0, new.email.trim().to_lowercase(), &new.name, &new.password_hash, now_ms))?;
    let mut insert = tx.connection.prepare_cached(
        "insert into membership (workspace_id, person_id, role, state, availability, created_at) values (?1, ?2, ?3, 'active', 'online', ?4)",
    )?;
    insert.execute((workspace.0, new.id.0, role.word(), now_ms)).map(|_| ())
}

fn is_last_owner(connection: &Connection, workspace: WorkspaceId, id: PersonId) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "select 1 from membership where workspace_id = ?1 and person_id = ?2 and role = 'owner' and not exists
         (select 1 from membership where workspace_id = ?1 and person_id <> ?2 and role = 'owner' and state = 'active')",
    )?;
    select.exists((workspace.0, id.0))
}

fn find_invite(
    connection: &Connection,
    digest: [u8; 32],
    now_ms: i64,
) -> rusqlite::Result<Option<InviteRecord>> {
    let mut select =
        connection.prepare_cached(&format!("{INVITE} and i.digest = ?1 and i.expires_at > ?2"))?;
    select.query_row((digest, now_ms), invite).optional()
}

fn invite(row: &Row<'_>) -> rusqlite::Result<InviteRecord> {
    let role: String = row.get(4)?;
    Ok(InviteRecord {
        id: InviteId(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        workspace_name: row.get(2)?,
        email: row.get(3)?,
        role: Role::from_word(&role).ok_or_else(|| malformed(4, "role"))?,
        created_at_ms: row.get(5)?,
        expires_at_ms: row.get(6)?,
    })
}

pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let role: String = row.get(5)?;
    let state: String = row.get(6)?;
    let availability: String = row.get(7)?;
    Ok(Member {
        id: PersonId(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        workspace_name: row.get(2)?,
        name: row.get(3)?,
        email: row.get(4)?,
        role: Role::from_word(&role).ok_or_else(|| malformed(5, "role"))?,
        membership: Membership::from_word(&state).ok_or_else(|| malformed(6, "state"))?,
        availability: Presence::from_word(&availability).ok_or_else(|| malformed(7, "availability"))?,
        created_at_ms: row.get(8)?,
    })
}

fn login(row: &Row<'_>) -> rusqlite::Result<LoginRecord> {
    Ok(LoginRecord { member: member(row)?, password_hash: row.get(9)? })
}
