//! Behaviour every store must show: each case is a promise of `mod.rs`, run on a fresh store of each kind.

mod finding;
mod identity;
mod programs;
mod world;

use std::sync::Arc;

use futures_util::future::join_all;
use protocol::api::{ContactDetails, Membership, Role};
use protocol::event::{EventBody, Reader, ReceiptState, Status};
use protocol::ids::{ContactId, ConversationId, InviteId, MessageId, PersonId};

use self::finding::{a_search_finds_all_words_and_the_beginning_of_the_last, counts_follow_every_change};
use self::identity::a_verified_id_is_one_contact_until_its_secret_ends;
use self::programs::{
    a_request_is_claimed_once_and_its_answer_kept, an_api_token_is_found_until_it_expires_or_ends,
};
use self::world::{
    CAMPAIGN, Database, ELSEWHERE, KEY, NOW, OWNER, Place, WORKSPACE, World, everything, fresh, installation,
    mark, member, status,
};
use crate::inbox::search;

use super::{
    AcceptError, Append, AppendError, Change, ListFilter, Mark, NewInvite, NewKey, Recipient, SearchDocument,
    SessionRecord, SetupError, Store, Told,
};

async fn numbers_count_up_without_a_hole_whoever_writes_at_once(world: World) {
    let people: Vec<(ContactId, ConversationId)> = join_all((0..5).map(|_| world.begin())).await;
    let sends = (0..200).map(|n| {
        let (contact, conversation) = people[n % 5];
        let append = if n % 3 == 0 {
            world.agent_says(conversation, "answer")
        } else {
            world.visitor_says(contact, "word")
        };
        world.say(append)
    });
    let told = join_all(sends).await;

    for (_, conversation) in &people {
        let slice = world.store.events_after(*conversation, 0, 200).await.unwrap();
        let seqs: Vec<u64> = slice.events.iter().map(|e| e.seq).collect();
        assert_eq!(seqs, (1..=41).collect::<Vec<_>>());
        assert_eq!(slice.last_seq, 41);
        let recent = world.store.recent_events_after(*conversation, 0).unwrap();
        assert_eq!(recent, slice.events, "what is at hand is what is stored");
    }
    let feed = world.store.feed_after(world.division, 0, 500).await.unwrap();
    assert_eq!(feed.iter().map(|e| e.feed_seq).collect::<Vec<_>>(), (1..=205).collect::<Vec<_>>());
    assert_eq!(world.store.feed_positions(WORKSPACE).await.unwrap(), [(world.division, 205)]);
    for appended in told {
        let at = feed.iter().find(|e| e.feed_seq == appended.feed_seq).unwrap();
        assert_eq!((at.conversation, at.seq), (appended.conversation, appended.seq));
    }
}

async fn the_same_cmid_of_an_author_is_stored_once_even_at_once(world: World) {
    let (contact, conversation) = world.begin().await;
    let append = world.visitor_says(contact, "once");
    let again = || Append { message: MessageId(fresh()), ..append.clone() };

    let told = join_all((0..20).map(|_| world.say(again()))).await;

    assert_eq!(told.iter().filter(|t| !t.is_duplicate).count(), 1);
    assert!(told.iter().all(|t| (t.seq, t.message) == (2, told[0].message)));
    let named = Append { recipient: Recipient::Conversation(conversation), ..again() };
    assert!(world.say(named).await.is_duplicate, "where it goes is no part of what it is");
    let other = Append { digest: [9; 32], ..again() };
    assert!(matches!(world.store.append(other).await, Err(AppendError::Conflict)));
    let somebody_else = Append { cmid: append.cmid, ..world.agent_says(conversation, "mine") };
    assert!(!world.say(somebody_else).await.is_duplicate);
    assert_eq!(world.store.events_after(conversation, 0, 10).await.unwrap().last_seq, 3);
}

async fn first_words_at_once_share_one_conversation(world: World) {
    let contact = ContactId(fresh());

    let told = join_all((0..10).map(|n| world.say(world.visitor_says(contact, &n.to_string())))).await;

    assert!(told.iter().all(|t| t.conversation == told[0].conversation));
    assert_eq!(world.store.conversations_of(CAMPAIGN, contact).await.unwrap(), [told[0].conversation]);
}

async fn nobody_writes_into_or_marks_what_is_not_theirs(world: World) {
    let (_, conversation) = world.begin().await;
    let stranger = ContactId(fresh());

    let intruding =
        Append { recipient: Recipient::Conversation(conversation), ..world.visitor_says(stranger, "hi") };
    let mark = Mark { owner: Some(stranger), ..mark(conversation, Reader::Contact, ReceiptState::Read, 1) };

    assert!(matches!(world.store.append(intruding).await, Err(AppendError::NoConversation)));
    assert_eq!(world.store.mark(mark).await.unwrap(), None);
}

