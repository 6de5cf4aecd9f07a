//! The states of a conversation and what moves it.

use protocol::event::Status;
use protocol::message::Side;

/// The state after somebody said something (notes do not count).
pub const fn after_message(status: Status, by: Side) -> Status {
    match (status, by) {
        // Whoever writes in a closed or sleeping conversation wakes it.
        (Status::Resolved | Status::Snoozed, Side::Contact | Side::Agent) => Status::Open,
        (Status::Pending, Side::Agent) => Status::Open,
        (status, _) => status,
    }
}

/// The name shown for a contact nobody has named: stable, and different from its neighbours'.
pub fn anonymous_name(contact: &[u8; 16]) -> String {
    let [.., high, low] = *contact;
    format!("Visitor {high:02x}{low:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_who_writes_again_reopens_the_conversation() {
        assert_eq!(after_message(Status::Resolved, Side::Contact), Status::Open);
        assert_eq!(after_message(Status::Snoozed, Side::Contact), Status::Open);
        assert_eq!(after_message(Status::Pending, Side::Contact), Status::Pending);
    }
}
