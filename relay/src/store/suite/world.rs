//! A store with something in it, and short ways to say what is done to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use protocol::api::Appearance;
use protocol::event::{Reader, ReceiptState, Status};
use protocol::ids::{
    CampaignId, Cmid, ContactId, ConversationId, DivisionId, MessageId, PersonId, WorkspaceId,
};
use protocol::message::{Actor, Body, Side};

use crate::store::postgres::{Found, PostgresStore};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    Append, Appended, CampaignRecord, Change, Lane, ListFilter, Mark, NewContact, NewInstallation, NewKey,
    NewMember, Recipient, Store, View,
};

/// A store with an owner and a campaign.
pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) division: DivisionId,
}

pub(super) const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);
pub(super) const ELSEWHERE: WorkspaceId = WorkspaceId([0xEE; 16]);
pub(super) const OWNER: PersonId = PersonId([2; 16]);
pub(super) const CAMPAIGN: CampaignId = CampaignId([3; 16]);
pub(super) const KEY: [u8; 32] = [4; 32];
pub(super) const NOW: i64 = 1_800_000_000_000;

static COUNT: AtomicU32 = AtomicU32::new(1);

pub(super) fn fresh() -> [u8; 16] {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    id
}

pub(super) fn member(id: PersonId, email: &str) -> NewMember {
    NewMember { id, name: "Olga".into(), email: email.into(), password_hash: "hash".into() }
}

pub(super) fn installation() -> NewInstallation {
    NewInstallation {
        workspace: WORKSPACE,
        workspace_name: "Northwind".into(),
        division: DivisionId([5; 16]),
        owner: member(OWNER, "olga@example.com"),
        now_ms: NOW,
    }
}

impl World {
    pub(super) async fn furnish(store: Arc<dyn Store>) -> Self {
        store.set_up(installation()).await.unwrap();
        let campaign = CampaignRecord {
            id: CAMPAIGN,
            workspace: WORKSPACE,
            division: DivisionId([0; 16]),
            channel: "webchat".into(),
            name: "Shop".into(),
            allowed_origins: vec!["https://shop.example".into()],
            appearance: Appearance::default(),
            keys: Vec::new(),
            seen: None,
            secret_at_ms: None,
            identity_required: false,
            created_at_ms: NOW,
            updated_at_ms: NOW,
        };
        store.add_campaign(campaign, NewKey { digest: KEY, sealed: vec![1] }).await.unwrap();
        let division = store.feed_positions(WORKSPACE).await.unwrap()[0].0;
        Self { store, division }
    }

    /// What a visitor says, into the open conversation or a new one.
    pub(super) fn visitor_says(&self, contact: ContactId, text: &str) -> Append {
        let new_contact =
            NewContact { id: contact, visitor_digest: [contact.0[15]; 32], name: None, details: "{}".into() };
        Append {
            workspace: WORKSPACE,
            author: contact.0,
            actor: Actor { side: Side::Contact, id: Some(contact.text()), name: None },
            recipient: Recipient::Campaign {
                campaign: CAMPAIGN,
                division: self.division,
                fresh: ConversationId(fresh()),
            },
            owner: Some(contact),
            new_contact: Some(new_contact),
            message: MessageId(fresh()),
            cmid: Cmid(fresh()),
            digest: crate::inbox::message::digest(&Body::plain(text), false, None),
            body: Body::plain(text),
            is_note: false,
            reply_to: None,
            now_ms: NOW,
            lane: Lane::default(),
        }
    }

    pub(super) fn agent_says(&self, conversation: ConversationId, text: &str) -> Append {
        Append {
            author: OWNER.0,
            actor: Actor { side: Side::Agent, id: Some(OWNER.text()), name: Some("Olga".into()) },
            recipient: Recipient::Conversation(conversation),
            owner: None,
            new_contact: None,
            ..self.visitor_says(ContactId([0; 16]), text)
        }
    }

    pub(super) async fn say(&self, append: Append) -> Appended {
        self.store.append(append).await.unwrap()
    }

    pub(super) async fn begin(&self) -> (ContactId, ConversationId) {
        let contact = ContactId(fresh());
        (contact, self.say(self.visitor_says(contact, "hello")).await.conversation)
    }

    pub(super) async fn list(&self, filter: ListFilter) -> Vec<ConversationId> {
        self.store
            .list_conversations(WORKSPACE, filter)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.id)
            .collect()
    }
}

pub(super) fn status(conversation: ConversationId, status: Status, until: Option<i64>) -> Change {
    let actor = Actor { side: Side::System, id: None, name: None };
    Change {
        workspace: WORKSPACE,
        conversation,
        status: Some((status, until)),
        assignee: None,
        actor,
        now_ms: NOW,
    }
}

pub(super) fn mark(conversation: ConversationId, reader: Reader, state: ReceiptState, up_to: u64) -> Mark {
    let actor = Actor { side: Side::Agent, id: None, name: None };
    Mark { workspace: WORKSPACE, conversation, owner: None, reader, state, up_to, actor, now_ms: NOW }
}

pub(super) fn everything() -> ListFilter {
    ListFilter {
        view: View::All,
        status: None,
        campaign: None,
        contact: None,
        search: None,
        after: None,
        limit: 100,
    }
}

/// A fresh database in the PostgreSQL that `cargo xtask` runs for tests, gone after the test.
pub(super) struct Database {
    admin: tokio_postgres::Client,
    name: String,
    url: String,
}

impl Database {
    #[expect(clippy::disallowed_methods, reason = "where tests find their services is no configuration")]
    pub(super) async fn new() -> Self {
        let server = std::env::var("ROOST_TEST_POSTGRES").expect(
            "ROOST_TEST_POSTGRES is not set: run the tests by `cargo xtask test` or `cargo xtask check unit`",
        );
        let (admin, connection) =
            tokio_postgres::connect(&format!("{server}/postgres"), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("roost_suite_{}_{number}", std::process::id());
        admin.batch_execute(&format!("create database {name}")).await.unwrap();
        Self { admin, url: format!("{server}/{name}"), name }
    }

    pub(super) async fn open(&self) -> Arc<PostgresStore> {
        let found = Found::look(&self.url).await.unwrap();
        Arc::new(PostgresStore::open(found, [1; 32]).await.unwrap())
    }

    pub(super) async fn remove(self) {
        self.admin.batch_execute(&format!("drop database {} with (force)", self.name)).await.unwrap();
    }
}

/// A fresh file that is gone after the test.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "roost-suite-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn open(&self) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(&self.0.join("roost.db"), [1; 32]).unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
