//! One process on one data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another roost is running on {}. Stop it, or give another data folder with --data-dir", .0.display())]
    Taken(PathBuf),
    #[error("cannot lock {}: {reason}", folder.display())]
    Io { folder: PathBuf, reason: String },
}

/// Held as long as the process uses the folder; the system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl DataLock {
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let io = |reason: String| LockError::Io { folder: folder.to_owned(), reason };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("roost.lock"));
        let file = file.map_err(|e| io(e.to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(folder.to_owned())),
            Err(TryLockError::Error(e)) => Err(io(e.to_string())),
        }
    }
}
