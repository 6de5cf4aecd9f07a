//! The disk fails: writing is refused or stops half-way, flushing is refused. Nothing acknowledged is lost or doubled.

use std::time::Duration;

use tests::crowd::Crowd;
use tests::database::Database;
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::personas::{Staff, Visitor};
use tests::preload::{Defect, Faults};
use tests::process::Server;
use tests::random::Random;
use tests::relay::open_config;
use tests::talker::Talker;

use crate::program;

const VISITORS: usize = 6;
const ROUNDS: u32 = 8;
/// How long the disk is good or bad, at most.
const LONGEST_MS: u64 = 400;
const LINES: u32 = 200;

struct Scene {
    crowd: Crowd,
    server: Server,
    key: String,
    faults: Faults,
    folder: Folder,
}

impl Scene {
    async fn begin() -> Self {
        let folder = Folder::new();
        let (made, cookie) = prepare(&open_config(&folder)).await;
        let faults = Faults::new(&folder);
        let server = program().serve_with(&folder.data(), 0, &faults.environment()).await;
        let visitors: Vec<_> = (0..VISITORS).map(|_| Visitor::new(server.address, &made.key, SHOP)).collect();
        let crowd = Crowd::enter(visitors.into_iter(), Staff::new(server.address, made.owner, &cookie));
        crowd.is_there().await;
        Self { crowd, server, key: made.key, faults, folder }
    }

    /// Everybody has come back and heard everything, and the store agrees with what they were told.
    async fn end(self) {
        let database = Database::of(&self.folder);
        self.crowd.comes_back().await;
        self.crowd.settle().await;
        self.crowd.has_heard_everything(&database).await;
        self.server.kill().await;
        History::open(database).check(&self.crowd.journals());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_fail_or_stop_half_way_lose_and_double_nothing() {
    let mut random = Random::announced("writes_that_fail_or_stop_half_way_lose_and_double_nothing");
    let mut scene = Scene::begin().await;

    for _ in 0..ROUNDS {
        scene.crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        let (defect, percent) =
            *random.pick(&[(Defect::Write, 10), (Defect::Write, 100), (Defect::Half, 50)]);
        scene.faults.begin(scene.server.id(), defect, percent).await;
        scene.crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        scene.faults.end(scene.server.id(), defect).await;
    }

    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_no_room_now_and_then_is_refused_and_the_rest_is_kept() {
    let scene = Scene::begin().await;
    let mut talker = Talker::enter(scene.server.address, &scene.key).await;
    talker.say("hello").await.expect("there is room");

    scene.faults.begin(scene.server.id(), Defect::Room, 20).await;
    let mut refusals = 0;
    for number in 0..LINES {
        if let Err(word) = talker.say(&format!("line {number}")).await {
            assert_eq!(word, "storage_full");
            refusals += 1;
        }
    }
    scene.faults.end(scene.server.id(), Defect::Room).await;
    talker.say("goodbye").await.expect("there is room again");

    assert!(refusals > 0, "there was always room, so nothing was proven");
    History::open(Database::of(&scene.folder)).check(&[talker.journal()]);
    scene.server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_to_flush_ends_the_program_and_the_next_start_has_everything() {
    let mut random = Random::announced("a_disk_that_fails_to_flush_ends_the_program");
    let mut scene = Scene::begin().await;
    let port = scene.server.address.port();

    for percent in [5, 50, 100] {
        scene.crowd.chatter_for(Duration::from_millis(random.below(LONGEST_MS)), &mut random).await;
        scene.faults.begin(scene.server.id(), Defect::Flush, percent).await;
        let Scene { mut crowd, server, key, faults, folder } = scene;
        let code = tokio::select! {
            code = server.ended() => code,
            () = crowd.chatter_for(Duration::from_secs(20), &mut random) => {
                panic!("the program works on without flushing")
            }
        };
        assert_eq!(code, Some(70));
        let server = program().serve_with(&folder.data(), port, &faults.environment()).await;
        crowd.comes_back().await;
        scene = Scene { crowd, server, key, faults, folder };
    }

    scene.end().await;
}
