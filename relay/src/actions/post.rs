//! Saying something: a visitor's message, an agent's message or note.

use protocol::frame::{Ack, Send};
use protocol::ids::{CampaignId, ContactId, ConversationId, DivisionId, MessageId, PersonId, WorkspaceId};

use super::{Ports, agent_actor, contact_actor};
use crate::bus::Hint;
use crate::clock::Fresh;
use crate::inbox::message::{self, MessageError};
use crate::store::{Append, AppendError, Appended, Lane, NewContact, Recipient, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("another message was sent under this cmid. Use a new one")]
    Conflict,
    #[error("there is no such conversation")]
    NoConversation,
    #[error("visitors cannot write notes")]
    NoteByVisitor,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PostError {
    /// The stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Message(error) => error.code(),
            Self::Conflict => "conflict",
            Self::NoConversation => "not_found",
            Self::NoteByVisitor => "forbidden",
            Self::Store(StoreError::Full) => "storage_full",
            Self::Store(_) => "unavailable",
        }
    }
}

impl From<AppendError> for PostError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict => Self::Conflict,
            AppendError::NoConversation => Self::NoConversation,
            AppendError::Store(error) => Self::Store(error),
        }
    }
}

/// A visitor who says something.
pub struct VisitorAuthor<'a> {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub campaign: CampaignId,
    pub contact: ContactId,
    pub name: Option<&'a str>,
    /// Given until the store knows the visitor: the token's digest and JSON of the details.
    pub introduction: Option<([u8; 32], &'a str)>,
}

/// Somebody who works here and says something.
pub struct AgentAuthor<'a> {
    pub workspace: WorkspaceId,
    pub person: PersonId,
    pub name: &'a str,
}

/// Checks a visitor's message and makes it ready to store.
pub fn as_visitor(ports: &Ports, author: &VisitorAuthor<'_>, send: Send) -> Result<Append, PostError> {
    message::validate(&send.body)?;
    if send.note {
        return Err(PostError::NoteByVisitor);
    }
    let recipient = match send.conv {
        Some(conversation) => Recipient::Conversation(conversation),
        None => {
            let fresh = ConversationId::fresh(ports.clock.as_ref());
            Recipient::Campaign { campaign: author.campaign, division: author.division, fresh }
        }
    };
    let new_contact = author.introduction.map(|(visitor_digest, details)| NewContact {
        id: author.contact,
        visitor_digest,
        name: author.name.map(str::to_owned),
        details: details.to_owned(),
    });
    Ok(Append {
        workspace: author.workspace,
        author: author.contact.0,
        actor: contact_actor(author.contact, author.name),
        recipient,
        owner: Some(author.contact),
        new_contact,
        message: MessageId::fresh(ports.clock.as_ref()),
        cmid: send.cmid,
        digest: message::digest(&send.body, false, send.reply_to),
        body: send.body,
        is_note: false,
        reply_to: send.reply_to,
        now_ms: ports.clock.now_ms(),
        lane: Lane::default(),
    })
}

/// Checks an agent's message or note.
pub fn as_agent(ports: &Ports, author: &AgentAuthor<'_>, send: Send) -> Result<Append, PostError> {
    message::validate(&send.body)?;
    let conversation = send.conv.ok_or(PostError::NoConversation)?;
    Ok(Append {
        workspace: author.workspace,
        author: author.person.0,
        actor: agent_actor(author.person, author.name),
        recipient: Recipient::Conversation(conversation),
        owner: None,
        new_contact: None,
        message: MessageId::fresh(ports.clock.as_ref()),
        cmid: send.cmid,
        digest: message::digest(&send.body, send.note, send.reply_to),
        body: send.body,
        is_note: send.note,
        reply_to: send.reply_to,
        now_ms: ports.clock.now_ms(),
        lane: Lane::default(),
    })
}

/// Tells the other sockets of a contact that there is one more conversation to follow.
pub fn announce_beginning(ports: &Ports, contact: ContactId, conversation: ConversationId) {
    ports.bus.publish(Hint::Begun { contact, conversation });
}

/// Stores a checked message, then tells everybody who follows. The acknowledgement exists only after the commit.
pub async fn commit(ports: &Ports, append: Append) -> Result<Ack, PostError> {
    let cmid = append.cmid;
    let Appended { conversation, division, message, seq, last_seq, feed_seq, is_duplicate } =
        ports.store.append(append).await?;
    if !is_duplicate {
        metrics::counter!("roost_messages_total").increment(1);
        ports.bus.publish(Hint::Moved { conversation, division, seq: last_seq, feed_seq });
    }
    Ok(Ack {
        cmid,
        conv: conversation,
        msg: message,
        seq,
        epoch: ports.store.epoch().to_owned(),
        dup: is_duplicate,
    })
}
