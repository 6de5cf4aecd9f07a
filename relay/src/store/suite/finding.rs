//! What is found and counted without reading everything.

use protocol::event::Status;
use protocol::ids::ConversationId;

use super::world::{ELSEWHERE, OWNER, WORKSPACE, World, everything, status};
use crate::inbox::search;
use crate::store::{Change, ListFilter, SearchDocument};

pub(super) async fn a_search_finds_all_words_and_the_beginning_of_the_last(world: World) {
    let (contact, conversation) = world.begin().await;
    let said = "The parcel is LATE";
    world.say(world.visitor_says(contact, said)).await;
    let (_, other) = world.begin().await;
    let document = |conversation: ConversationId, feed_seq, text| SearchDocument {
        workspace: WORKSPACE,
        conversation,
        feed_seq,
        words: search::fold(text),
    };
    let documents = vec![
        document(conversation, 1, "hello"),
        document(conversation, 2, said),
        document(other, 3, "hello"),
    ];
    world.store.index(world.division, documents, 0, 3).await.unwrap();

    let search = |typed: &str| ListFilter { search: search::query(typed), ..everything() };
    assert_eq!(world.list(search("late par")).await, [conversation]);
    assert_eq!(world.list(search("hello")).await.len(), 2);
    assert_eq!(world.list(ListFilter { limit: 1, ..search("hel") }).await.len(), 1);
    for nowhere in ["arcel", "hello parcel", "par late x"] {
        assert!(world.list(search(nowhere)).await.is_empty(), "{nowhere}");
    }
    let resolved = ListFilter { status: Some(Status::Resolved), ..search("hello") };
    assert!(world.list(resolved).await.is_empty());
    assert!(world.store.list_conversations(ELSEWHERE, search("hello")).await.unwrap().is_empty());
}

pub(super) async fn counts_follow_every_change(world: World) {
    let ((_, first), (_, second)) = (world.begin().await, world.begin().await);
    let assign = Change {
        status: None,
        assignee: Some(Some((OWNER, "Olga".into()))),
        ..status(second, Status::Open, None)
    };

    world.store.change(status(first, Status::Resolved, None)).await.unwrap();
    world.store.change(assign).await.unwrap();

    let counts = world.store.count_conversations(WORKSPACE, OWNER).await.unwrap();
    assert_eq!((counts.all.open, counts.all.resolved), (1, 1));
    assert_eq!((counts.mine.open, counts.unassigned.open, counts.unassigned.resolved), (1, 0, 1));
    let elsewhere = world.store.count_conversations(ELSEWHERE, OWNER).await.unwrap();
    assert_eq!(elsewhere.all.open, 0);
    assert_eq!(world.list(everything()).await.len(), 2, "whatever their status");
}
