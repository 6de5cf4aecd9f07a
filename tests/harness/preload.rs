//! Libraries that stand between the program and the system: one tells it another time, one makes its disk fail.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::time::timeout;

use crate::folder::Folder;
use crate::until::until;

const CLOCK: &str = "faketime/libfaketimeMT.so.1";
const FAULTS: [&str; 2] = ["/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/fiu/fiu_posix_preload.so"];

const MISSING: &str =
    "libfaketime and libfiu0 are installed: run the tests by `cargo xtask test` or `cargo xtask check it`";

/// How long a program may take to hear what shall fail.
const ANSWER: Duration = Duration::from_secs(2);

/// A wall clock that jumps. Time that is only measured goes on as it does.
pub struct Clock {
    library: String,
    file: PathBuf,
    file_name: String,
}

impl Clock {
    /// Right, until it jumps.
    pub fn new(folder: &Folder) -> Self {
        let file = folder.path().join("clock");
        let clock = Self { library: clock_library(), file_name: file.display().to_string(), file };
        clock.jump(0);
        clock
    }

    /// What a program must be started with to live by this clock.
    pub fn environment(&self) -> [(&str, &str); 4] {
        [
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file_name.as_str()),
            // Looked at once a second: at every look at the clock it would cost more than the program does.
            ("FAKETIME_CACHE_DURATION", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }

    /// So far from the right time it is within a second.
    pub fn jump(&self, by_s: i64) {
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, format!("{by_s:+}\n")).expect("the folder can be written");
        std::fs::rename(&fresh, &self.file).expect("it replaces the old one");
    }
}

/// Where the system keeps libraries differs from processor to processor.
fn clock_library() -> String {
    let folders = std::fs::read_dir("/usr/lib").expect("there are libraries");
    let library = folders.flatten().map(|folder| folder.path().join(CLOCK)).find(|file| file.exists());
    library.expect(MISSING).display().to_string()
}

/// What the clock's library leaves behind of a process.
pub(crate) struct Leavings(pub(crate) u32);

impl Drop for Leavings {
    fn drop(&mut self) {
        for name in ["faketime_shm", "sem.faketime_sem"] {
            // Of a program that had the right time there is nothing.
            let _ = std::fs::remove_file(format!("/dev/shm/{name}_{}", self.0));
        }
    }
}

/// What goes wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Writing fails: EIO.
    Write,
    /// There is no room: ENOSPC.
    Room,
    /// Only a part is written.
    Half,
    /// What was written does not reach the disk, and that is told: EIO.
    Flush,
}

impl Defect {
    const fn name(self) -> &'static str {
        match self {
            Self::Write | Self::Room => "posix/io/rw/pwrite",
            Self::Half => "posix/io/rw/pwrite/reduce",
            Self::Flush => "posix/io/sync/fsync",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Room => 28,
            Self::Write | Self::Half | Self::Flush => 5,
        }
    }
}

/// A disk that fails when it is told to.
pub struct Faults {
    libraries: String,
    /// Where the program listens for what shall fail; its number is appended.
    ear: String,
}

impl Faults {
    pub fn new(folder: &Folder) -> Self {
        assert!(FAULTS.iter().all(|library| Path::new(library).exists()), "{MISSING}");
        Self { libraries: FAULTS.join(" "), ear: folder.path().join("faults").display().to_string() }
    }

    /// What a program must be started with to have this disk.
    pub fn environment(&self) -> [(&str, &str); 2] {
        [("LD_PRELOAD", self.libraries.as_str()), ("FIU_CTRL_FIFO", self.ear.as_str())]
    }

    /// From now on so many of a hundred calls fail.
    pub async fn begin(&self, process: u32, defect: Defect, percent: u8) {
        let (name, number) = (defect.name(), defect.number());
        let chance = f64::from(percent) / 100.0;
        let order = if percent >= 100 {
            format!("enable name={name},failinfo={number}")
        } else {
            format!("enable_random name={name},probability={chance},failinfo={number}")
        };
        self.tell(process, &order).await;
    }

    pub async fn end(&self, process: u32, defect: Defect) {
        self.tell(process, &format!("disable name={}", defect.name())).await;
    }

    async fn tell(&self, process: u32, order: &str) {
        let ear = format!("{}-{process}", self.ear);
        // Open for writing too, so that it does not end before there is an answer.
        let answers = pipe::OpenOptions::new().read_write(true).open_receiver(format!("{ear}.out"));
        let mut answers = answers.expect("the program was started with these libraries");
        let mut orders = until("the program to listen for faults", || async {
            pipe::OpenOptions::new().open_sender(format!("{ear}.in")).ok()
        })
        .await;
        orders.write_all(format!("{order}\n").as_bytes()).await.expect("an order fits into a pipe");
        drop(orders);
        // A program may end of its fault before it has said that it understood.
        let mut answer = [0; 2];
        if let Ok(read) = timeout(ANSWER, answers.read_exact(&mut answer)).await {
            read.expect("it can be read");
            assert_eq!(&answer, b"0\n", "{order}: not understood");
        }
    }
}