async fn nothing_is_reached_from_another_workspace(world: World) {
    let (contact, conversation) = world.begin().await;
    let store = &world.store;
    let append = Append { workspace: ELSEWHERE, ..world.agent_says(conversation, "hi") };
    let change = Change { workspace: ELSEWHERE, ..status(conversation, Status::Resolved, None) };
    let mark = Mark { workspace: ELSEWHERE, ..mark(conversation, Reader::Agent, ReceiptState::Read, 1) };

    assert!(matches!(store.append(append).await, Err(AppendError::NoConversation)));
    assert_eq!(store.change(change).await.unwrap(), None);
    assert_eq!(store.mark(mark).await.unwrap(), None);
    assert!(store.find_conversation(ELSEWHERE, conversation).await.unwrap().is_none());
    assert!(store.find_contact(ELSEWHERE, contact).await.unwrap().is_none());
    assert!(store.list_conversations(ELSEWHERE, everything()).await.unwrap().is_empty());
    assert!(store.feed_positions(ELSEWHERE).await.unwrap().is_empty());
    assert!(store.find_campaign(ELSEWHERE, CAMPAIGN).await.unwrap().is_none());
    assert!(!store.revoke_keys(ELSEWHERE, CAMPAIGN, NOW).await.unwrap());
    assert!(!store.delete_campaign(ELSEWHERE, CAMPAIGN, NOW).await.unwrap());
    assert!(store.find_member(ELSEWHERE, OWNER).await.unwrap().is_none());
    assert!(!store.change_member(ELSEWHERE, OWNER, Some(Role::Agent), None).await.unwrap());
    assert_eq!(store.events_after(conversation, 0, 10).await.unwrap().last_seq, 1);
}

async fn notes_count_and_visitors_skip_over_them(world: World) {
    let (contact, conversation) = world.begin().await;
    world.say(Append { is_note: true, ..world.agent_says(conversation, "note") }).await;
    world.say(world.visitor_says(contact, "word")).await;

    let events = world.store.events_after(conversation, 0, 10).await.unwrap().events;

    assert_eq!(
        events.iter().map(|e| (e.seq, e.visible_before, e.is_visible)).collect::<Vec<_>>(),
        [(1, 0, true), (2, 1, false), (3, 1, true)]
    );
    assert!(matches!(events[1].body, EventBody::Note(_)));
}

async fn time_never_goes_back_in_a_conversation(world: World) {
    let (contact, conversation) = world.begin().await;

    world.say(Append { now_ms: NOW - 60_000, ..world.visitor_says(contact, "from a wrong clock") }).await;
    world.say(Append { now_ms: NOW + 5, ..world.visitor_says(contact, "later") }).await;
    world
        .store
        .mark(Mark { now_ms: NOW + 9, ..mark(conversation, Reader::Agent, ReceiptState::Read, 3) })
        .await
        .unwrap();
    world
        .say(Append { now_ms: NOW + 6, ..world.visitor_says(contact, "said before the mark was stored") })
        .await;

    let times: Vec<i64> =
        world.store.events_after(conversation, 0, 10).await.unwrap().events.iter().map(|e| e.at_ms).collect();
    assert_eq!(times, [NOW, NOW, NOW + 5, NOW + 9, NOW + 9]);
}

async fn marks_only_rise(world: World) {
    let (contact, conversation) = world.begin().await;
    world.say(world.visitor_says(contact, "second")).await;
    let rise = |state, up_to| world.store.mark(mark(conversation, Reader::Agent, state, up_to));

    assert!(rise(ReceiptState::Delivered, 1).await.unwrap().is_some());
    assert!(rise(ReceiptState::Read, 99).await.unwrap().is_some());
    for (state, up_to) in [
        (ReceiptState::Read, 1),
        (ReceiptState::Read, 2),
        (ReceiptState::Delivered, 2),
        (ReceiptState::Delivered, 0),
    ] {
        assert_eq!(rise(state, up_to).await.unwrap(), None);
    }
    assert_eq!(
        world.store.find_conversation(WORKSPACE, conversation).await.unwrap().unwrap().agent_unread,
        0
    );
}

