//! What each role may do.

use protocol::api::Role;

/// Something that needs a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Read and answer conversations.
    Converse,
    /// See settings, campaigns, people.
    Supervise,
    /// Change settings, campaigns, people.
    Administer,
}

pub const fn may(role: Role, right: Right) -> bool {
    match right {
        Right::Converse => true,
        Right::Supervise => matches!(role, Role::Owner | Role::Admin | Role::Supervisor),
        Right::Administer => matches!(role, Role::Owner | Role::Admin),
    }
}

/// Whether somebody may give, take or end a role: nobody reaches above themselves.
pub const fn may_manage(actor: Role, role: Role) -> bool {
    match actor {
        Role::Owner => true,
        Role::Admin => !matches!(role, Role::Owner),
        Role::Supervisor | Role::Agent => false,
    }
}
