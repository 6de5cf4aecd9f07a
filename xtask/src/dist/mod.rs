//! Builds everything a browser downloads into `static/dist`, which the relay embeds.
//!
//! Four units (widget, admin, loader, icons) are built apart from one another: each has a record of the inputs it was
//! built from and of the files it made, so that a second run does nothing and a broken app does not hold up the other.

mod app;
mod output;
mod record;
mod sizes;
mod small;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use self::record::{Record, fingerprint};
use crate::{setup, shell};

pub(crate) const DIST: &str = "static/dist";

/// One thing that is built as a whole.
struct Unit {
    name: &'static str,
    /// Without this file there is nothing to build yet.
    needs: &'static str,
    /// Files and folders whose content decides whether the unit must be built again.
    inputs: &'static [&'static str],
    build: fn(&str) -> Result<Record>,
}

const UNITS: [Unit; 4] = [
    Unit {
        name: "widget",
        needs: "widget/index.html",
        inputs: &[
            "widget",
            "protocol/src",
            "protocol/Cargo.toml",
            "Cargo.toml",
            "static/css",
            "static/icons",
            "package-lock.json",
            "xtask/src",
        ],
        build: app::build,
    },
    Unit {
        name: "admin",
        needs: "admin/index.html",
        inputs: &[
            "admin",
            "protocol/src",
            "protocol/Cargo.toml",
            "Cargo.toml",
            "static/css",
            "static/icons",
            "package-lock.json",
            "xtask/src",
        ],
        build: app::build,
    },
    Unit {
        name: "loader",
        needs: "static/loader/launcher.js",
        inputs: &["static/loader", "package-lock.json", "xtask/src"],
        build: small::build_loader,
    },
    Unit {
        name: "icons",
        needs: "static/icons",
        inputs: &["static/icons", "xtask/src"],
        build: small::build_icons,
    },
];

/// Builds the named units, or all of them, and holds the result against the size budgets.
///
/// # Errors
/// When a tool is missing, a build fails or a budget is broken.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| UNITS.iter().all(|unit| unit.name != name.as_str())) {
        bail!("dist has no part `{unknown}`; there are widget, admin, loader and icons");
    }
    setup::wasm_target()?;
    setup::node_packages()?;
    let mut records = BTreeMap::new();
    for unit in &UNITS {
        let is_wanted = names.is_empty() || names.iter().any(|name| name == unit.name);
        let record = if is_wanted { bring_up_to_date(unit)? } else { Record::load(unit.name) };
        records.extend(record.map(|record| (unit.name, record)));
    }
    remove_stale_files(&records)?;
    write_manifest(&records)?;
    sizes::report(&records)
}

fn bring_up_to_date(unit: &Unit) -> Result<Option<Record>> {
    if !Path::new(unit.needs).exists() {
        println!("    {}: skipped, {} does not exist yet", unit.name, unit.needs);
        return Ok(None);
    }
    let inputs = fingerprint(unit.inputs)?;
    if let Some(record) =
        Record::load(unit.name).filter(|record| record.inputs == inputs && record.is_complete())
    {
        return Ok(Some(record));
    }
    let mut record = shell::timed(&format!("build {}", unit.name), || (unit.build)(unit.name))?;
    record.inputs = inputs;
    record.save(unit.name)?;
    Ok(Some(record))
}

/// The names the relay looks up: logical name → address.
fn write_manifest(records: &BTreeMap<&str, Record>) -> Result<()> {
    let names: BTreeMap<&str, String> = records
        .values()
        .flat_map(|record| &record.files)
        .filter(|file| file.path.starts_with("assets/"))
        .map(|file| (file.name.as_str(), format!("/{}", file.path)))
        .collect();
    let mut text = serde_json::to_vec_pretty(&names).context("the manifest is plain text")?;
    text.push(b'\n');
    output::write_if_changed(&Path::new(DIST).join("manifest.json"), &text)
}

/// Files of earlier builds must not end up inside the relay.
fn remove_stale_files(records: &BTreeMap<&str, Record>) -> Result<()> {
    let mut kept = vec![Path::new(DIST).join("manifest.json")];
    for file in records.values().flat_map(|record| &record.files) {
        let path = Path::new(DIST).join(&file.path);
        for suffix in output::SIBLINGS {
            kept.push(output::sibling(&path, suffix));
        }
        kept.push(path);
    }
    for path in record::files_below(Path::new(DIST))? {
        if !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
