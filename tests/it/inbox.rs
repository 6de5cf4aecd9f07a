//! The inbox: lists, counts, search, status, assignment, snooze.

use std::collections::BTreeSet;

use protocol::api::Role;
use protocol::event::{EventBody, Status};
use protocol::ids::ConversationId;
use relay::clock::{Clock, SystemClock, rfc3339};
use serde_json::{Value, json};
use tests::http::encoded;
use tests::personas::Staff;
use tests::relay::Relay;
use tests::until::until;

async fn converse(relay: &Relay, text: &str) -> ConversationId {
    relay.visitor().enter().await.tell(None, text).await.conv
}

async fn change(staff: &Staff, conv: ConversationId, wish: Value) -> Value {
    staff.patch(&format!("/api/conversations/{conv}"), &wish).await.expect(200).json()
}

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a search finds this many conversations; the index is built behind the write path.
async fn search(staff: &Staff, words: &str, count: usize) -> Vec<String> {
    let words = encoded(words);
    until(&format!("{count} found for {words:?}"), || async {
        let found = ids(&staff.get(&format!("/api/conversations?q={words}")).await.expect(200).json());
        (found.len() == count).then_some(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hold_every_conversation_once_while_new_ones_come() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut made = BTreeSet::new();
    for number in 0..23 {
        made.insert(converse(&relay, &format!("{number}")).await.text());
    }

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&format!("/api/conversations?limit=5{cursor}")).await.expect(200).json();
        seen.extend(ids(&page));
        converse(&relay, "in between").await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }

    assert_eq!(seen.len(), 23, "none twice");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made, "none missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_newest_activity_first_with_what_was_said() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut first = relay.visitor().enter().await;
    let old = first.tell(None, "first\nof all").await.conv;
    let new = converse(&relay, "second").await;
    let before = ids(&owner.get("/api/conversations").await.json());
    let mut agent = owner.enter().await;
    agent.note(old, "a note is nothing said").await;
    agent.tell(Some(old), "an answer").await;

    let list = owner.get("/api/conversations").await.json();

    assert_eq!(before, [new.text(), old.text()]);
    assert_eq!(ids(&list), [old.text(), new.text()]);
    assert_eq!(
        (&list["items"][0]["last_message"]["text"], &list["items"][0]["last_message"]["side"]),
        (&json!("an answer"), &json!("agent"))
    );
    assert_eq!(list["items"][0]["position"]["seq"], 3);
    assert!(list["items"][1]["contact"]["name"].as_str().unwrap().starts_with("Visitor "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_says_whose_the_last_words_are() {
    let relay = Relay::start().await;
    let (owner, carl) = (relay.owner().await, relay.hire("Carl", Role::Agent).await);
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "is anybody there?").await.conv;
    let author = async || {
        let list = owner.get("/api/conversations").await.expect(200).json();
        let one = owner.get(&format!("/api/conversations/{conv}")).await.expect(200).json();
        assert_eq!(list["items"][0]["last_message"], one["last_message"]);
        one["last_message"]["author"].clone()
    };

    let of_contact = author().await;
    carl.enter().await.tell(Some(conv), "Carl is").await;
    let of_carl = author().await;
    let mut olga = owner.enter().await;
    let note = olga.note(conv, "a note is nothing said").await;
    olga.ack(note).await;
    let after_note = author().await;
    olga.tell(Some(conv), "so is Olga").await;
    let of_owner = author().await;
    visitor.tell(Some(conv), "thank you both").await;

    assert_eq!(of_contact, Value::Null);
    assert_eq!(of_carl, json!({ "id": carl.person.text(), "name": "Carl" }));
    assert_eq!(after_note, of_carl);
    assert_eq!(of_owner, json!({ "id": owner.person.text(), "name": "Olga" }));
    assert_eq!(author().await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_and_counts_agree() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let carl = relay.hire("Carl", Role::Agent).await;
    let mut convs = Vec::new();
    for number in 0..6 {
        convs.push(converse(&relay, &format!("{number}")).await);
    }
    change(&owner, convs[0], json!({ "assignee": owner.person.text() })).await;
    change(&owner, convs[1], json!({ "assignee": owner.person.text(), "status": "resolved" })).await;
    change(&owner, convs[2], json!({ "assignee": carl.person.text() })).await;
    change(&owner, convs[3], json!({ "status": "pending" })).await;
    change(
        &owner,
        convs[4],
        json!({ "status": "snoozed", "snoozed_until": rfc3339(SystemClock.now_ms() + 3_600_000) }),
    )
    .await;

    let counts = owner.get("/api/conversations/counts").await.expect(200).json();
    for (assignee, view) in [("me", "mine"), ("none", "unassigned"), ("all", "all")] {
        for status in ["open", "pending", "snoozed", "resolved"] {
            let list = owner
                .get(&format!("/api/conversations?assignee={assignee}&status={status}"))
                .await
                .expect(200)
                .json();
            assert_eq!(json!(ids(&list).len()), counts[view][status], "{view} {status}");
        }
    }
    let carls = owner.get(&format!("/api/conversations?assignee={}", carl.person)).await.expect(200).json();

    assert_eq!(counts["mine"], json!({ "open": 1, "pending": 0, "snoozed": 0, "resolved": 1 }));
    assert_eq!(counts["all"], json!({ "open": 3, "pending": 1, "snoozed": 1, "resolved": 1 }));
    assert_eq!(ids(&carls), [convs[2].text()]);
    assert_eq!(owner.get("/api/conversations?assignee=everybody").await.status, 400);
    assert_eq!(owner.get("/api/conversations?status=asleep").await.status, 400);
    assert_eq!(owner.get("/api/conversations?cursor=x").await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contacts_conversations_are_found_by_the_contact() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    converse(&relay, "somebody else").await;
    let mut visitor = relay.visitor().enter().await;
    let first = visitor.tell(None, "the first matter").await.conv;
    change(&owner, first, json!({ "status": "resolved" })).await;
    let second = visitor.tell(None, "the second matter").await.conv;
    let row = owner.get(&format!("/api/conversations/{first}")).await.expect(200).json();
    let path = format!("/api/conversations?contact={}", row["contact"]["id"].as_str().unwrap());

    let both = owner.get(&path).await.expect(200).json();
    let open = owner.get(&format!("{path}&status=open")).await.expect(200).json();

    assert_eq!(ids(&both), [second.text(), first.text()]);
    assert_eq!(ids(&open), [second.text()]);
    assert_eq!(owner.get("/api/conversations?contact=somebody").await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_finds_words_in_messages_and_notes_whatever_the_script() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let cafe = converse(&relay, "Où est le CAFÉ à Zürich?").await.text();
    let tokyo = converse(&relay, "東京都の天気はどうですか").await.text();
    let seoul = converse(&relay, "서울에서 배송되나요").await.text();
    let plain = converse(&relay, "order 20931, it's \"urgent\"").await;
    let mut agent = owner.enter().await;
    agent.note(plain, "customer is a troublemaker").await;

    for (words, expected) in [
        ("cafe", &cafe),
        ("café", &cafe),
        ("ZURICH", &cafe),
        ("zür", &cafe),
        ("東京", &tokyo),
        ("天気", &tokyo),
        ("京都", &tokyo),
        ("서울", &seoul),
        ("배송", &seoul),
        ("20931", &plain.text()),
        ("urgent order", &plain.text()),
        ("troublemak", &plain.text()),
    ] {
        assert_eq!(search(&owner, words, 1).await.first(), Some(expected), "{words}");
    }
    for nothing in ["cafeteria", "東北", "nowhere", "order AND nowhere", "words:order", "NEAR(order urgent)"]
    {
        assert!(search(&owner, nothing, 0).await.is_empty(), "{nothing}");
    }
    for syntax in [
        "\"",
        "*",
        "order\" OR \"",
        "')--",
        "^order",
        "order NOT",
        "{a b}:c",
        "\u{0}",
        "(((",
        "🙂",
        &"a ".repeat(2_000),
    ] {
        let answer = owner.get(&format!("/api/conversations?q={}", encoded(syntax))).await;
        assert!(
            answer.status == 200 || answer.status == 400 || answer.status == 431 || answer.status == 414,
            "{syntax:?}: {}",
            answer.status
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_and_assignment_are_events_of_the_conversation() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let (mut agent, mut visitor) = (owner.enter().await, relay.visitor().enter().await);
    let conv = visitor.tell(None, "hello").await.conv;

    change(&owner, conv, json!({ "assignee": owner.person.text() })).await;
    change(&owner, conv, json!({ "status": "resolved" })).await;
    let resolved = visitor
        .event("the end", |e| matches!(&e.body, EventBody::Status(s) if s.status == Status::Resolved))
        .await;
    change(&owner, conv, json!({ "status": "open" })).await;
    let reopened = visitor
        .event("the beginning", |e| matches!(&e.body, EventBody::Status(s) if s.status == Status::Open))
        .await;
    let assigned = agent.event("the assignment", |e| matches!(e.body, EventBody::Assigned(_))).await;
    let row = change(&owner, conv, json!({ "assignee": null })).await;
    let nothing = change(&owner, conv, json!({ "status": "open" })).await;

    assert_eq!(
        (assigned.seq, resolved.seq, resolved.prev, reopened.prev),
        (2, 3, 1, 3),
        "who has it stays inside"
    );
    assert!(!visitor.events().iter().any(|e| matches!(e.body, EventBody::Assigned(_))));
    assert!(row["assignee"].is_null());
    assert_eq!(nothing["position"], row["position"], "what changes nothing is no event");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snoozed_conversation_wakes_by_itself_or_when_the_contact_writes() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let (mut agent, mut visitor) = (owner.enter().await, relay.visitor().enter().await);
    let conv = visitor.tell(None, "hello").await.conv;
    let until_in =
        |ms: i64| json!({ "status": "snoozed", "snoozed_until": rfc3339(SystemClock.now_ms() + ms) });
    let is_open =
        |e: &protocol::event::Event| matches!(&e.body, EventBody::Status(s) if s.status == Status::Open);

    let asleep = change(&owner, conv, until_in(800)).await;
    let woken = agent.event("the conversation to wake", is_open).await;
    change(&owner, conv, until_in(3_600_000)).await;
    visitor.tell(Some(conv), "are you there?").await;
    agent.event("the conversation to wake again", is_open).await;
    let row = owner.get(&format!("/api/conversations/{conv}")).await.json();

    assert!(asleep["snoozed_until"].is_string());
    assert_eq!(woken.actor.side, protocol::message::Side::System);
    assert_eq!((&row["status"], &row["snoozed_until"]), (&json!("open"), &Value::Null));
    for wish in [
        json!({ "status": "snoozed" }),
        until_in(-1_000),
        json!({ "status": "snoozed", "snoozed_until": "tomorrow" }),
    ] {
        let answer = owner.patch(&format!("/api/conversations/{conv}"), &wish).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_snooze"), "{wish}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posting_by_rest_is_the_same_as_by_socket_and_as_idempotent() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "hello").await.conv;
    let path = format!("/api/conversations/{conv}/messages");
    let body = |text: &str| json!({ "cmid": "0192f0c1-7a2b-7c3d-8e4f-0123456789ab", "body": { "kind": "text", "text": text } });

    let first = owner.post(&path, &body("answer")).await.expect(200).json();
    let again = owner.post(&path, &body("answer")).await.expect(200).json();
    let other = owner.post(&path, &body("another answer")).await;
    visitor.message("answer").await;

    assert_eq!((&first["dup"], &again["dup"]), (&json!(false), &json!(true)));
    assert_eq!((&first["msg"], &first["seq"]), (&again["msg"], &again["seq"]));
    assert_eq!((other.status, other.code().as_str()), (409, "conflict"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contact_panel_shows_what_page_and_browser_said_within_bounds() {
    let relay = Relay::start().await;
    let owner = relay.owner().await;
    let mut person = relay.visitor();
    person.page = json!({
        "url": "https://shop.example/tents", "title": "Tents\u{7}", "referrer": "https://search.example/", "locale": "de-DE", "time_zone": "Europe/Berlin",
        "viewport": "1440x900", "identity": { "name": "Jonas", "email": "jonas@example.com", "attributes": { "plan": "pro" } },
    });
    let conv = person.enter().await.tell(None, "hello").await.conv;

    let seen = owner.get(&format!("/api/conversations/{conv}")).await.expect(200).json();
    person.page = json!({ "title": "t".repeat(5_000) });
    person.enter().await;
    let later = owner.get(&format!("/api/conversations/{conv}")).await.expect(200).json();

    let details = &seen["contact_details"];
    assert_eq!(seen["contact"]["name"], "Jonas");
    assert_eq!(
        (&details["page_url"], &details["page_title"]),
        (&json!("https://shop.example/tents"), &json!("Tents"))
    );
    assert_eq!(
        (&details["locale"], &details["time_zone"], &details["attributes"]["plan"]),
        (&json!("de-DE"), &json!("Europe/Berlin"), &json!("pro"))
    );
    assert_eq!(later["contact_details"]["page_title"].as_str().unwrap().len(), 300);
    assert_eq!(later["contact"]["name"], "Jonas", "a name that is not given stays");
    let (before, after) = (details, &later["contact_details"]);
    for stays in ["email", "attributes", "referrer"] {
        assert_eq!(after[stays], before[stays], "{stays}");
    }
}
