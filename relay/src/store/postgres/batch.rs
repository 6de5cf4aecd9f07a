//! Many messages in one transaction: four trips to the database, however many there are.
//!
//! Locks are taken in one order by everybody: new conversations by contact, then conversations by id, then divisions by id.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::{join, join4, join5};
use protocol::ids::{CampaignId, Cmid, ContactId, ConversationId, DivisionId, MessageId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::asks::{Messages, Starts, Statements};
use super::db::{Busy, Db, Scope, bytes, id, in_time, number, signed, uuid};
use super::{events, standing};
use crate::store::standing::Standing;
use crate::store::{Append, AppendError, Appended, Recipient, StoreError, StoredEvent};

/// A message's name: its author's and its own.
type Name = ([u8; 16], Cmid);
type Verdict = Result<Appended, AppendError>;

/// What a transaction did.
pub(super) struct Stored {
    /// One for each message, in their order.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) events: Vec<StoredEvent>,
}

/// Stores messages in one transaction. Any error means that it is not known whether they are stored.
pub(super) async fn store(db: &Db, batch: &[Append]) -> Result<Stored, StoreError> {
    let connection = Busy::new(db.connection().await?);
    let statements = in_time(Statements::prepare(connection.get()?)).await?;
    let mut work =
        Work { connection, statements, known: HashMap::new(), events: Vec::new(), said: Vec::new() };
    let verdicts = in_time(work.run(batch)).await?;
    work.connection.finish();
    Ok(Stored { verdicts, events: work.events })
}

/// A transaction under way.
struct Work {
    connection: Busy,
    statements: Statements,
    /// Messages stored before, or earlier in this batch.
    known: HashMap<Name, ([u8; 32], Appended)>,
    events: Vec<StoredEvent>,
    /// New messages by their place in the batch, with where they went.
    said: Vec<(usize, ConversationId, u64)>,
}

impl Work {
    async fn run(&mut self, batch: &[Append]) -> Result<Vec<Verdict>, StoreError> {
        let mut open = self.begin(batch).await?;
        self.start_missing(batch, &mut open).await?;
        let targets: Vec<Option<ConversationId>> =
            batch.iter().map(|append| self.target(append, &open)).collect();
        let mut standings = self.lock(&targets).await?;
        let mut feeds = self.look_again(batch, &standings).await?;
        let verdicts = batch
            .iter()
            .zip(targets)
            .enumerate()
            .map(|(place, (append, target))| self.say(place, append, target, &mut standings, &mut feeds))
            .collect();
        self.commit(batch, &standings, &feeds).await?;
        Ok(verdicts)
    }

    /// Begins, and asks what is known already and which conversations are open.
    async fn begin(
        &mut self,
        batch: &[Append],
    ) -> Result<BTreeMap<(CampaignId, ContactId), ConversationId>, StoreError> {
        let scope = Scope::of(workspaces(batch));
        let (campaigns, contacts): (Vec<Uuid>, Vec<Uuid>) = batch
            .iter()
            .filter_map(contact_of)
            .map(|(campaign, contact)| (uuid(campaign.0), uuid(contact.0)))
            .unzip();
        let (authors, cmids) = names(batch.iter());
        let connection = self.connection.get()?;
        let (begun, set, earlier, open) = join4(
            connection.batch_execute("begin"),
            connection.query(&self.statements.scope, &[&scope.0]),
            connection.query(&self.statements.earlier, &[&authors, &cmids]),
            connection.query(&self.statements.open, &[&campaigns, &contacts]),
        )
        .await;
        begun?;
        set?;
        self.learn(&earlier?)?;
        read_open(&open?)
    }

    fn learn(&mut self, earlier: &[Row]) -> Result<(), StoreError> {
        for row in earlier {
            let appended = Appended {
                message: MessageId(id(row, 3)?),
                conversation: ConversationId(id(row, 4)?),
                division: DivisionId(id(row, 5)?),
                seq: number(row, 6)?,
                last_seq: number(row, 7)?,
                feed_seq: number(row, 8)?,
                is_duplicate: true,
            };
            self.known.insert((id(row, 0)?, Cmid(id(row, 1)?)), (bytes(row, 2)?, appended));
        }
        Ok(())
    }

    /// Starts a conversation for each contact without an open one. Whoever else does so at the same moment wins or loses as a
    /// whole: there is one in the end.
    async fn start_missing(
        &self,
        batch: &[Append],
        open: &mut BTreeMap<(CampaignId, ContactId), ConversationId>,
    ) -> Result<(), StoreError> {
        let mut missing: BTreeMap<(CampaignId, ContactId), &Append> = BTreeMap::new();
        for append in batch.iter().filter(|append| !self.known.contains_key(&name(append))) {
            if let Some(pair) = contact_of(append).filter(|pair| !open.contains_key(pair)) {
                missing.entry(pair).or_insert(append);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut starts = Starts::default();
        for (pair, append) in missing {
            starts.add(pair, append);
        }
        let (connection, statements, new) = (self.connection.get()?, &self.statements, &starts.new_contacts);
        let (contact_values, visitor_values) = (new.contact_values(), new.visitor_values());
        let (start_values, pairs) = (starts.values(), starts.pairs());
        let (contacts_added, visitors_added, started, found) = join4(
            connection.execute(&statements.add_contacts, &contact_values),
            connection.execute(&statements.add_visitors, &visitor_values),
            connection.execute(&statements.start, &start_values),
            connection.query(&statements.open, &pairs),
        )
        .await;
        contacts_added?;
        visitors_added?;
        started?;
        open.extend(read_open(&found?)?);
        Ok(())
    }

    /// Where a message goes; `None` when there is no such place or it need not go anywhere.
    fn target(
        &self,
        append: &Append,
        open: &BTreeMap<(CampaignId, ContactId), ConversationId>,
    ) -> Option<ConversationId> {
        if self.known.contains_key(&name(append)) {
            return None;
        }
        match &append.recipient {
            Recipient::Conversation(id) => Some(*id),
            Recipient::Campaign { .. } => open.get(&contact_of(append)?).copied(),
        }
    }

    async fn lock(
        &self,
        targets: &[Option<ConversationId>],
    ) -> Result<HashMap<ConversationId, Standing>, StoreError> {
        let mut ids: Vec<Uuid> = targets.iter().flatten().map(|id| uuid(id.0)).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = self.connection.get()?.query(&self.statements.lock, &[&ids]).await?;
        rows.iter().map(|row| standing::read(row).map(|standing| (standing.conversation, standing))).collect()
    }

    /// With the conversations locked: was something of this stored in the meantime, and where do the feeds stand?
    async fn look_again(
        &mut self,
        batch: &[Append],
        standings: &HashMap<ConversationId, Standing>,
    ) -> Result<HashMap<DivisionId, u64>, StoreError> {
        let (authors, cmids) = names(batch.iter().filter(|append| !self.known.contains_key(&name(append))));
        let mut divisions: Vec<Uuid> = standings.values().map(|standing| uuid(standing.division.0)).collect();
        divisions.sort_unstable();
        divisions.dedup();
        let (connection, statements) = (self.connection.get()?, &self.statements);
        let (earlier, feeds) = join(
            connection.query(&statements.earlier, &[&authors, &cmids]),
            connection.query(&statements.lock_divisions, &[&divisions]),
        )
        .await;
        self.learn(&earlier?)?;
        feeds?.iter().map(|row| Ok((DivisionId(id(row, 0)?), number(row, 1)?))).collect()
    }

    fn say(
        &mut self,
        place: usize,
        append: &Append,
        target: Option<ConversationId>,
        standings: &mut HashMap<ConversationId, Standing>,
        feeds: &mut HashMap<DivisionId, u64>,
    ) -> Verdict {
        if let Some((digest, appended)) = self.known.get(&name(append)) {
            return if *digest == append.digest { Ok(appended.clone()) } else { Err(AppendError::Conflict) };
        }
        // Somebody else's conversation looks like none.
        let found = target.and_then(|id| standings.get_mut(&id)).filter(|found| {
            found.workspace == append.workspace && append.owner.is_none_or(|owner| owner == found.contact)
        });
        let found = found.ok_or(AppendError::NoConversation)?;
        let mut events = found.say(append);
        let feed_seq = number_events(&mut events, feeds);
        let seq = events.first().map_or(0, |event| event.seq);
        self.events.extend(events);
        self.said.push((place, found.conversation, seq));
        let appended = Appended {
            conversation: found.conversation,
            division: found.division,
            message: append.message,
            seq,
            last_seq: found.last_seq,
            feed_seq,
            is_duplicate: false,
        };
        let again = Appended { is_duplicate: true, ..appended.clone() };
        self.known.insert(name(append), (append.digest, again));
        Ok(appended)
    }

    async fn commit(
        &self,
        batch: &[Append],
        standings: &HashMap<ConversationId, Standing>,
        feeds: &HashMap<DivisionId, u64>,
    ) -> Result<(), StoreError> {
        let connection = self.connection.get()?;
        if self.said.is_empty() {
            connection.batch_execute("commit").await?;
            return Ok(());
        }
        let events = events::Columns::of(&self.events)?;
        let standings = standing::Columns::of(standings.values());
        let (divisions, feed_seqs): (Vec<Uuid>, Vec<i64>) =
            feeds.iter().map(|(division, feed_seq)| (uuid(division.0), signed(*feed_seq))).unzip();
        let mut messages = Messages::default();
        for (place, conversation, seq) in &self.said {
            if let Some(append) = batch.get(*place) {
                messages.add(append, *conversation, *seq);
            }
        }
        let (event_values, message_values, standing_values) =
            (events.values(), messages.values(), standings.values());
        let statements = &self.statements;
        let (events_added, messages_added, stored, counted, committed) = join5(
            connection.execute(&statements.add_events, &event_values),
            connection.execute(&statements.add_messages, &message_values),
            connection.execute(&statements.store, &standing_values),
            connection.execute(&statements.store_divisions, &[&divisions, &feed_seqs]),
            connection.batch_execute("commit"),
        )
        .await;
        // A commit after a failed statement rolls back and reports no error, so each of them must be asked.
        events_added?;
        messages_added?;
        stored?;
        counted?;
        committed?;
        Ok(())
    }
}

/// Gives events the next numbers of their feed; the last of them.
pub(super) fn number_events(events: &mut [StoredEvent], feeds: &mut HashMap<DivisionId, u64>) -> u64 {
    let mut last = 0;
    for event in events {
        let feed_seq = feeds.entry(event.division).or_default();
        *feed_seq += 1;
        event.feed_seq = *feed_seq;
        last = *feed_seq;
    }
    last
}

const fn name(append: &Append) -> Name {
    (append.author, append.cmid)
}

fn names<'a>(batch: impl Iterator<Item = &'a Append>) -> (Vec<Uuid>, Vec<Uuid>) {
    batch.map(|append| (uuid(append.author), uuid(append.cmid.0))).unzip()
}

fn workspaces(batch: &[Append]) -> Vec<protocol::ids::WorkspaceId> {
    let mut all: Vec<_> = batch.iter().map(|append| append.workspace).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn contact_of(append: &Append) -> Option<(CampaignId, ContactId)> {
    match &append.recipient {
        Recipient::Campaign { campaign, .. } => Some((*campaign, append.owner?)),
        Recipient::Conversation(_) => None,
    }
}

fn read_open(rows: &[Row]) -> Result<BTreeMap<(CampaignId, ContactId), ConversationId>, StoreError> {
    rows.iter()
        .map(|row| Ok(((CampaignId(id(row, 0)?), ContactId(id(row, 1)?)), ConversationId(id(row, 2)?))))
        .collect()
}
