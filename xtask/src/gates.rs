//! The gates, one function each; `cargo xtask test` runs them all, `cargo xtask check <gate>` one.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::services::Postgres;
use crate::setup::{self, RustRunner};
use crate::shell::{Observed, capture, command, observe, step, succeeds};
use crate::tally::Tally;
use crate::{autobahn, dist, shell};

/// Whether rustfmt may change files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formatting {
    Check,
    Write,
}

/// Which Rust tests to run; all are compiled in either case, so that features are resolved once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RustTests {
    All,
    Unit,
    Integration,
    /// The integration tests that are about behaviour and not about SQLite's file or the source tree.
    OnPostgres,
    Tidy,
}

/// The modules of integration tests that have nothing to do with the store, or chose theirs themselves.
const NOT_ON_POSTGRES: [&str; 19] = [
    "power",
    "starts",
    "checker",
    "tidy",
    "assets",
    "routes",
    "lookalikes",
    "nodes",
    "cuts",
    "moving",
    "rolling",
    "second_wall",
    "chaos",
    "lines",
    "restarts",
    "clocks",
    "full_disk",
    "disk_errors",
    "vanishing",
];

/// The modules of integration tests that mount a disk or make a network: left out, and said so, where that is not permitted.
const FOR_ROOT: [&str; 2] = ["full_disk", "vanishing"];

/// Runs one gate by its name.
pub(crate) fn check(gate: &str) -> Result<()> {
    match gate {
        "fmt" => format(Formatting::Check),
        "clippy" => clippy(),
        "unit" => require(rust_tests(setup::rust_runner(), RustTests::Unit)?),
        "it" => require(rust_tests(setup::rust_runner(), RustTests::Integration)?),
        "tidy" => require(rust_tests(setup::rust_runner(), RustTests::Tidy)?),
        "wasm-size" => dist::run(&[]),
        "browser" => {
            setup::browser()?;
            dist::run(&[])?;
            build_tests()?;
            require(browser()?)
        }
        "deny" => deny(),
        "autobahn" => autobahn::run(),
        _ => bail!(
            "there is no gate `{gate}`; there are fmt, clippy, unit, it, tidy, wasm-size, browser, deny and autobahn"
        ),
    }
}

/// Formats or checks every Rust file that git knows or would take; `cargo fmt` misses modules declared by macros.
pub(crate) fn format(formatting: Formatting) -> Result<()> {
    setup::rust_components()?;
    let listed =
        capture(&mut command("git", &["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"]))?;
    let files: Vec<&str> = listed.lines().filter(|file| Path::new(file).exists()).collect();
    let mut rustfmt = command("rustfmt", &["--edition", "2024"]);
    if formatting == Formatting::Check {
        rustfmt.arg("--check");
    }
    step("format", rustfmt.args(files))
}

/// Lints everything as it runs: natively with tests, and for the browser what runs there.
pub(crate) fn clippy() -> Result<()> {
    setup::rust_components()?;
    setup::wasm_target()?;
    let native = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step("clippy, native", &mut command("cargo", &native))?;
    let mut browser = command("cargo", &["clippy", "-p", "widget", "-p", "admin", "-p", "protocol"]);
    browser.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
    step("clippy, wasm32", &mut browser)
}

/// Compiles all test programs and `roost` itself in one go, so that no crate is built twice with other features.
pub(crate) fn build_tests() -> Result<()> {
    step(
        "build tests and roost",
        &mut command("cargo", &["build", "--workspace", "--tests", "--bin", "roost"]),
    )
}

/// Runs Rust tests and reads the runner's own counts.
pub(crate) fn rust_tests(runner: RustRunner, which: RustTests) -> Result<Tally> {
    setup::services()?;
    build_tests()?;
    let postgres = Postgres::start()?;
    let (label, mut run, read): (_, _, fn(&str) -> Option<Tally>) = match runner {
        RustRunner::Nextest => ("cargo nextest", nextest(which), Tally::of_nextest),
        RustRunner::CargoTest => ("cargo test", cargo_test(which), Tally::of_cargo_test),
    };
    run.envs(postgres.environment());
    let observed = shell::timed(label, || observe(&mut run))?;
    let mut tally = counts(&observed, read);
    if matches!(which, RustTests::All | RustTests::Integration) {
        let mut again = match runner {
            RustRunner::Nextest => nextest(RustTests::OnPostgres),
            RustRunner::CargoTest => cargo_test(RustTests::OnPostgres),
        };
        again.envs(postgres.environment()).env("ROOST_TEST_STORE", "postgres");
        let observed = shell::timed(&format!("{label}, on PostgreSQL"), || observe(&mut again))?;
        tally += counts(&observed, read);
    }
    Ok(tally)
}

