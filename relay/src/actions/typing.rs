//! Somebody types. Told to the other side, never stored.

use protocol::ids::{ConversationId, DivisionId};
use protocol::message::Actor;

use super::Ports;
use crate::bus::Hint;

pub fn say(ports: &Ports, conversation: ConversationId, division: DivisionId, on: bool, who: Actor) {
    ports.bus.publish(Hint::Typing { conversation, division, on, who });
}
