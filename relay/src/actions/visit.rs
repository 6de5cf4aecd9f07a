//! A visitor looks at a page: what it says about them and itself is added to what is known.

use protocol::ids::ContactId;

use super::Ports;
use crate::inbox::contact;
use crate::store::{StoreError, Told};

/// Adds what a page said to what the store knows of a contact.
pub async fn note(ports: &Ports, contact: ContactId, told: Told) -> Result<(), StoreError> {
    ports.store.note_visit(contact, told, ports.clock.now_ms()).await
}

/// The same for somebody the store does not know yet. `known` and what is given back are JSON of the details.
pub fn add(known: &str, told: &Told) -> String {
    contact::remember(known, told)
}
