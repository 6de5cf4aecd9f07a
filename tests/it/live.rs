//! What is felt and not stored: typing, presence, availability.

use protocol::api::Role;
use protocol::frame::{ClientFrame, Presence, PresenceChange, SayTyping, ServerFrame, Typing};
use protocol::ids::ConversationId;
use protocol::message::Side;
use serde_json::json;
use tests::relay::Relay;
use tests::socket::Socket;

async fn typing(socket: &mut Socket) -> Typing {
    socket
        .find("typing", |frame| match frame {
            ServerFrame::Typing(typing) => Some(typing.clone()),
            _ => None,
        })
        .await
}

async fn type_in(socket: &mut Socket, conv: ConversationId, on: bool) {
    socket.transmit(&ClientFrame::Typing(SayTyping { conv, on })).await;
}

async fn presence(socket: &mut Socket, is_it: impl Fn(&PresenceChange) -> bool) -> PresenceChange {
    socket
        .find("a change of presence", |frame| match frame {
            ServerFrame::Presence(change) if is_it(change) => Some(change.clone()),
            _ => None,
        })
        .await
}

async fn availability(socket: &mut Socket, online: bool) -> Vec<String> {
    socket
        .find("availability", |frame| match frame {
            ServerFrame::Availability(now) if now.online == online => {
                Some(now.faces.iter().map(|face| face.name.clone()).collect())
            }
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_reaches_the_other_side_both_ways_and_is_not_stored() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let mut visitor = relay.visitor().enter().await;
    let conv = visitor.tell(None, "hello").await.conv;

    type_in(&mut visitor, conv, true).await;
    let seen = typing(&mut agent).await;
    type_in(&mut agent, conv, true).await;
    let heard = typing(&mut visitor).await;
    type_in(&mut agent, conv, false).await;
    let ended = typing(&mut visitor).await;

    assert_eq!((seen.conv, seen.on, seen.who.side), (conv, true, Side::Contact));
    assert_eq!(
        (heard.conv, heard.on, heard.who.side, heard.who.name.as_deref()),
        (conv, true, Side::Agent, Some("Olga"))
    );
    assert_eq!(heard.who.id, None);
    assert!(!ended.on);
    assert_eq!(relay.running.app.ports.store.events_after(conv, 0, 10).await.unwrap().last_seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_is_not_told_to_whoever_types_nor_in_other_conversations() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let (mut one, mut other) = (relay.visitor().enter().await, relay.visitor().enter().await);
    let conv = one.tell(None, "hello").await.conv;
    other.tell(None, "hello").await;

    type_in(&mut agent, conv, true).await;
    typing(&mut one).await;
    type_in(&mut one, conv, true).await;
    typing(&mut agent).await;
    // Frames of one socket come in order: had there been a word of typing, it would be in the log by now.
    agent.tell(Some(conv), "done").await;
    one.message("done").await;
    other.tell(None, "done too").await;

    assert!(!other.log.iter().any(|frame| matches!(frame, ServerFrame::Typing(_))));
    let own: Vec<Side> = one
        .log
        .iter()
        .filter_map(|f| if let ServerFrame::Typing(t) = f { Some(t.who.side) } else { None })
        .collect();
    assert_eq!(own, [Side::Agent], "a visitor hears of agents only");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_learn_whether_somebody_is_there_and_who() {
    let relay = Relay::start().await;
    let mut early = relay.visitor().enter().await;
    let nobody = availability(&mut early, false).await;
    let boot_before = relay.visitor().boot().await.json();
    let owner = relay.owner().await;

    let _agent = owner.enter().await;
    let somebody = availability(&mut early, true).await;
    let boot_after = relay.visitor().boot().await.json();
    owner.patch("/api/me", &json!({ "availability": "busy" })).await.expect(200);
    availability(&mut early, false).await;
    owner.patch("/api/me", &json!({ "availability": "online" })).await.expect(200);
    availability(&mut early, true).await;

    assert!(nobody.is_empty());
    assert_eq!(somebody, ["Olga"]);
    assert_eq!(
        (&boot_before["availability"]["online"], &boot_after["availability"]["online"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(boot_after["availability"]["faces"], json!([{ "name": "Olga" }]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_see_colleagues_and_contacts_come_and_go() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let carl = relay.hire("Carl", Role::Agent).await;

    let _his = carl.enter().await;
    let came = presence(&mut agent, |change| change.person == Some(carl.person)).await;
    carl.patch("/api/me", &json!({ "availability": "busy" })).await.expect(200);
    presence(&mut agent, |change| change.person == Some(carl.person) && change.state == Presence::Busy).await;
    let people = carl.get("/api/people").await.json();
    let mut visitor = relay.visitor().enter().await;
    let here = presence(&mut agent, |change| change.contact.is_some()).await;
    let conv = visitor.tell(None, "hello").await.conv;
    let row = carl.get(&format!("/api/conversations/{conv}")).await.json();
    visitor.leave().await;
    let gone =
        presence(&mut agent, |change| change.contact == here.contact && change.state == Presence::Offline)
            .await;

    assert_eq!((came.state, here.state, gone.contact), (Presence::Online, Presence::Online, here.contact));
    assert_eq!(row["contact"]["id"], here.contact.unwrap().text());
    assert_eq!(row["contact"]["is_online"], true);
    let presences: Vec<&str> =
        people["items"].as_array().unwrap().iter().map(|p| p["presence"].as_str().unwrap()).collect();
    assert_eq!(presences, ["online", "busy"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_who_only_reloads_does_not_flicker() {
    let relay = Relay::start().await;
    let mut agent = relay.owner().await.enter().await;
    let carl = relay.hire("Carl", Role::Agent).await;
    let first = carl.enter().await;
    presence(&mut agent, |change| change.person == Some(carl.person)).await;

    first.leave().await;
    let mut again = carl.enter().await;
    let mut visitor = relay.visitor().enter().await;
    visitor.tell(None, "hello").await;
    again.message("hello").await;
    agent.message("hello").await;

    let offline = agent.log.iter().any(|f| matches!(f, ServerFrame::Presence(p) if p.person == Some(carl.person) && p.state == Presence::Offline));
    assert!(!offline);
}
