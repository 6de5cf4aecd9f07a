//! Another workspace in the same store does not exist for whoever is not in it.

use protocol::ids::ConversationId;
use serde_json::json;
use tests::database::Database;
use tests::relay::Relay;
use tests::routes::{Route, body, described};

const THEIRS: [u8; 16] = [0xEE; 16];
const SECRET: &str = "their secret plan";

/// One of everything in a second workspace, all with the same id.
fn plant(relay: &Relay) -> Database {
    let database = Database::of(&relay.folder);
    let (id, invite) = (database.id(THEIRS), database.bytes(&relay::crypto::digest_of("in_theirs")));
    let event = r#"{"kind":"message","data":{"msg":"0192f0c1-7a2b-7c3d-8e4f-0123456789ab","cmid":"0192f0c1-7a2b-7c3d-8e4f-0123456789ab","body":{"kind":"text","text":"their secret plan"},"reply_to":null}}"#;
    for step in [
        format!("insert into workspace (id, name, created_at) values ({id}, 'their secret plan', 1)"),
        format!("insert into division (id, workspace_id, name) values ({id}, {id}, 'theirs')"),
        format!("insert into person (id, email, name, password_hash, created_at) values ({id}, 'spy@theirs.example', 'their secret plan', 'x', 1)"),
        format!("insert into membership (workspace_id, person_id, role, state, availability, created_at) values ({id}, {id}, 'owner', 'active', 'online', 1)"),
        format!("insert into campaign (id, workspace_id, division_id, channel, name, allowed_origins, appearance, created_at, updated_at)
         values ({id}, {id}, {id}, 'webchat', 'their secret plan', '[]', '{{}}', 1, 1)"),
        format!("insert into contact (id, workspace_id, division_id, name, details, first_seen_at, last_seen_at) values ({id}, {id}, {id}, 'their secret plan', '{{}}', 1, 1)"),
        format!("insert into conversation (id, workspace_id, division_id, campaign_id, contact_id, status, last_seq, last_visible_seq, last_at, created_at)
         values ({id}, {id}, {id}, {id}, {id}, 'open', 1, 1, 1, 1)"),
        format!("insert into event (conversation_id, seq, workspace_id, division_id, feed_seq, kind, visible_before, visible, side, at, body)
         values ({id}, 1, {id}, {id}, 1, 'message', 0, true, 'contact', 1, '{event}')"),
        format!("update division set feed_seq = 1 where id = {id}"),
        format!("insert into invite (id, workspace_id, digest, email, role, created_at, expires_at) values ({id}, {id}, {invite}, 'x@theirs.example', 'owner', 1, 9000000000000)"),
    ] {
        database.execute(&step);
    }
    database
}

/// Something that changes whenever any conversation does.
fn count(database: &Database) -> u64 {
    database.number("select coalesce(sum(last_seq), 0) + (select count(*) from event) from conversation")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_treats_another_workspaces_ids_like_unknown_ones() {
    let relay = Relay::start().await;
    let database = plant(&relay);
    let owner = relay.owner().await;
    let before = count(&database);

    for route in described(&relay).await {
        if !route.path.contains("{id}") || route.path.starts_with("/api/widget") {
            continue;
        }
        let ask = |id: String, route: Route| {
            let request = owner.request(&route.method, &route.path.replace("{id}", &id));
            match body(&relay, &route) {
                Some(body) => request.json(&body),
                None => request,
            }
        };
        let theirs = ask(ConversationId(THEIRS).text(), route.clone()).send(relay.address()).await;
        let unknown = ask(ConversationId([0xDD; 16]).text(), route.clone()).send(relay.address()).await;
        assert_eq!((theirs.status, &theirs.body), (404, &unknown.body), "{route:?}");
    }
    let after = count(&database);
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_search_or_socket_shows_another_workspace() {
    let relay = Relay::start().await;
    let _database = plant(&relay);
    let owner = relay.owner().await;
    let mut agent = owner.enter().await;
    // The index is built in the background; it holds theirs too.
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "our secret plan").await.conv;
    tests::until::until("our own words to be found", || async {
        let found = owner.get("/api/conversations?q=secret%20plan").await.json();
        (found["items"].as_array()?.len() == 1).then_some(())
    })
    .await;

    let mut seen = String::new();
    for path in [
        "/api/conversations",
        "/api/conversations/counts",
        "/api/campaigns",
        "/api/people",
        "/api/people/invites",
        "/api/me",
        "/api/conversations?q=their",
    ] {
        seen += &owner.get(path).await.expect(200).text();
    }
    let theirs = protocol::frame::Position {
        conv: ConversationId(THEIRS),
        epoch: agent.ready.as_ref().unwrap().epoch.clone(),
        seq: 0,
    };
    agent.transmit(&protocol::frame::ClientFrame::Sub(theirs)).await;
    let name = agent.say(Some(ConversationId(THEIRS)), "hello").await;
    let nack = agent.nack(name).await;
    agent.tell(Some(conv), "the end").await;

    assert!(!seen.contains(SECRET) && !seen.contains("theirs.example"), "{seen}");
    assert_eq!(nack.code, "not_found");
    assert!(!format!("{:?}", agent.log).contains(SECRET));
    assert_eq!(agent.ready.as_ref().unwrap().feed.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_cannot_be_given_to_somebody_of_another_workspace() {
    let relay = Relay::start().await;
    let _database = plant(&relay);
    let owner = relay.owner().await;
    let conv = relay.visitor().enter().await.tell(None, "hello").await.conv;

    let answer = owner
        .patch(&format!("/api/conversations/{conv}"), &json!({ "assignee": ConversationId(THEIRS).text() }))
        .await;

    assert_eq!((answer.status, answer.code().as_str()), (422, "no_such_assignee"));
}
