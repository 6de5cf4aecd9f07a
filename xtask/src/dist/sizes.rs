//! Size is a budget that fails the build.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::record::{DistFile, Record};
use super::{DIST, output, small};

/// What a person downloads in one go, and how many bytes after Brotli that may be.
struct Budget {
    label: &'static str,
    names: &'static [&'static str],
    limit_bytes: usize,
}

const BUDGETS: [Budget; 3] = [
    Budget { label: "loader, before any intent", names: &["embed.js"], limit_bytes: 2_048 },
    Budget {
        label: "widget panel, wasm and glue",
        names: &["widget.wasm", "widget.js", "widget.first.js"],
        limit_bytes: 70_000,
    },
    Budget { label: "admin, wasm and glue", names: &["admin.wasm", "admin.js"], limit_bytes: 600_000 },
];

/// As long as a campaign's settings are in practice; the loader is measured with them in their place.
const TYPICAL_SETTINGS: &str = r##"{"base":"https://chat.example.com","key":"pk_7Jt1kQ3mZr8vXw5nPb2cLd9sYhG4fTaE6uRjKq0o","bridge":"/assets/bridge-0f9e8d7c6b.js","appearance":{"color":"#0f766e","corner":"right","offset_x":20,"offset_y":20,"theme":"auto","title":"Meadow & Oak","welcome":"Hello! How can we help you today?","language":"auto"}}"##;

/// Prints every file's sizes and fails when a budget is broken.
pub(super) fn report(records: &BTreeMap<&str, Record>) -> Result<()> {
    let files: Vec<&DistFile> = records.values().flat_map(|record| &record.files).collect();
    println!("\n{:<44} {:>10} {:>10} {:>10}", "file (bytes)", "raw", "gzip", "brotli");
    for file in &files {
        println!(
            "{:<44} {:>10} {:>10} {:>10}",
            file.path, file.raw_bytes, file.gzip_bytes, file.brotli_bytes
        );
    }
    println!("\n{:<44} {:>10} {:>10}", "budget (bytes after Brotli)", "used", "limit");
    let mut broken = Vec::new();
    for budget in &BUDGETS {
        let Some(used) = used_bytes(budget, &files)? else { continue };
        println!("{:<44} {:>10} {:>10}", budget.label, used, budget.limit_bytes);
        if used > budget.limit_bytes {
            broken.push(format!("{} takes {used} of {} bytes", budget.label, budget.limit_bytes));
        }
    }
    println!();
    if !broken.is_empty() {
        bail!("over budget: {}", broken.join("; "));
    }
    Ok(())
}

/// `None` while the budget's files are not built.
fn used_bytes(budget: &Budget, files: &[&DistFile]) -> Result<Option<usize>> {
    let mut total = 0;
    for name in budget.names {
        let Some(file) = files.iter().find(|file| file.name == *name) else { return Ok(None) };
        total += if file.name == "embed.js" { loader_bytes(file)? } else { file.brotli_bytes };
    }
    Ok(Some(total))
}

fn loader_bytes(file: &DistFile) -> Result<usize> {
    let path = Path::new(DIST).join(&file.path);
    let loader = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(output::brotli(loader.replace(small::SETTINGS, TYPICAL_SETTINGS).as_bytes())?.len())
}
