//! `cargo xtask budgets`: every figure the project promises, measured here and now.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::{command, step};
use crate::{demo, dist, setup};

/// Prints bytes, binary size, the server's figures and the widget's timings.
///
/// # Errors
/// When a build or a measurement fails, or a byte budget is broken.
pub(crate) fn run() -> Result<()> {
    setup::browser()?;
    dist::run(&[])?;
    demo::build_roost()?;
    let roost = "target/release/roost";
    let size_bytes = fs::metadata(roost).with_context(|| format!("cannot look at {roost}"))?.len();
    println!("roost binary, stripped: {size_bytes} bytes ({} MiB)", size_bytes.div_ceil(1 << 20));
    step("server figures", &mut command(roost, &["bench"]))?;
    step("widget timings in Chromium", &mut command("node", &["tests/browser/timings.mjs", roost]))
}
