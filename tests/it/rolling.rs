//! Nodes are replaced one after the other while everybody talks: every send arrives, once, in order.

use std::time::Duration;

use tests::cluster::Redis;
use tests::crowd::Crowd;
use tests::database::{Database, shared};
use tests::driven::Driven;
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::personas::{Staff, Visitor};
use tests::process::Server;
use tests::random::Random;
use tests::relay::open_config;

const NODES: usize = 3;
const VISITORS: usize = 6;
const ROUNDS: usize = 2;

/// A process of its own on the common database.
async fn begin(folder: &Folder, port: u16, url: &str, redis: &Redis) -> Server {
    let redis = redis.url();
    let environment = [("ROOST_DATABASE_URL", url), ("ROOST_REDIS_URL", redis.as_str())];
    crate::program().serve_with(&folder.data(), port, &environment).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_are_replaced_under_load_and_nothing_is_lost() {
    let mut random = Random::announced("nodes_are_replaced_under_load_and_nothing_is_lost");
    let folders: Vec<Folder> = (0..NODES).map(|_| Folder::new()).collect();
    let url = shared(&folders[0]);
    let redis = Redis::start().await;
    let mut config = open_config(&folders[0]);
    config.database = Some(relay::config::Database::parse(&url).unwrap());
    let (made, cookie) = prepare(&config).await;
    for folder in &folders[1..] {
        std::fs::create_dir_all(folder.data()).unwrap();
        std::fs::copy(folders[0].data().join("master.key"), folder.data().join("master.key")).unwrap();
    }
    let mut nodes = Vec::new();
    for folder in &folders {
        nodes.push(begin(folder, 0, &url, &redis).await);
    }
    let visitors: Vec<Visitor> =
        (0..VISITORS).map(|n| Visitor::new(nodes[n % NODES].address, &made.key, SHOP)).collect();
    let agent = Staff::new(nodes[0].address, made.owner, &cookie);
    let mut crowd = Crowd::enter(visitors.into_iter(), agent);
    crowd.is_there().await;

    for round in 0..ROUNDS * NODES {
        let end = tokio::time::Instant::now() + Duration::from_millis(300);
        let mut beat = tokio::time::interval(Duration::from_millis(2));
        while tokio::time::Instant::now() < end {
            beat.tick().await;
            crowd.chatter(&mut random);
        }
        let (at, port) = (round % NODES, nodes[round % NODES].address.port());
        nodes[at].terminate().await;
        let old = nodes.remove(at);
        assert_eq!(old.ended().await, Some(0), "a node that is told to stop ends in order");
        nodes.insert(at, begin(&folders[at], port, &url, &redis).await);
        crowd.everybody().for_each(Driven::woke);
    }
    crowd.settle().await;

    let database = Database::Postgres(url);
    crowd.has_heard_everything(&database).await;
    History::open(database).check(&crowd.journals());
}
