//! What a unit was built from and what came out, kept beside the build tree.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{DIST, output};

/// The result of building one unit.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// Fingerprint of the inputs.
    pub(super) inputs: String,
    pub(super) files: Vec<DistFile>,
}

/// One file of `static/dist`, with its three sizes in bytes.
#[derive(Serialize, Deserialize)]
pub(super) struct DistFile {
    /// What the manifest, the budgets and the relay call it: `widget.js`, `bridge`.
    pub(super) name: String,
    /// Its place below `static/dist`.
    pub(super) path: String,
    pub(super) raw_bytes: usize,
    pub(super) gzip_bytes: usize,
    pub(super) brotli_bytes: usize,
}

impl Record {
    /// The last build's record, if there is a readable one.
    pub(super) fn load(unit: &str) -> Option<Self> {
        serde_json::from_slice(&fs::read(record_path(unit)).ok()?).ok()
    }

    pub(super) fn save(&self, unit: &str) -> Result<()> {
        let path = record_path(unit);
        output::write_if_changed(&path, &serde_json::to_vec_pretty(self)?)
    }

    /// Whether all files are still where the build put them.
    pub(super) fn is_complete(&self) -> bool {
        self.files.iter().all(|file| Path::new(DIST).join(&file.path).exists())
    }

    /// Adds a file that is served under its own, unchanging name.
    pub(super) fn add_plain(&mut self, path: &str, content: &[u8]) -> Result<()> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        self.files.push(output::publish(name, path.to_owned(), content)?);
        Ok(())
    }

    /// Adds a file whose name carries its content's hash, so that browsers may keep it for ever.
    ///
    /// Returns its address.
    pub(super) fn add_hashed(
        &mut self,
        name: &str,
        stem: &str,
        extension: &str,
        content: &[u8],
    ) -> Result<String> {
        let path = format!("assets/{stem}-{}.{extension}", hash(content));
        let address = format!("/{path}");
        self.files.push(output::publish(name.to_owned(), path, content)?);
        Ok(address)
    }
}

/// The first ten hexadecimal digits of the content's SHA-256.
pub(super) fn hash(content: &[u8]) -> String {
    hexadecimal(&Sha256::digest(content), 5)
}

/// One value for the names and contents of all given files, folders walked through.
pub(super) fn fingerprint(inputs: &[&str]) -> Result<String> {
    let mut digest = Sha256::new();
    for input in inputs {
        for path in files_below(Path::new(input))? {
            let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            digest.update(path.to_string_lossy().as_bytes());
            digest.update(content.len().to_le_bytes());
            digest.update(&content);
        }
    }
    Ok(hexadecimal(&digest.finalize(), 32))
}

/// All files below a folder, in order; a file stands for itself, an absent folder for nothing.
pub(super) fn files_below(place: &Path) -> Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut found = Vec::new();
    if place.is_dir() {
        for entry in fs::read_dir(place).with_context(|| format!("cannot list {}", place.display()))? {
            found.extend(files_below(&entry?.path())?);
        }
    }
    found.sort();
    Ok(found)
}

fn record_path(unit: &str) -> PathBuf {
    Path::new("target/xtask").join(format!("{unit}.json"))
}

fn hexadecimal(bytes: &[u8], count: usize) -> String {
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'));
    bytes.iter().take(count).flat_map(digits).collect()
}
