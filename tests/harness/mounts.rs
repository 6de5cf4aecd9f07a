//! A small disk that fills up. Mounting needs root: without it these tests are left out by `cargo xtask`, which says so, and fail
//! when they are run all the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder::Folder;

pub struct SmallDisk {
    pub path: PathBuf,
}

impl SmallDisk {
    pub fn mount(folder: &Folder, megabytes: u32) -> Self {
        let path = folder.path().join("disk");
        std::fs::create_dir(&path).expect("folders can be made");
        let size = format!("size={megabytes}m,mode=700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(&path);
        assert!(
            mount.status().is_ok_and(|status| status.success()),
            "mounting needs root; `cargo xtask check it` leaves this test out where that is not to be had"
        );
        Self { path }
    }

    /// Takes so many bytes of it, or all there is; deleting the file gives them back.
    pub fn occupy(&self, bytes: usize) -> PathBuf {
        let file = self.path.join("in-the-way");
        // Taking more than there is fails at the end, with everything taken.
        let _ = std::fs::write(&file, vec![1_u8; bytes]);
        file
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.path);
    }
}

fn unmount(path: &Path) {
    // A file that is still open there keeps it busy; then it goes when the file does.
    let _ = Command::new("umount").arg("-l").arg(path).status();
}
