//! Who may see what of a conversation.

use protocol::event::EventBody;
use protocol::message::{Actor, Side};

/// Who is looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// People who work here.
    Agents,
    /// The visitor whose conversation it is.
    Visitor,
}

/// Whether a visitor may know of an event. Notes and who has the conversation stay inside.
pub const fn is_visible_to_visitor(body: &EventBody) -> bool {
    match body {
        EventBody::Message(_) | EventBody::Status(_) | EventBody::Delivery(_) => true,
        EventBody::Note(_) | EventBody::Assigned(_) | EventBody::Unknown => false,
    }
}

/// The actor as the audience may see it: visitors learn the name of who answers, nothing to look them up by.
pub fn actor_for(audience: Audience, actor: &Actor) -> Actor {
    match (audience, actor.side) {
        (Audience::Visitor, Side::Agent) => Actor { id: None, ..actor.clone() },
        _ => actor.clone(),
    }
}