async fn status_changes_are_events_and_repeating_one_is_none(world: World) {
    let (contact, conversation) = world.begin().await;
    let change = |to, until| world.store.change(status(conversation, to, until));

    assert!(change(Status::Snoozed, Some(NOW + 10)).await.unwrap().is_some());
    assert!(world.store.due_snoozes(NOW + 9).await.unwrap().is_empty());
    assert_eq!(world.store.due_snoozes(NOW + 10).await.unwrap(), [(WORKSPACE, conversation)]);
    assert!(change(Status::Resolved, None).await.unwrap().is_some());
    assert_eq!(change(Status::Resolved, None).await.unwrap(), None);
    assert!(world.store.due_snoozes(NOW + 10).await.unwrap().is_empty());
    let reopened = world
        .say(Append {
            recipient: Recipient::Conversation(conversation),
            ..world.visitor_says(contact, "again")
        })
        .await;
    assert_eq!((reopened.seq, reopened.last_seq), (4, 5), "the message, then the reopening");
}

async fn pages_of_the_list_meet_without_overlap(world: World) {
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(world.begin().await.1);
    }
    let first =
        world.store.list_conversations(WORKSPACE, ListFilter { limit: 3, ..everything() }).await.unwrap();
    let last = first.last().map(|row| (row.last_at_ms, row.id));

    let rest = world.list(ListFilter { after: last, ..everything() }).await;

    let all: Vec<ConversationId> = first.iter().map(|row| row.id).chain(rest).collect();
    let one = &first[0];
    assert_eq!(world.list(ListFilter { contact: Some(one.contact), ..everything() }).await, [one.id]);
    assert_eq!(all, world.list(everything()).await);
    assert_eq!(all.len(), made.len());
    let counts = world.store.count_conversations(WORKSPACE, OWNER).await.unwrap();
    assert_eq!((counts.all.open, counts.unassigned.open, counts.mine.open), (7, 7, 0));
}

async fn the_search_index_follows_the_feed(world: World) {
    let (_, conversation) = world.begin().await;
    assert_eq!(world.store.search_backlog().await.unwrap(), [(world.division, 0)]);
    let document = SearchDocument { workspace: WORKSPACE, conversation, feed_seq: 1, words: "hello".into() };

    world.store.index(world.division, vec![document.clone()], 0, 1).await.unwrap();
    world.store.index(world.division, vec![document], 0, 1).await.unwrap();

    assert!(world.store.search_backlog().await.unwrap().is_empty());
    let search = |typed: &str| ListFilter { search: search::query(typed), ..everything() };
    assert_eq!(world.list(search("hel")).await, [conversation]);
    assert!(world.list(search("nothing")).await.is_empty());
}

async fn keys_open_until_they_expire_or_are_revoked(world: World) {
    let opens = |digest, at| {
        let store = Arc::clone(&world.store);
        async move { store.find_key(digest, at).await.unwrap().is_some() }
    };
    assert!(opens(KEY, NOW).await && !opens([9; 32], NOW).await);

    assert!(
        world
            .store
            .rotate_key(WORKSPACE, CAMPAIGN, NewKey { digest: [6; 32], sealed: vec![] }, NOW + 10, NOW)
            .await
            .unwrap()
    );
    assert!(opens(KEY, NOW + 9).await && !opens(KEY, NOW + 10).await && opens([6; 32], NOW + 10).await);
    assert!(world.store.revoke_keys(WORKSPACE, CAMPAIGN, NOW + 1).await.unwrap());
    assert!(!opens(KEY, NOW + 2).await && !opens([6; 32], NOW + 2).await);
}

async fn an_installation_has_one_beginning_and_never_no_owner(world: World) {
    let store = &world.store;
    assert!(matches!(store.set_up(installation()).await, Err(SetupError::AlreadyDone)));
    assert!(!store.change_member(WORKSPACE, OWNER, Some(Role::Agent), None).await.unwrap());
    assert!(!store.change_member(WORKSPACE, OWNER, None, Some(Membership::Deactivated)).await.unwrap());
    assert_eq!(store.find_login("OLGA@Example.com").await.unwrap().unwrap().member.id, OWNER);

    let session = SessionRecord {
        digest: [7; 32],
        workspace: WORKSPACE,
        person: OWNER,
        created_at_ms: NOW,
        seen_at_ms: NOW,
    };
    store.add_session(session).await.unwrap();
    assert!(store.find_session([7; 32]).await.unwrap().is_some());
    store.remove_sessions(OWNER, Some([7; 32])).await.unwrap();
    assert!(store.find_session([7; 32]).await.unwrap().is_some());
    store.remove_sessions(OWNER, None).await.unwrap();
    assert!(store.find_session([7; 32]).await.unwrap().is_none());
}

