//! A start that must not be: refused with one clear sentence, exit 78, and not a byte changed.

use std::path::Path;
use std::process::Output;

use rusqlite::Connection;
use tests::fixture::prepare;
use tests::folder::{Folder, fingerprints};
use tests::http::Request;
use tests::random::Random;
use tests::relay::open_config;

use crate::program;

const OTHER_KEY: &str = "CzBVep/E6Q4zWH2ix+wRNluApcrvFDleg6jN8hc8YYY=";

/// A data folder with a conversation's worth of data, closed in order.
async fn filled() -> Folder {
    let folder = Folder::new();
    prepare(&open_config(&folder)).await;
    folder
}

fn last_words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// Starts the server on the folder and expects it to refuse.
async fn assert_refused(folder: &Folder, environment: &[(&str, &str)], because: &str) {
    let before = fingerprints(folder.path());
    let output =
        program().run_with(&folder.data(), &["serve", "--listen", "127.0.0.1:0"], "", environment).await;
    let said = last_words(&output);

    assert_eq!(output.status.code(), Some(78), "{because}: {said}");
    assert_eq!(said.lines().count(), 1, "one sentence, not a dump: {said}");
    assert!(said.starts_with("roost: ") && said.contains(because), "{said}");
    assert!(output.stdout.is_empty());
    let after = fingerprints(folder.path());
    let touched: Vec<_> = after.iter().filter(|file| !before.contains(file)).map(|(path, _)| path).collect();
    // An empty lock file may appear; what holds data must not change.
    assert!(touched.iter().all(|path| path.ends_with("roost.lock")), "{because}: touched {touched:?}");
    assert!(before.iter().all(|file| after.contains(file)), "{because}: something is gone or changed");
}

fn overwrite(file: &Path, at: usize, bytes: &[u8]) {
    let mut content = std::fs::read(file).unwrap();
    content[at..at + bytes.len()].copy_from_slice(bytes);
    std::fs::write(file, content).unwrap();
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_refused() {
    let folder = filled().await;
    overwrite(&folder.database(), 60, &99_u32.to_be_bytes());

    assert_refused(&folder, &[], "newer Roost").await;
}

#[tokio::test]
async fn files_that_are_no_store_are_refused() {
    let jpeg: Vec<u8> = [0xFF, 0xD8, 0xFF, 0xE0].into_iter().chain(Random::new(3).bytes(9_000)).collect();
    for content in [jpeg, b"SQLite".to_vec(), b"SQLite format 4\0".repeat(300), vec![0; 8192]] {
        let folder = Folder::new();
        std::fs::create_dir_all(folder.data()).unwrap();
        std::fs::write(folder.database(), content).unwrap();
        assert_refused(&folder, &[], "is not a Roost store").await;
    }
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.data()).unwrap();
    Connection::open(folder.database())
        .unwrap()
        .execute_batch("create table meta (name text primary key, value blob); create table photo (x)")
        .unwrap();

    assert_refused(&folder, &[], "is not a Roost store").await;
}

#[tokio::test]
async fn a_store_damaged_where_its_start_is_read_is_refused() {
    let length = std::fs::read(filled().await.database()).unwrap().len();
    for (at, count) in [(100, 600), (28, 72), (4_096, length - 4_096), (200, length - 200)] {
        let folder = filled().await;
        overwrite(&folder.database(), at, &Random::new(5).bytes(count));
        assert_refused(&folder, &[], "damaged").await;
    }
    for part in [length / 2, 4_096, 5_000, 99] {
        let folder = filled().await;
        let content = std::fs::read(folder.database()).unwrap();
        std::fs::write(folder.database(), &content[..part]).unwrap();
        assert_refused(&folder, &[], "damaged").await;
    }
}

#[tokio::test]
async fn a_wrong_master_key_is_refused() {
    let folder = filled().await;

    assert_refused(&folder, &[("ROOST_MASTER_KEY", OTHER_KEY)], "the master key is not the one").await;
}

#[tokio::test]
async fn malformed_weak_and_missing_master_keys_are_refused() {
    let folder = filled().await;
    for (key, because) in [
        ("c2hvcnQ=", "32 bytes"),
        ("not base64!", "32 bytes"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "too simple"),
    ] {
        assert_refused(&folder, &[("ROOST_MASTER_KEY", key)], because).await;
    }
    assert_refused(&folder, &[("ROOST_MASTER_KEY_FILE", "/nowhere/master.key")], "/nowhere/master.key").await;
    std::fs::remove_file(folder.data().join("master.key")).unwrap();
    assert_refused(&folder, &[], "no master key").await;
}

#[tokio::test]
async fn a_second_process_on_the_same_data_is_refused_and_the_first_goes_on() {
    let folder = filled().await;
    let server = program().serve(&folder.data(), 0).await;

    let output = program().run(&folder.data(), &["serve", "--listen", "127.0.0.1:0"], "").await;

    assert_eq!(output.status.code(), Some(78));
    assert!(last_words(&output).contains("another roost is running"), "{}", last_words(&output));
    assert_eq!(Request::new("GET", "/readyz").send(server.address).await.status, 200);
}

#[tokio::test]
async fn a_port_in_use_is_refused_with_its_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();

    let output = program().run(&folder.data(), &["serve", "--listen", &address], "").await;

    assert_eq!(output.status.code(), Some(78));
    assert!(last_words(&output).contains(&address));
    assert!(!folder.data().exists(), "nothing was made");
}

#[tokio::test]
async fn wrong_usage_is_exit_2_and_wrong_configuration_exit_78() {
    let folder = Folder::new();
    for arguments in [
        &["frobnicate"][..],
        &["serve", "--no-such-flag"],
        &["init"],
        &["widget"],
        &["serve", "--listen", "nowhere"],
    ] {
        let output = program().run(&folder.data(), arguments, "").await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", last_words(&output));
    }
    for (name, value) in [
        ("ROOST_PUBLIC_URL", "chat.example.com/path"),
        ("ROOST_LISTEN", "nowhere"),
        ("ROOST_LIMIT_CONNECTIONS_PER_IP", "many"),
    ] {
        let output = program().run_with(&folder.data(), &["serve"], "", &[(name, value)]).await;
        assert_eq!(output.status.code(), Some(78), "{name}: {}", last_words(&output));
    }
    let output = program().run(&folder.data(), &["serve", "--config", "/nowhere/roost.toml"], "").await;
    assert_eq!(output.status.code(), Some(78));
    assert!(!folder.data().exists(), "nothing was made");
}

#[tokio::test]
async fn a_first_start_makes_a_private_folder_key_and_store() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();

    let _server = program().serve(&folder.data(), 0).await;

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.data()), 0o700);
    for file in ["master.key", "roost.db", "control.sock"] {
        assert_eq!(mode(&folder.data().join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn an_empty_file_left_by_a_crash_at_the_first_start_is_no_obstacle() {
    let folder = Folder::new();
    program().serve(&folder.data(), 0).await.kill().await;
    for file in ["roost.db", "roost.db-wal", "roost.db-shm"] {
        let _ = std::fs::remove_file(folder.data().join(file));
    }
    std::fs::write(folder.database(), b"").unwrap();

    let again = program().serve(&folder.data(), 0).await;

    assert_eq!(Request::new("GET", "/readyz").send(again.address).await.status, 200);
}
