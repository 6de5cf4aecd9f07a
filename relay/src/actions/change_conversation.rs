//! Status and assignment of a conversation.

use protocol::api::{ConversationChange, Membership};
use protocol::event::Status;
use protocol::ids::{ContactId, ConversationId, PersonId, WorkspaceId};

use super::{Ports, agent_actor, contact_actor, system_actor};
use crate::bus::Hint;
use crate::clock::parse_rfc3339;
use crate::inbox::conversation::anonymous_name;
use crate::store::{Change, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no such conversation")]
    NoConversation,
    #[error("a snoozed conversation needs `snoozed_until`, a time in the future like 2026-11-22T09:00:00Z")]
    SnoozeTime,
    #[error("only an active member of the workspace can be given a conversation")]
    NoSuchAssignee,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who changes it.
pub struct By<'a> {
    pub workspace: WorkspaceId,
    pub person: PersonId,
    pub name: &'a str,
}

pub async fn change(
    ports: &Ports,
    by: By<'_>,
    conversation: ConversationId,
    wish: ConversationChange,
) -> Result<(), ChangeError> {
    let now_ms = ports.clock.now_ms();
    if ports.store.find_conversation(by.workspace, conversation).await?.is_none() {
        return Err(ChangeError::NoConversation);
    }
    let status = match wish.status {
        Some(Status::Snoozed) => {
            let until = wish.snoozed_until.as_deref().and_then(parse_rfc3339).filter(|at| *at > now_ms);
            Some((Status::Snoozed, Some(until.ok_or(ChangeError::SnoozeTime)?)))
        }
        Some(status) => Some((status, None)),
        None => None,
    };
    let assignee = match wish.assignee {
        Some(Some(person)) => {
            let member = ports.store.find_member(by.workspace, person).await?.map(|login| login.member);
            let member =
                member.filter(|m| m.membership == Membership::Active).ok_or(ChangeError::NoSuchAssignee)?;
            Some(Some((person, member.name)))
        }
        Some(None) => Some(None),
        None => None,
    };
    let actor = agent_actor(by.person, by.name);
    make(ports, Change { workspace: by.workspace, conversation, status, assignee, actor, now_ms }).await?;
    Ok(())
}

/// The contact ends a conversation that is theirs.
pub async fn end(
    ports: &Ports,
    workspace: WorkspaceId,
    conversation: ConversationId,
    contact: ContactId,
    name: Option<&str>,
) -> Result<(), StoreError> {
    // The change is shown with who made it, also where nobody has named the contact.
    let name = name.map_or_else(|| anonymous_name(&contact.0), str::to_owned);
    let change = Change {
        workspace,
        conversation,
        status: Some((Status::Resolved, None)),
        assignee: None,
        actor: contact_actor(contact, Some(&name)),
        now_ms: ports.clock.now_ms(),
    };
    make(ports, change).await
}

async fn make(ports: &Ports, change: Change) -> Result<(), StoreError> {
    if let Some(changed) = ports.store.change(change).await? {
        ports.bus.publish(Hint::from(changed));
    }
    Ok(())
}

/// Wakes the snoozed conversations whose time has come.
pub async fn wake_due(ports: &Ports) -> Result<usize, StoreError> {
    let now_ms = ports.clock.now_ms();
    let due = ports.store.due_snoozes(now_ms).await?;
    for (workspace, conversation) in &due {
        let status = Some((Status::Open, None));
        let change = Change {
            workspace: *workspace,
            conversation: *conversation,
            status,
            assignee: None,
            actor: system_actor(),
            now_ms,
        };
        make(ports, change).await?;
    }
    Ok(due.len())
}
