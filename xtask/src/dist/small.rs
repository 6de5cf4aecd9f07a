//! The parts without Rust in them: the hand-written loader and the icons.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::record::{Record, files_below};
use crate::shell::{capture, command};

/// The identifier in whose place the relay puts the campaign's settings.
pub(super) const SETTINGS: &str = "__ROOST_SETTINGS__";

/// `embed.js`, which every page view loads, and the bridge, which follows on intent.
pub(super) fn build_loader(_unit: &str) -> Result<Record> {
    let mut record = Record::default();
    let launcher = esbuild(Path::new("static/loader/launcher.js"), &["--target=es2020"])?;
    if !String::from_utf8_lossy(&launcher).contains(SETTINGS) {
        bail!("static/loader/launcher.js has no place {SETTINGS} for the campaign's settings");
    }
    record.add_plain("embed.js", &launcher)?;
    let bridge = Path::new("static/loader/bridge.js");
    if bridge.exists() {
        let flags = ["--target=es2020", "--bundle", "--format=iife"];
        record.add_hashed("bridge", "bridge", "js", &esbuild(bridge, &flags)?)?;
    }
    Ok(record)
}

/// The icons that pages name by address; all others are compiled into the apps.
pub(super) fn build_icons(_unit: &str) -> Result<Record> {
    let mut record = Record::default();
    for path in files_below(Path::new("static/icons"))? {
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        if !name.starts_with("favicon") {
            continue;
        }
        let content = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        record.add_plain(&format!("assets/{name}"), &content)?;
    }
    Ok(record)
}

/// Minifies a script or a style sheet.
pub(super) fn esbuild(source: &Path, flags: &[&str]) -> Result<Vec<u8>> {
    let mut minifier = command("node", &["node_modules/esbuild/bin/esbuild"]);
    minifier.arg(source).args(["--minify", "--log-level=warning", "--legal-comments=none", "--charset=utf8"]);
    Ok(capture(minifier.args(flags))?.into_bytes())
}
