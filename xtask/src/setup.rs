//! Installs what a bare machine lacks, and only that; each step is announced.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{capture, command, step, succeeds};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const NEXTEST_VERSION: &str = "0.9.143";

/// Debian packages of the servers that tests run against, and of what makes clocks jump, disks fail and packets vanish.
const SERVICE_PACKAGES: [&str; 5] = ["postgresql", "redis-server", "libfaketime", "libfiu0", "iproute2"];

/// Debian packages of the browser tests: the browser, and fonts without which text and emoji are boxes.
const BROWSER_PACKAGES: [&str; 3] = ["chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"];

/// Which program runs the Rust tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RustRunner {
    Nextest,
    /// Comes with cargo; used where nextest cannot be had.
    CargoTest,
}

/// The compiler's target for browser apps.
pub(crate) fn wasm_target() -> Result<()> {
    if succeeds("rustup", &["--version"]) {
        let installed = capture(&mut command("rustup", &["target", "list", "--installed"]))?;
        if !installed.lines().any(|target| target.trim() == WASM_TARGET) {
            step("install the wasm32 target", &mut command("rustup", &["target", "add", WASM_TARGET]))?;
        }
    }
    Ok(())
}

/// Formatter and linter, which a minimal Rust installation leaves out.
pub(crate) fn rust_components() -> Result<()> {
    for (program, component) in [("rustfmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if !succeeds(program, &["--version"]) {
            step(&format!("install {component}"), &mut command("rustup", &["component", "add", component]))?;
        }
    }
    Ok(())
}

/// The packages of `package-lock.json`, exactly as locked.
pub(crate) fn node_packages() -> Result<()> {
    let lock = fs::read("package-lock.json").context("cannot read package-lock.json")?;
    let installed_lock = Path::new("node_modules/.roost-lock.json");
    if fs::read(installed_lock).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if !succeeds("npm", &["--version"]) {
        bail!("npm is missing; install Node.js 20 or newer");
    }
    // Install scripts are refused: none of these packages needs one, and a script is where a bad release would hide.
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    step("install node packages", &mut command("npm", &arguments))?;
    fs::write(installed_lock, lock).context("cannot note the installed packages")
}

/// Chromium and its fonts.
pub(crate) fn browser() -> Result<()> {
    packages(&BROWSER_PACKAGES)
}

/// PostgreSQL, Redis and the libraries of faults. The tests start servers of their own.
pub(crate) fn services() -> Result<()> {
    packages(&SERVICE_PACKAGES)
}

fn packages(wanted: &[&str]) -> Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !has_package(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !succeeds("apt-get", &["--version"]) {
        bail!("install these by your system's package manager first: {}", missing.join(", "));
    }
    let is_root = capture(&mut command("id", &["-u"]))?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let mut words = if is_root { vec!["env"] } else { vec!["sudo", "env"] };
        words.extend(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        words.extend(arguments);
        let (program, rest) =
            words.split_first().map_or(("apt-get", arguments), |(first, rest)| (*first, rest));
        command(program, rest)
    };
    step("refresh the package lists", &mut apt(&["update", "-q"]))?;
    let mut install = apt(&["install", "-y", "-q", "--no-install-recommends"]);
    step(&format!("install {}", missing.join(", ")), install.args(&missing))
}

/// The test runner that gives every test its own process; without it cargo's own will do.
pub(crate) fn rust_runner() -> RustRunner {
    if succeeds("cargo", &["nextest", "--version"]) {
        return RustRunner::Nextest;
    }
    let wanted = ["install", "cargo-nextest", "--locked", "--version", NEXTEST_VERSION];
    let mut install = command("cargo", &wanted);
    install.args(["--no-default-features", "--features", "default-no-update"]);
    // It only starts other programs: a quick build of it saves minutes and costs nothing.
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    match step("install cargo-nextest (a few minutes, once)", &mut install) {
        Ok(()) => RustRunner::Nextest,
        Err(error) => {
            println!("    cargo-nextest cannot be had ({error:#}); going on with `cargo test`");
            RustRunner::CargoTest
        }
    }
}

fn has_package(package: &str) -> bool {
    if package == "chromium" && Path::new("/usr/bin/chromium").exists() {
        return true;
    }
    capture(command("dpkg-query", &["-W", "-f=${Status}", package]).stderr(std::process::Stdio::null()))
        .is_ok_and(|status| status.ends_with(" installed"))
}
