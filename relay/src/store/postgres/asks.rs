//! What a batch of messages asks the database, and the rows it brings as columns.

use deadpool_postgres::Object;
use protocol::ids::{CampaignId, ContactId, ConversationId};
use tokio_postgres::Statement;
use uuid::Uuid;

use super::db::{FOR_THIS_TRANSACTION, Value, signed, uuid};
use super::{events, standing};
use crate::store::{Append, NewContact, Recipient, StoreError};

const EARLIER: &str = "select m.author_id, m.cmid, m.digest, m.message_id, m.conversation_id, c.division_id, m.seq, c.last_seq, e.feed_seq
    from unnest($1::uuid[], $2::uuid[]) as asked (author_id, cmid)
    join message m on m.author_id = asked.author_id and m.cmid = asked.cmid
    join conversation c on c.id = m.conversation_id
    join event e on e.conversation_id = m.conversation_id and e.seq = m.seq";

const OPEN: &str = "select c.campaign_id, c.contact_id, c.id from unnest($1::uuid[], $2::uuid[]) as asked (campaign_id, contact_id)
    join conversation c on c.campaign_id = asked.campaign_id and c.contact_id = asked.contact_id where c.status <> 'resolved'";

const ADD_CONTACTS: &str = "insert into contact (id, workspace_id, division_id, name, details, first_seen_at, last_seen_at)
    select id, workspace_id, division_id, name, details, at, at
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[]) as new (id, workspace_id, division_id, name, details, at)
    on conflict (id) do nothing";

const ADD_VISITORS: &str = "insert into visitor (digest, workspace_id, campaign_id, contact_id, created_at)
    select * from unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[]) on conflict (digest) do nothing";

const START: &str = "insert into conversation (id, workspace_id, division_id, campaign_id, contact_id, status, last_seq, last_visible_seq, last_at, created_at)
    select id, workspace_id, division_id, campaign_id, contact_id, 'open', 0, 0, at, at
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[])
    as new (id, workspace_id, division_id, campaign_id, contact_id, at)
    on conflict (campaign_id, contact_id) where status <> 'resolved' do nothing";

const ADD_MESSAGES: &str = "insert into message (author_id, cmid, digest, message_id, workspace_id, conversation_id, seq)
    select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[])";

/// Everything this asks for. Prepared beforehand: statements that travel together leave in the order they are written in, and
/// one that had to be prepared first would leave after those behind it.
pub(super) struct Statements {
    pub(super) scope: Statement,
    pub(super) earlier: Statement,
    pub(super) open: Statement,
    pub(super) add_contacts: Statement,
    pub(super) add_visitors: Statement,
    pub(super) start: Statement,
    pub(super) lock: Statement,
    pub(super) lock_divisions: Statement,
    pub(super) add_events: Statement,
    pub(super) add_messages: Statement,
    pub(super) store: Statement,
    pub(super) store_divisions: Statement,
}

impl Statements {
    pub(super) async fn prepare(connection: &Object) -> Result<Self, StoreError> {
        Ok(Self {
            scope: connection.prepare_cached(FOR_THIS_TRANSACTION).await?,
            earlier: connection.prepare_cached(EARLIER).await?,
            open: connection.prepare_cached(OPEN).await?,
            add_contacts: connection.prepare_cached(ADD_CONTACTS).await?,
            add_visitors: connection.prepare_cached(ADD_VISITORS).await?,
            start: connection.prepare_cached(START).await?,
            lock: connection.prepare_cached(standing::LOCK).await?,
            lock_divisions: connection.prepare_cached(standing::LOCK_DIVISIONS).await?,
            add_events: connection.prepare_cached(events::INSERT).await?,
            add_messages: connection.prepare_cached(ADD_MESSAGES).await?,
            store: connection.prepare_cached(standing::STORE).await?,
            store_divisions: connection.prepare_cached(standing::STORE_DIVISIONS).await?,
        })
    }
}

