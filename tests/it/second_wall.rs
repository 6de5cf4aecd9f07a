//! PostgreSQL itself keeps workspaces apart, and is refused when it would not keep its word.

use relay::running::Running;
use tests::cluster::{Cluster, configure};
use tests::database::{Database, hex, shared};
use tests::folder::Folder;

/// What a connection that says it works for `scope` counts.
fn count(database: &Database, scope: &str, table: &str) -> u64 {
    database.number(&format!("set roost.scope = '{scope}'; select count(*) from {table}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_sees_the_workspaces_it_works_for_and_no_others() {
    let cluster = Cluster::start(1, None).await;
    let mut visitor = cluster.visitor(0).enter().await;
    visitor.tell(None, "hello").await;
    cluster.database.execute(
        "insert into contact_identity (workspace_id, kind, value, contact_id, verified_at) select workspace_id, 'external', 'u-1', id, 1 from contact",
    );
    let ours = uuid(&hex(&cluster.made.workspace.0));
    let theirs = uuid(&hex(&[0xEE; 16]));

    for table in [
        "division",
        "membership",
        "campaign",
        "widget_key",
        "contact",
        "contact_identity",
        "visitor",
        "conversation",
        "event",
        "message",
    ] {
        let seen = |scope: &str| count(&cluster.database, scope, table);
        assert!(seen(&ours) > 0 && seen("*") > 0 && seen(&format!("{theirs},{ours}")) > 0, "{table}");
        assert_eq!((seen(""), seen(&theirs)), (0, 0), "{table}");
    }
    let changed = cluster.database.rows(&format!(
        "set roost.scope = '{theirs}'; with done as (update conversation set status = 'resolved' returning 1) select count(*) from done"
    ));
    assert_eq!(changed, [["0"]]);
    let moved = cluster
        .database
        .try_execute(&format!("set roost.scope = '{ours}'; update contact set workspace_id = '{theirs}'"));
    assert!(moved.unwrap_err().contains("row-level security"), "a row cannot be given away");
}

fn uuid(digits: &str) -> String {
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_would_lose_what_it_stored_is_refused() {
    let folder = Folder::new();
    let url = shared(&folder);
    let name = url.rsplit('/').next().unwrap();
    let database = Database::Postgres(url.clone());
    let start =
        || async { Running::start(configure(&folder, &url, None)).await.err().map(|e| e.to_string()) };

    database.execute(&format!("alter database {name} set synchronous_commit = off"));
    let careless = start().await.expect("it is refused");
    assert!(careless.contains("synchronous_commit = off") && careless.contains("Set it to on"), "{careless}");
    assert_eq!(database.number("select count(*) from pg_tables where schemaname = 'public'"), 0);

    database.execute(&format!("alter database {name} reset synchronous_commit"));
    Running::start(configure(&folder, &url, None)).await.expect("now it is taken").stop().await;
    database.execute("update meta set value = convert_to('99', 'utf8') where name = 'schema'");
    let newer = start().await.expect("it is refused");
    assert!(newer.contains("newer Roost (schema 99"), "{newer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_an_address_is_said_without_the_password() {
    let folder = Folder::new();
    for (url, told) in [
        ("postgres://roost:hunter2@127.0.0.1:1/roost", "127.0.0.1:1/roost"),
        ("postgres://roost:hunter2@127.0.0.1:notaport/roost", "not an address"),
    ] {
        let error =
            Running::start(configure(&folder, url, None)).await.err().expect("it is refused").to_string();
        assert!(error.contains(told) && !error.contains("hunter2"), "{error}");
    }
}
