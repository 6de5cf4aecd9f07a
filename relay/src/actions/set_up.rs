//! The first person, the workspace and the first widget.

use protocol::ids::{DivisionId, PersonId, WorkspaceId};

use super::Ports;
use super::people::{MemberError, check_email, check_person_name};
use crate::auth::passwords::Passwords;
use crate::clock::Fresh;
use crate::store::{NewInstallation, NewMember, SetupError};

/// What the first person says.
pub struct Owner {
    pub name: String,
    pub email: String,
    pub password: String,
    pub workspace: String,
}

/// Makes the owner and the workspace. Refuses when there is one.
pub async fn set_up(
    ports: &Ports,
    passwords: &Passwords,
    owner: Owner,
) -> Result<(WorkspaceId, PersonId), MemberError> {
    let workspace_name = check_person_name(&owner.workspace).map_err(|_| MemberError::WorkspaceName)?;
    let name = check_person_name(&owner.name)?;
    let email = check_email(&owner.email)?;
    if ports.store.is_set_up().await? {
        return Err(SetupError::AlreadyDone.into());
    }
    let password_hash = passwords.hash(owner.password).await?;
    let clock = ports.clock.as_ref();
    let (workspace, person) = (WorkspaceId::fresh(clock), PersonId::fresh(clock));
    let new = NewInstallation {
        workspace,
        workspace_name,
        division: DivisionId::fresh(clock),
        owner: NewMember { id: person, name, email, password_hash },
        now_ms: clock.now_ms(),
    };
    ports.store.set_up(new).await?;
    Ok((workspace, person))
}
