//! The verbs: what a person, a visitor or the clock can do. Each says its effects in order; rules come from `inbox`, the world
//! through the ports.

pub mod api_tokens;
pub mod campaigns;
pub mod change_conversation;
pub mod mark;
pub mod password_reset;
pub mod people;
pub mod post;
pub mod set_up;
pub mod typing;
pub mod visit;

use std::sync::Arc;

use protocol::ids::{ContactId, PersonId};
use protocol::message::{Actor, Side};

use crate::bus::Bus;
use crate::clock::Clock;
use crate::store::Store;

/// What the verbs may reach.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub clock: Arc<dyn Clock>,
}

/// A name that people give: 1 to 100 characters on one line, without what surrounds them.
fn plain_name(text: &str) -> Option<String> {
    let name = text.trim();
    let is_fine = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_fine.then(|| name.to_owned())
}

/// Somebody who works here, acting.
pub fn agent_actor(person: PersonId, name: &str) -> Actor {
    Actor { side: Side::Agent, id: Some(person.text()), name: Some(name.to_owned()) }
}

/// A contact, acting.
pub fn contact_actor(contact: ContactId, name: Option<&str>) -> Actor {
    Actor { side: Side::Contact, id: Some(contact.text()), name: name.map(str::to_owned) }
}

/// The program itself, acting.
pub fn system_actor() -> Actor {
    Actor { side: Side::System, id: None, name: None }
}