/// New contacts with the token each is known by.
#[derive(Default)]
pub(super) struct Contacts<'a> {
    ids: Vec<Uuid>,
    workspaces: Vec<Uuid>,
    divisions: Vec<Uuid>,
    names: Vec<Option<&'a str>>,
    details: Vec<&'a str>,
    ats: Vec<i64>,
    digests: Vec<Vec<u8>>,
    campaigns: Vec<Uuid>,
}

impl<'a> Contacts<'a> {
    fn add(&mut self, new: &'a NewContact, campaign: CampaignId, append: &Append, division: Uuid) {
        self.ids.push(uuid(new.id.0));
        self.workspaces.push(uuid(append.workspace.0));
        self.divisions.push(division);
        self.names.push(new.name.as_deref());
        self.details.push(&new.details);
        self.ats.push(append.now_ms);
        self.digests.push(new.visitor_digest.to_vec());
        self.campaigns.push(uuid(campaign.0));
    }

    pub(super) fn contact_values(&self) -> [Value<'_>; 6] {
        [&self.ids, &self.workspaces, &self.divisions, &self.names, &self.details, &self.ats]
    }

    pub(super) fn visitor_values(&self) -> [Value<'_>; 5] {
        [&self.digests, &self.workspaces, &self.campaigns, &self.ids, &self.ats]
    }
}

/// Conversations to start.
#[derive(Default)]
pub(super) struct Starts<'a> {
    ids: Vec<Uuid>,
    workspaces: Vec<Uuid>,
    divisions: Vec<Uuid>,
    campaigns: Vec<Uuid>,
    contacts: Vec<Uuid>,
    ats: Vec<i64>,
    pub(super) new_contacts: Contacts<'a>,
}

impl<'a> Starts<'a> {
    pub(super) fn add(&mut self, (campaign, contact): (CampaignId, ContactId), append: &'a Append) {
        let Recipient::Campaign { division, fresh, .. } = &append.recipient else { return };
        if let Some(new) = &append.new_contact {
            self.new_contacts.add(new, campaign, append, uuid(division.0));
        }
        self.ids.push(uuid(fresh.0));
        self.workspaces.push(uuid(append.workspace.0));
        self.divisions.push(uuid(division.0));
        self.campaigns.push(uuid(campaign.0));
        self.contacts.push(uuid(contact.0));
        self.ats.push(append.now_ms);
    }

    pub(super) fn values(&self) -> [Value<'_>; 6] {
        [&self.ids, &self.workspaces, &self.divisions, &self.campaigns, &self.contacts, &self.ats]
    }

    /// Whose conversations, to ask for them again.
    pub(super) fn pairs(&self) -> [Value<'_>; 2] {
        [&self.campaigns, &self.contacts]
    }
}

/// Messages with where they went.
#[derive(Default)]
pub(super) struct Messages {
    authors: Vec<Uuid>,
    cmids: Vec<Uuid>,
    digests: Vec<Vec<u8>>,
    ids: Vec<Uuid>,
    workspaces: Vec<Uuid>,
    conversations: Vec<Uuid>,
    seqs: Vec<i64>,
}

impl Messages {
    pub(super) fn add(&mut self, append: &Append, conversation: ConversationId, seq: u64) {
        self.authors.push(uuid(append.author));
        self.cmids.push(uuid(append.cmid.0));
        self.digests.push(append.digest.to_vec());
        self.ids.push(uuid(append.message.0));
        self.workspaces.push(uuid(append.workspace.0));
        self.conversations.push(uuid(conversation.0));
        self.seqs.push(signed(seq));
    }

    pub(super) fn values(&self) -> [Value<'_>; 7] {
        [
            &self.authors,
            &self.cmids,
            &self.digests,
            &self.ids,
            &self.workspaces,
            &self.conversations,
            &self.seqs,
        ]
    }
}
