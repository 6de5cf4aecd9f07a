//! Receipts: one side has received or read what the other said.

use protocol::event::{Reader, ReceiptState};
use protocol::frame;
use protocol::ids::{ContactId, WorkspaceId};
use protocol::message::Actor;

use super::Ports;
use crate::bus::Hint;
use crate::store::{Mark, StoreError};

/// Whose receipt it is.
pub struct By {
    pub workspace: WorkspaceId,
    pub actor: Actor,
    /// The contact, when it is a visitor's receipt.
    pub owner: Option<ContactId>,
}

pub async fn mark(ports: &Ports, by: By, mark: frame::Mark, state: ReceiptState) -> Result<(), StoreError> {
    let reader = if by.owner.is_some() { Reader::Contact } else { Reader::Agent };
    let step = Mark {
        workspace: by.workspace,
        conversation: mark.conv,
        owner: by.owner,
        reader,
        state,
        up_to: mark.seq,
        actor: by.actor,
        now_ms: ports.clock.now_ms(),
    };
    if let Some(changed) = ports.store.mark(step).await? {
        ports.bus.publish(Hint::from(changed));
    }
    Ok(())
}

impl From<crate::store::Changed> for Hint {
    fn from(changed: crate::store::Changed) -> Self {
        Self::Moved {
            conversation: changed.conversation,
            division: changed.division,
            seq: changed.last_seq,
            feed_seq: changed.feed_seq,
        }
    }
}
