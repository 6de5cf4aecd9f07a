//! Installs what a bare machine lacks, and only that; each step is announced.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::{capture, command, step, succeeds};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The compiler's target for browser apps.
pub(crate) fn wasm_target() -> Result<()> {
    let has_rustup = succeeds("rustup", &["--version"]);
    if has_rustup {
        let installed = capture(&mut command("rustup", &["target", "list", "--installed"]))?;
        if !installed.lines().any(|target| target.trim() == WASM_TARGET) {
            step("install the wasm32 target", &mut command("rustup", &["target", "add", WASM_TARGET]))?;
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
    // Install scripts are refused: none of these packages needs one, and a script is where a bad release would hide.
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    step("install node packages", &mut command("npm", &arguments))?;
    fs::write(installed_lock, lock).context("cannot note the installed packages")
}