/// Runs the test of everything going wrong, for so many faults and from a seed where one is given.
pub(crate) fn chaos(options: &[String]) -> Result<()> {
    setup::services()?;
    build_tests()?;
    let postgres = Postgres::start()?;
    let mut run =
        command("cargo", &["test", "--package", "tests", "--test", "it", "--", "chaos::", "--nocapture"]);
    run.envs(postgres.environment());
    for (name, value) in ["ROOST_CHAOS_STEPS", "ROOST_SEED"].iter().zip(options) {
        run.env(name, value);
    }
    step("chaos", &mut run)
}

/// Runs the tests in a real browser.
pub(crate) fn browser() -> Result<Tally> {
    let mut node = command("node", &["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    // By name: what a folder means to `node --test` differs from version to version.
    node.args(
        capture(&mut command("git", &["ls-files", "-co", "--exclude-standard", "tests/browser/*.test.mjs"]))?
            .lines(),
    );
    let observed = shell::timed("browser tests", || observe(&mut node))?;
    Ok(counts(&observed, Tally::of_node))
}

fn nextest(which: RustTests) -> Command {
    let chosen = match which {
        RustTests::All => "all()".to_owned(),
        RustTests::Unit => "not package(tests)".to_owned(),
        RustTests::Integration => "package(tests)".to_owned(),
        RustTests::OnPostgres => {
            format!("package(tests) and not test(/^({})::/)", NOT_ON_POSTGRES.join("|"))
        }
        RustTests::Tidy => "package(tests) and test(tidy)".to_owned(),
    };
    let mut filter = format!("({chosen})");
    for module in left_out(which) {
        filter += &format!(" and not (package(tests) and test(/^{module}::/))");
    }
    command("cargo", &["nextest", "run", "--workspace", "-E", &filter])
}

fn cargo_test(which: RustTests) -> Command {
    let mut run = command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    match which {
        RustTests::All => run.arg("--"),
        RustTests::Unit => run.args(["--exclude", "tests", "--"]),
        RustTests::Integration => run.args(["--package", "tests", "--"]),
        RustTests::OnPostgres => {
            run.args(["--package", "tests", "--"]);
            NOT_ON_POSTGRES.iter().fold(&mut run, |run, module| run.args(["--skip", &format!("{module}::")]))
        }
        RustTests::Tidy => run.args(["--package", "tests", "--", "tidy"]),
    };
    for module in left_out(which) {
        run.args(["--skip", &format!("{module}::")]);
    }
    run
}

/// Which modules cannot be run here. A test that was left out must not look as if it had passed.
fn left_out(which: RustTests) -> &'static [&'static str] {
    let would_run = matches!(which, RustTests::All | RustTests::Integration);
    // In a name space of its own, so that the trial leaves nothing mounted.
    if !would_run || succeeds("unshare", &["--mount", "--net", "mount", "-t", "tmpfs", "none", "/tmp"]) {
        return &[];
    }
    println!(
        "\n    SKIPPED: {} (mounts and networks are not permitted here; run as root)\n",
        FOR_ROOT.join(", ")
    );
    &FOR_ROOT
}

/// A runner that failed without naming a failed test, or without any count, is one failure.
fn counts(observed: &Observed, read: fn(&str) -> Option<Tally>) -> Tally {
    let mut tally = read(&observed.output).unwrap_or_default();
    let is_silent_failure = !observed.is_success && tally.failed == 0;
    if is_silent_failure || tally.passed + tally.failed == 0 {
        tally.failed += 1;
    }
    tally
}

fn require(tally: Tally) -> Result<()> {
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 {
        bail!("{} failed", tally.failed);
    }
    Ok(())
}

/// Licences, sources and bans of the dependencies, where cargo-deny is installed.
pub(crate) fn deny() -> Result<()> {
    if !succeeds("cargo", &["deny", "--version"]) {
        println!("    deny: skipped, cargo-deny is not installed");
        return Ok(());
    }
    step("deny", &mut command("cargo", &["deny", "--offline", "check", "bans", "licenses", "sources"]))
}
