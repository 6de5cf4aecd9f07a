//! An installation outgrows its file: it moves to PostgreSQL, and nobody who talks notices more than a restart.

use serde_json::json;
use tests::database::{Database, shared};
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::personas::{Staff, Visitor};
use tests::process::Server;
use tests::relay::open_config;

/// Moves the folder's file; gives the exit code and what was said.
async fn migrate(folder: &Folder, url: &str) -> (Option<i32>, String) {
    let from = format!("sqlite:{}", folder.database().display());
    let output = crate::program().run(&folder.data(), &["migrate-store", &from, url], "").await;
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// Starts the program on the database it moved to.
async fn serve_there(folder: &Folder, url: &str) -> Server {
    crate::program().serve_with(&folder.data(), 0, &[("ROOST_DATABASE_URL", url)]).await
}

async fn stop(server: Server) {
    server.terminate().await;
    assert_eq!(server.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_there_after_the_move_and_conversations_go_on() {
    let folder = Folder::new();
    let url = shared(&folder);
    let (made, cookie) = prepare(&open_config(&folder)).await;
    let server = crate::program().serve(&folder.data(), 0).await;
    let mut visitor = Visitor::new(server.address, &made.key, SHOP);
    let mut socket = visitor.enter().await;
    let conv = socket.tell(None, "before the move").await.conv;
    let owner = Staff::new(server.address, made.owner, &cookie);
    let mut agent = owner.enter().await;
    agent.tell(Some(conv), "answered before the move").await;
    let note = agent.note(conv, "a note").await;
    agent.ack(note).await;
    let before = owner.get(&format!("/api/conversations/{}/events?after=0", conv.text())).await.json();
    stop(server).await;

    let (code, said) = migrate(&folder, &url).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the same on both sides"), "{said}");
    let server = serve_there(&folder, &url).await;
    let owner = Staff::new(server.address, made.owner, &cookie);
    let after = owner.get(&format!("/api/conversations/{}/events?after=0", conv.text())).await.json();
    let mut again = Visitor::new(server.address, &made.key, SHOP);
    again.token = visitor.token.clone();
    let mut socket = again.enter().await;
    let ack = socket.tell(Some(conv), "after the move").await;
    tests::until::until("what was said before to be found", || async {
        let found = owner.get("/api/conversations?q=answered").await.json();
        (found["items"].as_array()?.len() == 1).then_some(())
    })
    .await;

    assert_eq!(after, before);
    assert!(ack.seq > 3, "{ack:?}");
    assert_eq!(owner.get("/api/campaigns").await.json()["items"][0]["key"], json!(made.key));
    stop(server).await;
    tests::histcheck::History::open(Database::Postgres(url)).check_store();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_move_is_not_used_and_goes_on_where_it_stopped() {
    let folder = Folder::new();
    let url = shared(&folder);
    prepare(&open_config(&folder)).await;
    assert_eq!(migrate(&folder, &url).await.0, Some(0));
    // As it stands after an interruption: not all is there, and the mark is not gone.
    let database = Database::Postgres(url.clone());
    database.execute("delete from session");
    database.execute("delete from widget_key");
    database.execute("insert into meta (name, value) values ('moving', '')");

    let environment = [("ROOST_DATABASE_URL", url.as_str())];
    let refused = crate::program().run_with(&folder.data(), &["serve"], "", &environment).await;
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has not arrived"), "{refused:?}");
    let (code, said) = migrate(&folder, &url).await;

    assert_eq!(code, Some(0), "{said}");
    assert_eq!(database.number("select count(*) from widget_key"), 1);
    stop(serve_there(&folder, &url).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_in_use_is_left_alone() {
    let (one, other) = (Folder::new(), Folder::new());
    let url = shared(&one);
    prepare(&open_config(&one)).await;
    prepare(&open_config(&other)).await;
    assert_eq!(migrate(&one, &url).await.0, Some(0));
    let database = Database::Postgres(url.clone());
    let before = database.rows("select id, name from workspace");

    let (again, said_again) = migrate(&one, &url).await;
    let (stranger, said) = migrate(&other, &url).await;

    assert_eq!((again, stranger), (Some(78), Some(78)), "{said_again}{said}");
    assert_eq!(database.rows("select id, name from workspace"), before);
}
