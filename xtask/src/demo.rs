//! `cargo xtask demo`: from a fresh clone to the running tour.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context, Result};

use crate::dist;
use crate::shell::{command, step};

/// Builds everything and becomes `roost demo`.
///
/// # Errors
/// When a build fails, or the program cannot be started.
pub(crate) fn run(options: &[String]) -> Result<()> {
    dist::run(&[])?;
    build_roost()?;
    let options = options.iter().skip_while(|option| *option == "--");
    // Replacing this process leaves nothing between the person's Ctrl-C and the relay's drain.
    let failure = Command::new("target/release/roost").arg("demo").args(options).exec();
    Err(failure).context("cannot start target/release/roost")
}

/// The relay as it is shipped, with the browser apps inside.
pub(crate) fn build_roost() -> Result<()> {
    let arguments = ["build", "--release", "--package", "relay", "--bin", "roost"];
    step("build roost (some minutes the first time)", &mut command("cargo", &arguments))
}
