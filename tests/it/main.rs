//! Everything Roost promises, one module a promise.
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod conversation;
mod keys;
mod origins;
mod resume;
mod sockets;
mod tokens;

/// The program, built together with these tests.
fn program() -> tests::process::Program {
    tests::process::Program::new(env!("CARGO_BIN_EXE_roost-under-test"))
}
