//! A temporary folder that is gone when the test is over.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

static COUNT: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("roost-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("temporary folders can be made");
        let folder = Self(path);
        crate::database::make(&folder.data());
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a server keeps its data in here.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Takes over the master key of another folder, as nodes that share a database must.
    pub fn share_key(&self, other: &Self) {
        std::fs::create_dir_all(self.data()).expect("folders can be made");
        let name = "master.key";
        std::fs::copy(other.data().join(name), self.data().join(name)).expect("the key can be copied");
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("roost.db")
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        crate::database::remove(&self.data());
        // A folder that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Every file below a folder with the digest of its content, to see whether anything was touched.
pub fn fingerprints(folder: &Path) -> Vec<(PathBuf, [u8; 32])> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).expect("the folder can be listed").flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                found.push((path, Sha256::digest(content).into()));
            }
        }
    }
    found.sort();
    found
}
