//! `cargo xtask test`: every gate in order, with one summary at the end.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::dist;
use crate::gates::{self, Formatting, RustTests};
use crate::setup::{self, RustRunner};
use crate::tally::Tally;

/// How one part of the run ended.
struct Part {
    name: &'static str,
    seconds: f64,
    outcome: Result<Option<Tally>>,
}

/// Installs what is missing, runs every gate even after one failed, and sums up.
///
/// # Errors
/// When anything failed.
pub(crate) fn run() -> Result<()> {
    setup::rust_components()?;
    setup::wasm_target()?;
    setup::node_packages()?;
    setup::browser()?;
    setup::services()?;
    let runner = setup::rust_runner();
    let rust_name = if runner == RustRunner::Nextest { "cargo nextest" } else { "cargo test" };
    let parts = [
        part("browser apps within their budgets", || dist::run(&[]).map(|()| None)),
        part("format", || gates::format(Formatting::Check).map(|()| None)),
        part("clippy", || gates::clippy().map(|()| None)),
        part("dependencies", || gates::deny().map(|()| None)),
        part(rust_name, || gates::rust_tests(runner, RustTests::All).map(Some)),
        part("node --test (Chromium)", || gates::browser().map(Some)),
    ];
    summarise(&parts)
}

fn part(name: &'static str, work: impl FnOnce() -> Result<Option<Tally>>) -> Part {
    println!("\n### {name}");
    let started = Instant::now();
    let outcome = work();
    if let Err(error) = &outcome {
        println!("    {name}: FAILED: {error:#}");
    }
    Part { name, seconds: started.elapsed().as_secs_f64(), outcome }
}

fn summarise(parts: &[Part]) -> Result<()> {
    println!("\n### Summary");
    let mut total = Tally::default();
    for part in parts {
        let result = match &part.outcome {
            Ok(None) => "ok".to_owned(),
            Ok(Some(tally)) => {
                total += *tally;
                format!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped)
            }
            Err(error) => {
                total.failed += 1;
                format!("FAILED: {error}")
            }
        };
        println!("{:<36} {:>7.1} s   {result}", part.name, part.seconds);
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}
