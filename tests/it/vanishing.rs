//! Packets between the relay and the database vanish, and nobody is told: people are told within a bound, and when packets arrive
//! again everything goes on.

use std::time::Duration;

use tests::crowd::Crowd;
use tests::database::{Database, shared_on};
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::http::Request;
use tests::namespace::Namespace;
use tests::personas::{Staff, Visitor};
use tests::postgres::Postgres;
use tests::random::Random;
use tests::relay::open_config;
use tests::until::until_within;

const VISITORS: usize = 4;
const LULL: Duration = Duration::from_millis(500);
/// The system gives up on a connection after 20 s without a sign of life; the rest is for waiting once more.
const TOLD: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_whose_packets_vanish_is_given_up_and_found_again() {
    let mut random = Random::announced("a_database_whose_packets_vanish_is_given_up_and_found_again");
    let (folder, namespace) = (Folder::new(), Namespace::make());
    let postgres = Postgres::start_in(&namespace).await;
    let url = shared_on(&postgres.url(), &folder);
    let mut config = open_config(&folder);
    config.database = Some(relay::config::Database::parse(&url).unwrap());
    let (made, cookie) = prepare(&config).await;
    let environment = [("ROOST_DATABASE_URL", url.as_str())];
    let server = crate::program().serve_with(&folder.data(), 0, &environment).await;
    let visitors: Vec<_> = (0..VISITORS).map(|_| Visitor::new(server.address, &made.key, SHOP)).collect();
    let mut crowd = Crowd::enter(visitors.into_iter(), Staff::new(server.address, made.owner, &cookie));
    crowd.is_there().await;
    crowd.chatter_for(LULL, &mut random).await;

    namespace.unplug();
    crowd.chatter_for(LULL, &mut random).await;
    until_within("somebody to be told that the store does not answer", TOLD, || async {
        crowd.everybody().any(|client| !client.state.borrow().is_live).then_some(())
    })
    .await;
    let ready = Request::new("GET", "/readyz").send(server.address).await.status;
    namespace.plug_in();

    assert_eq!(ready, 503);
    crowd.comes_back().await;
    crowd.settle().await;
    let database = Database::Postgres(url);
    crowd.has_heard_everything(&database).await;
    History::open(database).check(&crowd.journals());
    server.kill().await;
}
