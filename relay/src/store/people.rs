//! People who work here, their sessions and invitations.

use async_trait::async_trait;
use protocol::api::{Membership, Role};
use protocol::frame::Presence;
use protocol::ids::{InviteId, PersonId, WorkspaceId};

use super::StoreError;

/// The first owner and workspace.
#[derive(Debug, Clone)]
pub struct NewInstallation {
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub division: protocol::ids::DivisionId,
    pub owner: NewMember,
    pub now_ms: i64,
}

#[derive(Debug, Clone)]
pub struct NewMember {
    pub id: PersonId,
    pub name: String,
    pub email: String,
    pub password_hash: String,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum SetupError {
    #[error("this installation already has an owner. Sign in, or ask to be invited")]
    AlreadyDone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody in a workspace.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: PersonId,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub membership: Membership,
    pub availability: Presence,
    pub created_at_ms: i64,
}

#[derive(Debug, Clone)]
pub struct LoginRecord {
    pub member: Member,
    pub password_hash: String,
}

#[derive(Debug, Clone)]
pub struct SessionRecord {
    pub digest: [u8; 32],
    pub workspace: WorkspaceId,
    pub person: PersonId,
    pub created_at_ms: i64,
    pub seen_at_ms: i64,
}

#[derive(Debug, Clone)]
pub struct NewInvite {
    pub id: InviteId,
    pub workspace: WorkspaceId,
    pub digest: [u8; 32],
    pub email: String,
    pub role: Role,
    pub now_ms: i64,
    pub expires_at_ms: i64,
}

#[derive(Debug, Clone)]
pub struct InviteRecord {
    pub id: InviteId,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub email: String,
    pub role: Role,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum AcceptError {
    #[error("this invitation is used, withdrawn or too old. Ask for a new one")]
    NotValid,
    #[error("somebody with this address is here already. Sign in instead")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[async_trait]
pub trait People {
    async fn is_set_up(&self) -> Result<bool, StoreError>;
    async fn set_up(&self, new: NewInstallation) -> Result<(), SetupError>;
    /// The workspace commands work on when none is named: the first.
    async fn first_workspace(&self) -> Result<Option<WorkspaceId>, StoreError>;

    /// By address, whatever its case.
    async fn find_login(&self, email: &str) -> Result<Option<LoginRecord>, StoreError>;
    async fn find_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
    ) -> Result<Option<LoginRecord>, StoreError>;
    /// By time of joining.
    async fn list_members(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, PersonId)>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError>;
    /// Changes role or membership. Never leaves a workspace without an active owner: false then, and when there is no such member.
    async fn change_member(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        role: Option<Role>,
        membership: Option<Membership>,
    ) -> Result<bool, StoreError>;
    async fn change_me(
        &self,
        workspace: WorkspaceId,
        id: PersonId,
        name: Option<String>,
        availability: Option<Presence>,
    ) -> Result<(), StoreError>;
    async fn set_password(&self, id: PersonId, password_hash: String) -> Result<(), StoreError>;

    async fn add_session(&self, session: SessionRecord) -> Result<(), StoreError>;
    /// The session and whose it is, if that person is active.
    async fn find_session(&self, digest: [u8; 32]) -> Result<Option<(SessionRecord, Member)>, StoreError>;
    async fn touch_session(&self, digest: [u8; 32], now_ms: i64) -> Result<(), StoreError>;
    async fn remove_session(&self, digest: [u8; 32]) -> Result<(), StoreError>;
    /// Ends all sessions of a person but one.
    async fn remove_sessions(&self, person: PersonId, but: Option<[u8; 32]>) -> Result<(), StoreError>;

    async fn add_invite(&self, invite: NewInvite) -> Result<(), StoreError>;
    async fn list_invites(
        &self,
        workspace: WorkspaceId,
        now_ms: i64,
    ) -> Result<Vec<InviteRecord>, StoreError>;
    async fn withdraw_invite(&self, workspace: WorkspaceId, id: InviteId) -> Result<bool, StoreError>;
    async fn find_invite(&self, digest: [u8; 32], now_ms: i64) -> Result<Option<InviteRecord>, StoreError>;
    /// Uses up an invitation and makes the member, in one step.
    async fn accept_invite(
        &self,
        digest: [u8; 32],
        member: NewMember,
        now_ms: i64,
    ) -> Result<WorkspaceId, AcceptError>;
}