async fn what_pages_say_of_a_contact_adds_up(world: World) {
    let (contact, _) = world.begin().await;
    let told = |details: ContactDetails| Told { details, ..Told::default() };
    let astrid = ContactDetails {
        name: Some("Astrid".into()),
        email: Some("a@example.com".into()),
        ..ContactDetails::default()
    };
    let elsewhere =
        ContactDetails { page_url: Some("https://shop.example/".into()), ..ContactDetails::default() };

    world.store.note_visit(contact, told(astrid.clone()), NOW + 1).await.unwrap();
    world.store.note_visit(contact, told(elsewhere.clone()), NOW + 2).await.unwrap();
    world.store.note_visit(ContactId(fresh()), told(astrid.clone()), NOW + 3).await.unwrap();

    let known = world.store.find_contact(WORKSPACE, contact).await.unwrap().unwrap();
    assert_eq!((known.name.as_deref(), known.last_seen_ms), (Some("Astrid"), NOW + 2));
    let details: ContactDetails = serde_json::from_str(&known.details).unwrap();
    assert_eq!(details, ContactDetails { page_url: elsewhere.page_url, ..astrid });
}

async fn an_invitation_makes_one_member(world: World) {
    let invite = NewInvite {
        id: InviteId(fresh()),
        workspace: WORKSPACE,
        digest: [8; 32],
        email: "n@example.com".into(),
        role: Role::Agent,
        now_ms: NOW,
        expires_at_ms: NOW + 10,
    };
    world.store.add_invite(invite).await.unwrap();
    assert!(matches!(
        world.store.accept_invite([8; 32], member(PersonId(fresh()), ""), NOW + 10).await,
        Err(AcceptError::NotValid)
    ));

    let tries =
        join_all((0..5).map(|_| world.store.accept_invite([8; 32], member(PersonId(fresh()), ""), NOW + 1)))
            .await;

    assert_eq!(tries.iter().filter(|t| t.is_ok()).count(), 1);
    let members = world.store.list_members(WORKSPACE, None, 10).await.unwrap();
    assert_eq!(
        members.iter().map(|m| m.email.as_str()).collect::<Vec<_>>(),
        ["olga@example.com", "n@example.com"]
    );
    assert!(world.store.list_invites(WORKSPACE, NOW).await.unwrap().is_empty());
}

macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod on_sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let place = Place::new();
                super::$case(World::furnish(place.open()).await).await;
            })*
        }
        mod on_postgres {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let database = Database::new().await;
                super::$case(World::furnish(database.open().await).await).await;
                database.remove().await;
            })*
        }
    };
}
on_every_store! {
    a_request_is_claimed_once_and_its_answer_kept,
    a_verified_id_is_one_contact_until_its_secret_ends,
    an_api_token_is_found_until_it_expires_or_ends,
    numbers_count_up_without_a_hole_whoever_writes_at_once,
    the_same_cmid_of_an_author_is_stored_once_even_at_once,
    first_words_at_once_share_one_conversation,
    nobody_writes_into_or_marks_what_is_not_theirs,
    nothing_is_reached_from_another_workspace,
    notes_count_and_visitors_skip_over_them,
    time_never_goes_back_in_a_conversation,
    marks_only_rise,
    status_changes_are_events_and_repeating_one_is_none,
    pages_of_the_list_meet_without_overlap,
    the_search_index_follows_the_feed,
    a_search_finds_all_words_and_the_beginning_of_the_last,
    counts_follow_every_change,
    keys_open_until_they_expire_or_are_revoked,
    an_installation_has_one_beginning_and_never_no_owner,
    an_invitation_makes_one_member,
    what_pages_say_of_a_contact_adds_up,
}

/// Fills a store, closes it, and looks into it when it was opened again.
async fn survives(store: Arc<dyn Store>, again: impl AsyncFnOnce() -> Arc<dyn Store>) {
    let epoch = store.epoch().to_owned();
    let (_, conversation) = World::furnish(Arc::clone(&store)).await.begin().await;
    store.close().await;

    let again = again().await;

    assert_eq!(again.epoch(), epoch);
    assert_eq!(again.events_after(conversation, 0, 10).await.unwrap().last_seq, 1);
}

#[tokio::test]
async fn what_was_stored_is_there_after_the_file_was_closed_and_opened() {
    let place = Place::new();
    survives(place.open(), async || place.open() as _).await;
}

#[tokio::test]
async fn what_was_stored_is_there_for_the_next_node() {
    let database = Database::new().await;
    survives(database.open().await, async || database.open().await as _).await;
    database.remove().await;
}
