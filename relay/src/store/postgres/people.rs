//! People, sessions and invitations.

use async_trait::async_trait;
use protocol::api::{Membership, Role};
use protocol::frame::Presence;
use protocol::ids::{InviteId, PersonId, WorkspaceId};
use tokio_postgres::Row;

use super::PostgresStore;
use super::db::{Scope, Transaction, id, malformed, uuid};
use crate::store::sql::{INVITE, MEMBER, SESSION};
use crate::store::{
    AcceptError, InviteRecord, LoginRecord, Member, NewInstallation, NewInvite, NewMember, People,
    SessionRecord, SetupError, StoreError,
};

/// Only one node makes the first owner: whoever holds this until the end of the transaction.
const SET_UP_LOCK: &str = "select pg_advisory_xact_lock(7274)";

#[async_trait]
impl People for PostgresStore {
    async fn is_set_up(&self) -> Result<bool, StoreError> {
        Ok(self.db.row(Scope::any(), "select 1 from person limit 1", &[]).await?.is_some())
    }

    async fn set_up(&self, new: NewInstallation) -> Result<(), SetupError> {
        let transaction = self.db.begin(new.workspace).await?;
        transaction.rows(SET_UP_LOCK, &[]).await?;
        if transaction.row("select 1 from person limit 1", &[]).await?.is_some() {
            transaction.roll_back().await?;
            return Err(SetupError::AlreadyDone);
        }
        let (workspace, name) = (uuid(new.workspace.0), &new.workspace_name);
        let text = "insert into workspace (id, name, created_at) values ($1, $2, $3)";
        transaction.execute(text, &[&workspace, name, &new.now_ms]).await?;
        let text = "insert into division (id, workspace_id, name) values ($1, $2, $3)";
        transaction.execute(text, &[&uuid(new.division.0), &workspace, name]).await?;
        add_member(&transaction, &new.owner, new.workspace, Role::Owner, new.now_ms).await?;
        Ok(transaction.commit().await?)
    }

    async fn first_workspace(&self) -> Result<Option<WorkspaceId>, StoreError> {
        let text = "select id from workspace order by created_at, id limit 1";
        let row = self.db.row(Scope::any(), text, &[]).await?;
        row.map(|row| Ok(WorkspaceId(id(&row, 0)?))).transpose()
    }

    async fn find_login(&self, email: &str) -> Result<Option<LoginRecord>, StoreError> {
        let text = format!("{MEMBER} where p.email = $1 order by m.state, m.created_at limit 1");
        let row = self.db.row(Scope::any(), &text, &[&email.trim().to_lowercase()]).await?;
        row.as_ref().map(login).transpose()
    }

