//! Inviting people, changing what they may do, and signing them out.

use protocol::api::{InviteAcceptance, Membership, PersonChange, Role};
use protocol::ids::{InviteId, PersonId, WorkspaceId};

use super::{Ports, plain_name};
use crate::auth::passwords::{PasswordError, Passwords};
use crate::auth::roles::may_manage;
use crate::bus::Hint;
use crate::clock::Fresh;
use crate::crypto::{TokenKind, digest_of, random_token};
use crate::store::{AcceptError, LoginRecord, Member, NewInvite, NewMember, SetupError, StoreError};

const INVITE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    #[error("there is no such person here")]
    NotFound,
    #[error("a name has 1 to 100 characters")]
    Name,
    #[error("a workspace needs a name of 1 to 100 characters")]
    WorkspaceName,
    #[error("{0:?} is not an e-mail address")]
    Email(String),
    #[error("your role does not allow this. Ask an owner")]
    AboveYou,
    #[error("a workspace needs an active owner. Make somebody else an owner first")]
    LastOwner,
    #[error("the current password is not right")]
    WrongPassword,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Accept(#[from] AcceptError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an invitation; gives its token, which is nowhere else.
pub async fn invite(
    ports: &Ports,
    by: &Member,
    email: &str,
    role: Role,
) -> Result<(InviteId, String, i64), MemberError> {
    if !may_manage(by.role, role) {
        return Err(MemberError::AboveYou);
    }
    let email = check_email(email)?;
    if ports.store.find_login(&email).await?.is_some() {
        return Err(AcceptError::EmailTaken.into());
    }
    let token = random_token(TokenKind::Invite);
    let now_ms = ports.clock.now_ms();
    let id = InviteId::fresh(ports.clock.as_ref());
    let expires_at_ms = now_ms + INVITE_MS;
    let invite = NewInvite {
        id,
        workspace: by.workspace,
        digest: digest_of(&token),
        email,
        role,
        now_ms,
        expires_at_ms,
    };
    ports.store.add_invite(invite).await?;
    Ok((id, token, expires_at_ms))
}

/// Joins by invitation.
pub async fn accept(
    ports: &Ports,
    passwords: &Passwords,
    token: &str,
    acceptance: InviteAcceptance,
) -> Result<Member, MemberError> {
    let now_ms = ports.clock.now_ms();
    let digest = digest_of(token);
    ports.store.find_invite(digest, now_ms).await?.ok_or(AcceptError::NotValid)?;
    let name = check_person_name(&acceptance.name)?;
    let password_hash = passwords.hash(acceptance.password).await?;
    let id = PersonId::fresh(ports.clock.as_ref());
    // The address is the invitation's, whatever is asked for.
    let member = NewMember { id, name, email: String::new(), password_hash };
    let workspace = ports.store.accept_invite(digest, member, now_ms).await?;
    find(ports, workspace, id).await.map(|login| login.member)
}

pub async fn find(ports: &Ports, workspace: WorkspaceId, id: PersonId) -> Result<LoginRecord, MemberError> {
    ports.store.find_member(workspace, id).await?.ok_or(MemberError::NotFound)
}

/// Changes somebody's role or membership. Their sessions and sockets end, so that the new rights hold everywhere at once.
pub async fn change(
    ports: &Ports,
    by: &Member,
    id: PersonId,
    wish: PersonChange,
) -> Result<Member, MemberError> {
    let target = find(ports, by.workspace, id).await?.member;
    let reaches_up =
        !may_manage(by.role, target.role) || wish.role.is_some_and(|role| !may_manage(by.role, role));
    if reaches_up {
        return Err(MemberError::AboveYou);
    }
    let changes_something = wish.role.is_some_and(|r| r != target.role)
        || wish.membership.is_some_and(|m| m != target.membership);
    if !changes_something {
        return Ok(target);
    }
    if !ports.store.change_member(by.workspace, id, wish.role, wish.membership).await? {
        return Err(MemberError::LastOwner);
    }
    ports.bus.publish(Hint::PersonChanged { person: id, but_session: None });
    find(ports, by.workspace, id).await.map(|login| login.member)
}

/// Sets a new password and ends all other sessions.
pub async fn change_password(
    ports: &Ports,
    passwords: &Passwords,
    by: &Member,
    session: [u8; 32],
    current: String,
    new: String,
) -> Result<(), MemberError> {
    let login = find(ports, by.workspace, by.id).await?;
    if !passwords.verify(current, Some(login.password_hash)).await? {
        return Err(MemberError::WrongPassword);
    }
    let hash = passwords.hash(new).await?;
    ports.store.set_password(by.id, hash).await?;
    ports.store.remove_sessions(by.id, Some(session)).await?;
    ports.bus.publish(Hint::PersonChanged { person: by.id, but_session: Some(session) });
    Ok(())
}

/// Checks e-mail and password. The answer takes as long and reads the same whether the address is known or not.
pub async fn check_login(
    ports: &Ports,
    passwords: &Passwords,
    email: &str,
    password: String,
) -> Result<Option<Member>, MemberError> {
    let login = ports.store.find_login(email).await?;
    let login = login.filter(|l| l.member.membership == Membership::Active);
    let is_right = passwords.verify(password, login.as_ref().map(|l| l.password_hash.clone())).await?;
    Ok(login.filter(|_| is_right).map(|l| l.member))
}

pub(super) fn check_email(text: &str) -> Result<String, MemberError> {
    let email = text.trim().to_lowercase();
    let is_plausible = email.len() <= 254
        && !email
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'))
        && email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.is_empty() && !host.contains('@') && !host.ends_with('.')
        });
    if is_plausible { Ok(email) } else { Err(MemberError::Email(text.to_owned())) }
}

pub fn check_person_name(text: &str) -> Result<String, MemberError> {
    plain_name(text).ok_or(MemberError::Name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for email in ["a@b.example", "Ada.L+x@mail.example.com", "root@localhost"] {
            assert!(check_email(email).is_ok(), "{email}");
        }
        for email in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b.", "<a@b.c>", "a@b.c\r\nBcc: x"] {
            assert!(check_email(email).is_err(), "{email}");
        }
    }
}
