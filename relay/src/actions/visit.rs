//! A visitor looks at a page: what it says about them and itself is added to what is known.

use protocol::frame::{LookAt, Presence};
use protocol::ids::{ContactId, DivisionId, WorkspaceId};

use super::Ports;
use crate::bus::Hint;
use crate::clock::rfc3339;
use crate::inbox::contact;
use crate::store::Told;

/// Adds what a page said to what the store knows of a contact. Nice to know, and no reason to keep somebody out: on a full disk
/// one can still read.
pub async fn note(ports: &Ports, contact: ContactId, told: Told) {
    if let Err(error) = ports.store.note_visit(contact, told, ports.clock.now_ms()).await {
        tracing::warn!(%error, "a visit was not noted");
    }
}

/// The same for somebody the store does not know yet. `known` and what is given back are JSON of the details.
pub fn add(known: &str, told: &Told) -> String {
    contact::remember(known, told)
}

/// What is told by a page that came without being loaded.
pub fn at_page(ports: &Ports, page: LookAt) -> Told {
    let now_ms = ports.clock.now_ms();
    contact::at_page(page.url, page.title, rfc3339(now_ms))
}

/// Tells agents that a contact is here, so that they look again at what is known.
pub fn announce(ports: &Ports, workspace: WorkspaceId, division: DivisionId, contact: ContactId) {
    ports.bus.publish(Hint::ContactPresence { workspace, division, contact, state: Presence::Online });
}
