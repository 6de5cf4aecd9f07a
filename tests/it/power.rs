//! The power goes off: what was acknowledged is on the disk itself, not only in the system's memory.
//!
//! A file system in a file is copied without syncing, as the disk would be found after the cut. A killed process proves nothing
//! here, because the system's memory outlives it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use tests::database::Database;
use tests::driven::{Driven, Persona};
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::http::Request;
use tests::personas::Visitor;
use tests::random::{Random, cmid};
use tests::relay::open_config;
use tests::socket::send_of;
use tests::until::until;

use crate::program;

const SCHEMA: &str = include_str!("../../relay/migrations/sqlite/0001_first.sql");
const CUTS: usize = 3;

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// A mounted file system that lives in a file.
struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    fn make(folder: &Folder, name: &str) -> Result<Self, String> {
        let image = folder.path().join(format!("{name}.img"));
        let file = std::fs::File::create(&image).map_err(|e| e.to_string())?;
        file.set_len(96 * 1024 * 1024).map_err(|e| e.to_string())?;
        run("mkfs.ext4", &[Path::new("-q"), Path::new("-F"), &image])?;
        Self::mount(image, folder.path().join(name))
    }

    fn mount(image: PathBuf, mount: PathBuf) -> Result<Self, String> {
        std::fs::create_dir_all(&mount).map_err(|e| e.to_string())?;
        run("mount", &[Path::new("-o"), Path::new("loop"), &image, &mount])?;
        Ok(Self { image, mount })
    }

    /// The disk as it would be found if the power went off now.
    fn cut(&self, folder: &Folder, name: &str) -> Self {
        let copy = folder.path().join(format!("{name}.img"));
        run("cp", &[Path::new("--sparse=always"), &self.image, &copy]).unwrap();
        Self::mount(copy, folder.path().join(name)).unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A file that is still open there keeps it busy; then it goes when the file does.
        let _ = run("umount", &[Path::new("-l"), &self.mount]);
    }
}

fn disk(folder: &Folder, name: &str) -> Option<Disk> {
    match Disk::make(folder, name) {
        Ok(disk) => Some(disk),
        Err(reason) => {
            eprintln!("SKIPPED: a power cut needs root and loop devices ({reason})");
            None
        }
    }
}

fn signal(kind: &str, process: u32) {
    run("kill", &[Path::new(kind), Path::new(&process.to_string())]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_power_cut_everything_acknowledged_is_there() {
    let folder = Folder::new();
    let mut random = Random::announced("after_a_power_cut_everything_acknowledged_is_there");
    for round in 0..CUTS {
        let Some(disk) = disk(&folder, &format!("disk{round}")) else { return };
        let mut config = open_config(&folder);
        config.data_dir = disk.mount.join("data");
        let (made, _) = prepare(&config).await;
        let server = program().serve(&config.data_dir, 0).await;
        let visitors: Vec<Driven> = (1..5)
            .map(|seed| Driven::start(Persona::Visitor(Visitor::new(server.address, &made.key, SHOP)), seed))
            .collect();
        until("everybody to be there", || async {
            visitors.iter().all(|v| v.state.borrow().is_live).then_some(())
        })
        .await;

        let end = tokio::time::Instant::now() + Duration::from_millis(100 + random.below(300));
        let mut beat = tokio::time::interval(Duration::from_millis(1));
        while tokio::time::Instant::now() < end {
            beat.tick().await;
            let visitor = random.pick(&visitors);
            if visitor.state.borrow().waiting < 16 {
                let conv = visitor.state.borrow().conv;
                visitor.say(send_of(cmid(), conv, "before the power went off"));
            }
        }
        // Stopped, the server acknowledges nothing more while the disk is copied.
        signal("-STOP", server.id());
        let found = disk.cut(&folder, &format!("found{round}"));
        server.kill().await;
        until("everybody to have noticed", || async {
            visitors.iter().all(|v| !v.state.borrow().is_live).then_some(())
        })
        .await;
        let journals: Vec<_> = visitors.iter().map(|v| v.journal.clone()).collect();
        drop(visitors);

        let data = found.mount.join("data");
        let again = program().serve(&data, 0).await;
        assert_eq!(Request::new("GET", "/readyz").send(again.address).await.status, 200);
        again.terminate().await;
        assert_eq!(again.ended().await, Some(0));
        History::open(Database::Sqlite(data.join("roost.db"))).check(&journals);
    }
}

/// Commits rows one by one; says whether a power cut right after leaves all of them.
fn all_survive(folder: &Folder, disk: &Disk, synchronous: &str) -> bool {
    const ROWS: i64 = 300;
    let name = format!("{synchronous}.db");
    let connection = Connection::open(disk.mount.join(&name)).unwrap();
    connection
        .execute_batch(&format!("pragma journal_mode = wal; pragma synchronous = {synchronous};"))
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    for number in 0..ROWS {
        connection
            .execute(
                "insert into workspace (id, name, created_at) values (?1, 'x', 1)",
                [number.to_be_bytes()],
            )
            .unwrap();
    }
    let found = disk.cut(folder, &format!("found-{synchronous}"));
    let after = Connection::open(found.mount.join(&name)).unwrap();
    let rows: rusqlite::Result<i64> = after.query_row("select count(*) from workspace", [], |row| row.get(0));
    rows == Ok(ROWS)
}

/// The control experiment: were commits not flushed, the test above would see it.
#[test]
fn the_power_cut_tells_flushed_commits_from_others() {
    let folder = Folder::new();
    let Some(disk) = disk(&folder, "disk") else { return };

    assert!(all_survive(&folder, &disk, "full"), "flushed commits survive");
    assert!(!all_survive(&folder, &disk, "normal"), "the cut forgot nothing, so it proves nothing");
}
