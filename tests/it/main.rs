//! Everything Roost promises, one module a promise.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod assets;
mod chaos;
mod checker;
mod clocks;
mod commands;
mod conversation;
mod crash;
mod cuts;
mod disk_errors;
mod drain;
mod full_disk;
mod identity;
mod inbox;
mod invites;
mod keys;
mod lines;
mod live;
mod lookalikes;
mod moving;
mod nodes;
mod origins;
mod other_workspaces;
mod power;
mod programs;
mod receipts;
mod requests;
mod restarts;
mod resume;
mod roles;
mod rolling;
mod second_wall;
mod sessions;
mod sockets;
mod starts;
mod tidy;
mod tokens;
mod vanishing;

/// The program, built together with these tests.
fn program() -> tests::process::Program {
    tests::process::Program::new(env!("CARGO_BIN_EXE_roost-under-test"))
}
