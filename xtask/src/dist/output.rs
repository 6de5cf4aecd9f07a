//! Writing files with their compressed siblings.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::DIST;
use super::record::DistFile;

/// The compressed copies that lie beside a file.
pub(super) const SIBLINGS: [&str; 2] = ["br", "gz"];

/// Already compressed formats only grow.
const INCOMPRESSIBLE: [&str; 3] = [".png", ".woff2", ".webp"];

/// Writes a file of `static/dist` with its siblings and measures all three.
pub(super) fn publish(name: String, path: String, content: &[u8]) -> Result<DistFile> {
    let target = Path::new(DIST).join(&path);
    write_if_changed(&target, content)?;
    let mut file = DistFile {
        name,
        raw_bytes: content.len(),
        gzip_bytes: content.len(),
        brotli_bytes: content.len(),
        path,
    };
    if INCOMPRESSIBLE.iter().any(|ending| file.path.ends_with(ending)) {
        return Ok(file);
    }
    let (brotli, gzip) = (brotli(content)?, gzip(content)?);
    write_if_changed(&sibling(&target, "br"), &brotli)?;
    write_if_changed(&sibling(&target, "gz"), &gzip)?;
    (file.brotli_bytes, file.gzip_bytes) = (brotli.len(), gzip.len());
    Ok(file)
}

/// `a.js` → `a.js.br`.
pub(super) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Leaves an equal file alone: its time decides whether the relay, which embeds it, is compiled again.
pub(super) fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// Brotli at its strongest: bytes are spent once here and saved at every visitor.
pub(super) fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut packed, &parameters).context("cannot compress by Brotli")?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).context("cannot compress by gzip")?;
    encoder.finish().context("cannot compress by gzip")
}
