//! The disk is full: what cannot be kept is refused with a clear word, nothing acknowledged is lost, and with room it goes on.

use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::future::join_all;
use tests::database::Database;
use tests::fixture::prepare;
use tests::folder::Folder;
use tests::histcheck::History;
use tests::http::Request;
use tests::journal::Journal;
use tests::mounts::SmallDisk;
use tests::process::Server;
use tests::relay::open_config;
use tests::talker::Talker;

use crate::program;

const MEGABYTE: usize = 1024 * 1024;
const DISK_MB: u32 = 32;
const IN_THE_WAY: usize = 24 * MEGABYTE;
const TALKERS: usize = 4;
/// One refusal may be another's doing who needed more room.
const REFUSALS: u32 = 3;
const LONG: usize = 4_000;

/// A relay on a small disk, and people who talk.
struct Scene {
    talkers: Vec<Talker>,
    server: Server,
    in_the_way: PathBuf,
    key: String,
    disk: SmallDisk,
    _folder: Folder,
}

impl Scene {
    async fn begin() -> Self {
        let folder = Folder::new();
        let disk = SmallDisk::mount(&folder, DISK_MB);
        let mut config = open_config(&folder);
        config.data_dir = disk.data();
        let (made, _) = prepare(&config).await;
        let in_the_way = disk.occupy(IN_THE_WAY);
        let server = program().serve(&config.data_dir, 0).await;
        let talkers = join_all((0..TALKERS).map(|_| Talker::enter(server.address, &made.key))).await;
        Self { talkers, server, in_the_way, key: made.key, disk, _folder: folder }
    }

    /// Everybody talks until nothing fits any more.
    async fn fill(&mut self) {
        join_all(self.talkers.iter_mut().map(talk_until_refused)).await;
    }

    fn make_room(&self) {
        std::fs::remove_file(&self.in_the_way).unwrap();
    }

    fn journals(&self) -> Vec<Journal> {
        self.talkers.iter().map(Talker::journal).collect()
    }

    fn history(&self) -> History {
        History::open(Database::Sqlite(self.disk.data().join("roost.db")))
    }
}

async fn talk_until_refused(talker: &mut Talker) {
    let long = "x".repeat(LONG);
    let mut refusals = 0;
    while refusals < REFUSALS {
        match talker.say(&long).await {
            Ok(()) => {}
            Err(word) => {
                assert_eq!(word, "storage_full");
                refusals += 1;
            }
        }
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    Request::new("GET", "/readyz").send(address).await.status == 200
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_with_a_clear_word_and_works_again_when_there_is_room() {
    let mut scene = Scene::begin().await;

    scene.fill().await;
    for talker in &scene.talkers {
        talker.read().await.expect(200);
    }
    scene.make_room();
    for talker in &mut scene.talkers {
        talker.say("there is room again").await.expect("nobody has to start it again");
    }

    scene.server.terminate().await;
    let (journals, history) = (scene.journals(), scene.history());
    assert_eq!(scene.server.ended().await, Some(0));
    history.check(&journals);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_a_full_disk_it_starts_there_again_and_has_everything() {
    let mut scene = Scene::begin().await;

    scene.fill().await;
    let (journals, history) = (scene.journals(), scene.history());
    let Scene { talkers, server, in_the_way, key, disk, _folder } = scene;
    server.kill().await;
    let again = program().serve(&disk.data(), 0).await;
    assert!(is_ready(again.address).await, "a full disk is no reason not to start");
    for talker in &talkers {
        talker.read_at(again.address).await.expect(200);
    }
    std::fs::remove_file(in_the_way).unwrap();
    let mut late = Talker::enter(again.address, &key).await;
    late.say("there is room again").await.expect("nobody has to start it again");

    again.terminate().await;
    assert_eq!(again.ended().await, Some(0));
    history.check(&journals);
}
