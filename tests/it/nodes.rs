//! Any agent and any visitor on any node, with Redis and without.

use std::time::{Duration, Instant};

use protocol::frame::{ClientFrame, SayTyping, ServerFrame};
use protocol::message::Side;
use relay::running::Running;
use serde_json::json;
use tests::cluster::{Cluster, Redis, configure, everybody};
use tests::folder::Folder;
use tests::histcheck::History;
use tests::http::Request;
use tests::socket::{Socket, visitor_hello};

/// Asks for something that has come true on another node.
async fn availability(socket: &mut Socket, online: bool) {
    socket
        .find("availability", |frame| match frame {
            ServerFrame::Availability(now) if now.online == online => Some(()),
            _ => None,
        })
        .await;
}

async fn ready(node: &Running) -> String {
    Request::new("GET", "/readyz").send(node.address).await.text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_different_nodes_talk_as_if_they_were_on_one() {
    let cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let mut agent = cluster.owner(0).await.enter().await;
    let mut visitor = cluster.visitor(1).enter().await;

    let conv = visitor.tell(None, "hello from the other node").await.conv;
    agent.message("hello from the other node").await;
    let began = Instant::now();
    for n in 0..20 {
        agent.tell(Some(conv), &format!("answer {n}")).await;
        visitor.message(&format!("answer {n}")).await;
        visitor.tell(Some(conv), &format!("question {n}")).await;
        agent.message(&format!("question {n}")).await;
    }
    // A sweep comes every five seconds; forty messages by sweeps alone would take minutes.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    agent.transmit(&ClientFrame::Typing(SayTyping { conv, on: true })).await;
    let typing = visitor
        .find("typing", |frame| match frame {
            ServerFrame::Typing(typing) => Some(typing.clone()),
            _ => None,
        })
        .await;

    assert_eq!((typing.who.side, typing.who.name.as_deref()), (Side::Agent, Some("Olga")));
    History::open(cluster.database).check_store();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_the_other_node_finds_out_within_five_seconds() {
    let cluster = Cluster::start(2, None).await;
    let mut agent = cluster.owner(0).await.enter().await;
    let mut visitor = cluster.visitor(1).enter().await;

    let conv = visitor.tell(None, "is anybody there?").await.conv;
    agent.message("is anybody there?").await;
    let said = Instant::now();
    agent.tell(Some(conv), "we are").await;
    visitor.message("we are").await;

    assert!(said.elapsed() < Duration::from_secs(10), "{:?}", said.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_die_and_come_back_while_people_talk() {
    let mut cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let mut agent = cluster.owner(0).await.enter().await;
    let mut visitor = cluster.visitor(1).enter().await;
    let conv = visitor.tell(None, "hello").await.conv;
    agent.message("hello").await;

    cluster.redis.as_mut().unwrap().kill().await;
    tests::until::until("the nodes to notice", || async {
        cluster.nodes.iter().all(|node| !node.app.ports.bus.is_whole()).then_some(())
    })
    .await;
    assert_eq!(ready(&cluster.nodes[0]).await, "degraded:redis\n");
    let said = Instant::now();
    for n in 0..10 {
        agent.tell(Some(conv), &format!("in the dark {n}")).await;
        visitor.message(&format!("in the dark {n}")).await;
    }
    // Now there is a sweep every second. By those of every five it would take twice as long at least.
    assert!(said.elapsed() < Duration::from_secs(20), "{:?}", said.elapsed());
    cluster.redis.as_mut().unwrap().begin().await;
    cluster.is_whole().await;
    let said = Instant::now();
    for n in 0..20 {
        agent.tell(Some(conv), &format!("in the light {n}")).await;
        visitor.message(&format!("in the light {n}")).await;
    }

    assert!(said.elapsed() < Duration::from_secs(15), "{:?}", said.elapsed());
    assert_eq!(ready(&cluster.nodes[0]).await, "ready\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgets_its_subscribers_and_speaks_nonsense_costs_nothing() {
    let cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let redis = cluster.redis.as_ref().unwrap();
    let mut agent = cluster.owner(0).await.enter().await;
    let mut visitor = cluster.visitor(1).enter().await;
    let conv = visitor.tell(None, "hello").await.conv;
    agent.message("hello").await;

    let channel = everybody(&cluster.database);
    for words in [
        ["PUBLISH", channel.as_str(), "nonsense"].as_slice(),
        &["CLIENT", "KILL", "TYPE", "pubsub"],
        &["FLUSHALL"],
    ] {
        redis.command(words).await;
        agent.tell(Some(conv), words[0]).await;
        visitor.message(words[0]).await;
    }
    cluster.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_spent_on_one_node_is_spent_on_all() {
    let cluster = Cluster::start(2, None).await;
    let boot = cluster.visitor(0).boot_token().await;
    let open = async |node: usize| {
        let mut socket = cluster.visitor(node).socket().await;
        socket.greet(&visitor_hello(boot.clone(), Vec::new())).await
    };

    assert!(open(1).await.is_ok());
    assert_eq!(open(0).await.unwrap_err(), protocol::close::NOT_AUTHENTICATED);
    assert_eq!(open(1).await.unwrap_err(), protocol::close::NOT_AUTHENTICATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_withdrawn_on_one_node_ends_on_the_others() {
    for redis in [Some(Redis::start().await), None] {
        let patience = Duration::from_secs(if redis.is_some() { 4 } else { 10 });
        let cluster = Cluster::start(2, redis).await;
        let (here, there) = (cluster.owner(0).await, cluster.owner(1).await);
        let mut elsewhere = there.enter().await;
        let mut visitor = cluster.visitor(1).enter().await;
        visitor.tell(None, "hello").await;

        let began = Instant::now();
        here.post(&format!("/api/campaigns/{}/key/revoke", cluster.made.campaign.text()), &json!({}))
            .await
            .expect(200);
        assert_eq!(visitor.closed().await, protocol::close::FORBIDDEN);
        assert!(began.elapsed() < patience, "the key: {:?}", began.elapsed());

        let began = Instant::now();
        there.post("/api/auth/logout", &json!({})).await.expect(204);
        let (here_again, there_again) = (cluster.owner(0).await, cluster.owner(1).await);
        assert_eq!(elsewhere.closed().await, protocol::close::NOT_AUTHENTICATED);
        let mut elsewhere = there_again.enter().await;
        // The same person signs out on the other node, by the session that the socket here belongs to.
        let same =
            tests::personas::Staff::new(cluster.nodes[0].address, cluster.made.owner, &there_again.cookie);
        same.post("/api/auth/logout", &json!({})).await.expect(204);
        assert_eq!(elsewhere.closed().await, protocol::close::NOT_AUTHENTICATED);
        assert!(began.elapsed() < patience, "the session: {:?}", began.elapsed());
        drop(here_again);
        cluster.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_counted_over_all_nodes_and_grow_stricter_while_nobody_counts() {
    let mut cluster = Cluster::start_with(2, Some(Redis::start().await), |config| {
        config.limits.boots_per_minute_per_ip = 8;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;

    let mut admitted = 0;
    for n in 0..16 {
        admitted += usize::from(cluster.visitor(n % 2).boot().await.status == 200);
    }
    assert_eq!(admitted, 8, "each node alone would have let in eight");

    cluster.redis.as_mut().expect("there is one").kill().await;
    tests::until::until("both nodes to miss Redis", || async {
        cluster.nodes.iter().all(|node| !node.app.ports.bus.is_whole()).then_some(())
    })
    .await;
    let stranger = cluster.visitor(0).boot_request().header("x-forwarded-for", "198.51.100.7");
    let mut admitted = 0;
    for _ in 0..8 {
        admitted += usize::from(stranger.send(cluster.nodes[0].address).await.status == 200);
    }
    assert_eq!(admitted, 2, "a quarter, and never without end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_see_whether_somebody_is_there_on_any_node() {
    let cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let mut visitor = cluster.visitor(1).enter().await;
    let staff = cluster.owner(0).await;
    availability(&mut visitor, false).await;

    let began = Instant::now();
    let agent = staff.enter().await;
    availability(&mut visitor, true).await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    staff.patch("/api/me", &json!({ "availability": "busy" })).await.expect(200);
    availability(&mut visitor, false).await;

    let seen = cluster.owner(1).await.get("/api/people").await.json();
    assert_eq!(seen["items"][0]["presence"], "busy", "{seen}");
    drop(agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_master_key_is_turned_away() {
    let cluster = Cluster::start(1, None).await;
    let tests::database::Database::Postgres(url) = &cluster.database else { unreachable!() };
    let folder = Folder::new();
    let keyless = Running::start(configure(&folder, url, None)).await.err().expect("there is no key");
    let key = relay::crypto::MasterKey::random().to_base64().to_string();
    std::fs::write(folder.data().join("master.key"), key).unwrap();

    let stranger = Running::start(configure(&folder, url, None)).await.err().expect("it is another key");

    assert!(keyless.to_string().contains("no master key"), "{keyless}");
    assert!(stranger.to_string().contains("the master key is not the one"), "{stranger}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_writing_everywhere_at_once_leaves_no_hole() {
    let cluster = Cluster::start(2, Some(Redis::start().await)).await;
    let mut agent = cluster.owner(0).await.enter().await;
    let crowd = (0..8).map(|n| {
        let mut visitor = cluster.visitor(n % 2);
        async move {
            let mut socket = visitor.enter().await;
            let mut conv = None;
            for line in 0..40 {
                conv = Some(socket.tell(conv, &format!("{n} says {line}")).await.conv);
            }
            socket
        }
    });
    let crowd = futures_util::future::join_all(crowd).await;

    for n in 0..crowd.len() {
        agent.message(&format!("{n} says 39")).await;
    }
    let feed: Vec<u64> = agent.events().iter().filter_map(|e| Some(e.feed.as_ref()?.seq)).collect();
    assert_eq!(
        feed,
        (1..=feed.len() as u64).collect::<Vec<_>>(),
        "the agent heard everything once, in order"
    );
    assert_eq!(feed.len(), 8 * 40);
    History::open(cluster.database).check_store();
}