    async fn find_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
    ) -> Result<Option<LoginRecord>, StoreError> {
        let text = format!("{MEMBER} where m.workspace_id = $1 and m.person_id = $2");
        let row = self.db.row(workspace, &text, &[&uuid(workspace.0), &uuid(id.0)]).await?;
        row.as_ref().map(login).transpose()
    }

    async fn list_members(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, PersonId)>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (at, id.0));
        let text = format!(
            "{MEMBER} where m.workspace_id = $1 and (m.created_at, p.id) > ($2, $3) order by m.created_at, p.id limit $4"
        );
        let rows =
            self.db.rows(workspace, &text, &[&uuid(workspace.0), &at, &uuid(id), &i64::from(limit)]).await?;
        rows.iter().map(member).collect()
    }

    async fn change_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        role: Option<Role>,
        membership: Option<Membership>,
    ) -> Result<bool, StoreError> {
        let (workspace_id, person) = (uuid(workspace.0), uuid(id.0));
        let transaction = self.db.begin(workspace).await?;
        // Two owners who demote each other at once would leave none: one of them waits here.
        let lock = "select person_id, role, state from membership where workspace_id = $1 and (role = 'owner' or person_id = $2) order by person_id for update";
        let rows = transaction.rows(lock, &[&workspace_id, &person]).await?;
        let ends_ownership =
            role.is_some_and(|r| r != Role::Owner) || membership == Some(Membership::Deactivated);
        if ends_ownership && is_last_owner(&rows, id)? {
            transaction.roll_back().await?;
            return Ok(false);
        }
        let text = "update membership set role = coalesce($3, role), state = coalesce($4, state) where workspace_id = $1 and person_id = $2";
        let (role, state) = (role.map(Role::word), membership.map(Membership::word));
        let changed = transaction.execute(text, &[&workspace_id, &person, &role, &state]).await?;
        // Somebody whose rights changed signs in anew, or no more.
        transaction.execute("delete from session where person_id = $1", &[&person]).await?;
        if membership == Some(Membership::Deactivated) {
            let text = "update conversation set assignee_id = null where workspace_id = $1 and assignee_id = $2 and status <> 'resolved'";
            transaction.execute(text, &[&workspace_id, &person]).await?;
        }
        transaction.commit().await?;
        Ok(changed > 0)
    }

    async fn change_me(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        name: Option<String>,
        availability: Option<Presence>,
    ) -> Result<(), StoreError> {
        let person = uuid(id.0);
        let transaction = self.db.begin(workspace).await?;
        if let Some(name) = &name {
            transaction.execute("update person set name = $2 where id = $1", &[&person, name]).await?;
        }
        if let Some(availability) = availability {
            let text = "update membership set availability = $3 where workspace_id = $1 and person_id = $2";
            transaction.execute(text, &[&uuid(workspace.0), &person, &availability.word()]).await?;
        }
        transaction.commit().await
    }

    async fn set_password(&self, id: PersonId, password_hash: String) -> Result<(), StoreError> {
        let text = "update person set password_hash = $2 where id = $1";
        self.db.execute(Scope::any(), text, &[&uuid(id.0), &password_hash]).await.map(drop)
    }

    async fn add_session(&self, session: SessionRecord) -> Result<(), StoreError> {
        let text = "insert into session (digest, workspace_id, person_id, created_at, seen_at) values ($1, $2, $3, $4, $5)";
        let (digest, workspace, person) =
            (session.digest.as_slice(), uuid(session.workspace.0), uuid(session.person.0));
        let values: [super::db::Value<'_>; 5] =
            [&digest, &workspace, &person, &session.created_at_ms, &session.seen_at_ms];
        self.db.execute(session.workspace, text, &values).await.map(drop)
    }

    async fn find_session(&self, digest: [u8; 32]) -> Result<Option<(SessionRecord, Member)>, StoreError> {
        let text = format!("{SESSION} and s.digest = $1");
        let row = self.db.row(Scope::any(), &text, &[&digest.as_slice()]).await?;
        let read = |row: Row| {
            let member = member(&row)?;
            let session = SessionRecord {
                digest,
                workspace: member.workspace,
                person: member.id,
                created_at_ms: row.try_get(10)?,
                seen_at_ms: row.try_get(11)?,
            };
            Ok((session, member))
        };
        row.map(read).transpose()
    }

    async fn touch_session(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        let text = "update session set seen_at = $2 where digest = $1";
        self.db.execute(Scope::any(), text, &[&digest.as_slice(), &now_ms]).await.map(drop)
    }

    async fn remove_session(&self, digest: [u8; 32]) -> Result<(), StoreError> {
        let text = "delete from session where digest = $1";
        self.db.execute(Scope::any(), text, &[&digest.as_slice()]).await.map(drop)
    }

    async fn remove_sessions(&self, person: PersonId, but: Option<[u8; 32]>) -> Result<(), StoreError> {
        let text = "delete from session where person_id = $1 and digest is distinct from $2";
        let but = but.map(|digest| digest.to_vec());
        self.db.execute(Scope::any(), text, &[&uuid(person.0), &but]).await.map(drop)
    }

    async fn add_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        let text = "insert into invite (id, workspace_id, digest, email, role, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
        let (id, workspace, digest) = (uuid(invite.id.0), uuid(invite.workspace.0), invite.digest.as_slice());
        let (email, role) = (invite.email.trim().to_lowercase(), invite.role.word());
        let values: [super::db::Value<'_>; 7] =
            [&id, &workspace, &digest, &email, &role, &invite.now_ms, &invite.expires_at_ms];
        self.db.execute(invite.workspace, text, &values).await.map(drop)
    }

    async fn list_invites(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<InviteRecord>, StoreError> {
        let text = format!(
            "{INVITE} and i.workspace_id = $1 and i.expires_at > $2 order by i.created_at desc limit 200"
        );
        let rows = self.db.rows(workspace, &text, &[&uuid(workspace.0), &now_ms]).await?;
        rows.iter().map(invite).collect()
    }

    async fn withdraw_invite(&self, workspace: WorkspaceId, id: InviteId) -> Result<bool, StoreError> {
        let text = "delete from invite where workspace_id = $1 and id = $2 and accepted_at is null";
        Ok(self.db.execute(workspace, text, &[&uuid(workspace.0), &uuid(id.0)]).await? > 0)
    }

    async fn find_invite(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<InviteRecord>, StoreError> {
        let text = format!("{INVITE} and i.digest = $1 and i.expires_at > $2");
        let row = self.db.row(Scope::any(), &text, &[&digest.as_slice(), &now_ms]).await?;
        row.as_ref().map(invite).transpose()
    }

    async fn accept_invite(
        &self,
        digest: [u8; 32],
        new: NewMember,
        now_ms: i64,
    ) -> Result<WorkspaceId, AcceptError> {
        let transaction = self.db.begin(Scope::any()).await?;
        // Held until the end, so that of two who come at once one finds it used.
        let text = format!("{INVITE} and i.digest = $1 and i.expires_at > $2 for update of i");
        let Some(row) = transaction.row(&text, &[&digest.as_slice(), &now_ms]).await? else {
            transaction.roll_back().await?;
            return Err(AcceptError::NotValid);
        };
        let invite = invite(&row)?;
        let taken = transaction.row("select 1 from person where email = $1", &[&invite.email]).await?;
        if taken.is_some() {
            transaction.roll_back().await?;
            return Err(AcceptError::EmailTaken);
        }
        let text = "update invite set accepted_at = $2 where id = $1";
        transaction.execute(text, &[&uuid(invite.id.0), &now_ms]).await?;
        let member = NewMember { email: invite.email, ..new };
        add_member(&transaction, &member, invite.workspace, invite.role, now_ms).await?;
        transaction.commit().await?;
        Ok(invite.workspace)
    }
}

async fn add_member(
    transaction: &Transaction,
    new: &NewMember,
    workspace: WorkspaceId,
    role: Role,
    now_ms: i64,
) -> Result<(), StoreError> {
    let (id, email) = (uuid(new.id.0), new.email.trim().to_lowercase());
    let text = "insert into person (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)";
    transaction.execute(text, &[&id, &email, &new.name, &new.password_hash, &now_ms]).await?;
    let text = "insert into membership (workspace_id, person_id, role, state, availability, created_at) values ($1, $2, $3, 'active', 'online', $4)";
    transaction.execute(text, &[&uuid(workspace.0), &id, &role.word(), &now_ms]).await.map(drop)
}

/// Of the owners and the person in question: is this person the only active owner?
fn is_last_owner(rows: &[Row], person: PersonId) -> Result<bool, StoreError> {
    let (mut is_owner, mut others) = (false, false);
    for row in rows {
        let (role, state): (&str, &str) = (row.try_get(1)?, row.try_get(2)?);
        if role == Role::Owner.word() {
            let is_this = id(row, 0)? == person.0;
            is_owner |= is_this;
            others |= !is_this && state == Membership::Active.word();
        }
    }
    Ok(is_owner && !others)
}

fn invite(row: &Row) -> Result<InviteRecord, StoreError> {
    Ok(InviteRecord {
        id: InviteId(id(row, 0)?),
        workspace: WorkspaceId(id(row, 1)?),
        workspace_name: row.try_get(2)?,
        email: row.try_get(3)?,
        role: Role::from_word(row.try_get(4)?).ok_or_else(|| malformed("role"))?,
        created_at_ms: row.try_get(5)?,
        expires_at_ms: row.try_get(6)?,
    })
}

pub(super) fn member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: PersonId(id(row, 0)?),
        workspace: WorkspaceId(id(row, 1)?),
        workspace_name: row.try_get(2)?,
        name: row.try_get(3)?,
        email: row.try_get(4)?,
        role: Role::from_word(row.try_get(5)?).ok_or_else(|| malformed("role"))?,
        membership: Membership::from_word(row.try_get(6)?).ok_or_else(|| malformed("state"))?,
        availability: Presence::from_word(row.try_get(7)?).ok_or_else(|| malformed("availability"))?,
        created_at_ms: row.try_get(8)?,
    })
}

fn login(row: &Row) -> Result<LoginRecord, StoreError> {
    Ok(LoginRecord { member: member(row)?, password_hash: row.try_get(9)? })
}
