//! A way back in for somebody who forgot the password: a link that an admin, or whoever runs the server, hands over.
//! Roost sends no mail.

use protocol::api::Membership;
use protocol::ids::{PersonId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::Ports;
use super::people::{MemberError, find};
use crate::auth::passwords::{PasswordError, Passwords};
use crate::auth::roles::may_manage;
use crate::auth::tickets::{TicketError, Tickets};
use crate::bus::Hint;
use crate::crypto::{Digest, digest_of};
use crate::store::{LoginRecord, Member, StoreError};

/// A link works this long.
pub const RESET_MS: i64 = 30 * 60 * 1000;

#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    #[error("this link is used or too old. Ask for a new one")]
    NotValid,
    #[error(transparent)]
    Member(#[from] MemberError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a link says.
#[derive(Serialize, Deserialize)]
struct ResetPass {
    workspace: WorkspaceId,
    person: PersonId,
    /// Of the password it replaces: once that has changed, older links are worth nothing.
    #[serde(with = "crate::crypto::digest_text")]
    password: Digest,
}

/// A token for somebody by another member, who may not reach above themselves.
pub async fn by_member(
    ports: &Ports,
    resets: &Tickets,
    by: &Member,
    id: PersonId,
) -> Result<String, ResetError> {
    let login = find(ports, by.workspace, id).await?;
    if !may_manage(by.role, login.member.role) {
        return Err(MemberError::AboveYou.into());
    }
    issue(ports, resets, &login)
}

/// A token for somebody by whoever runs the server.
pub async fn by_operator(ports: &Ports, resets: &Tickets, email: &str) -> Result<String, ResetError> {
    let login = ports.store.find_login(email).await?.ok_or(MemberError::NotFound)?;
    issue(ports, resets, &login)
}

fn issue(ports: &Ports, resets: &Tickets, login: &LoginRecord) -> Result<String, ResetError> {
    if login.member.membership != Membership::Active {
        return Err(MemberError::NotFound.into());
    }
    let pass = ResetPass {
        workspace: login.member.workspace,
        person: login.member.id,
        password: digest_of(&login.password_hash),
    };
    Ok(resets.issue(&pass, ports.clock.now_ms()))
}

/// Sets the new password and ends all sessions.
pub async fn reset(
    ports: &Ports,
    passwords: &Passwords,
    resets: &Tickets,
    token: &str,
    new: String,
) -> Result<(), ResetError> {
    // First, so that a password that will not do does not use the link up.
    let hash = passwords.hash(new).await?;
    let redeemed = resets.redeem(ports.store.as_ref(), token, ports.clock.now_ms()).await;
    let pass: ResetPass = redeemed.map_err(|error| match error {
        TicketError::Store(error) => error.into(),
        TicketError::Forged | TicketError::Expired | TicketError::Spent => ResetError::NotValid,
    })?;
    let login = find(ports, pass.workspace, pass.person).await?;
    let is_still_meant =
        login.member.membership == Membership::Active && digest_of(&login.password_hash) == pass.password;
    if !is_still_meant {
        return Err(ResetError::NotValid);
    }
    ports.store.set_password(pass.person, hash).await?;
    ports.store.remove_sessions(pass.person, None).await?;
    ports.bus.publish(Hint::PersonChanged { person: pass.person, but_session: None });
    Ok(())
}
