//! Conversations, for agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{
    CampaignSummary, ContactDetails, ContactSummary, Conversation, ConversationChange, ConversationRow,
    Counts, EventPage, LastMessage, MessageAuthor, NewMessage, Page,
};
use protocol::event::{Assignee, Status};
use protocol::frame::{Ack, Position, Send};
use protocol::ids::{CampaignId, ContactId, ConversationId, PersonId};
use serde::Deserialize;

use crate::actions::change_conversation;
use crate::actions::post::{AgentAuthor, as_agent, commit};
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::extract::{Body, Id, Query, cursor};
use crate::http::problem::ApiError;
use crate::http::signed_in::SignedIn;
use crate::hub::event_for;
use crate::inbox::conversation::anonymous_name;
use crate::inbox::search;
use crate::inbox::visibility::Audience;
use crate::store::{ConversationRecord, EventSlice, ListFilter, View};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// `open`, `pending`, `snoozed` or `resolved`.
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// `me`, `none`, `all`, or a person's id.
    assignee: Option<String>,
    /// `webchat`.
    channel: Option<String>,
    #[param(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    #[param(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// Words to search for in all messages and notes.
    q: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    /// Events after this sequence number.
    after: Option<u64>,
    /// The last events before this sequence number.
    before: Option<u64>,
    limit: Option<u32>,
}

fn row_of(app: &App, record: ConversationRecord) -> ConversationRow {
    let author = record.last_author.map(|(id, name)| MessageAuthor { id, name });
    ConversationRow {
        id: record.id,
        channel: record.channel,
        campaign: CampaignSummary { id: record.campaign, name: record.campaign_name },
        contact: ContactSummary {
            id: record.contact,
            name: record.contact_name.unwrap_or_else(|| anonymous_name(&record.contact.0)),
            is_online: app.hub.is_contact_here(record.contact),
        },
        status: record.status,
        snoozed_until: record.snoozed_until.map(rfc3339),
        assignee: record.assignee.map(|(id, name)| Assignee { id, name }),
        last_message: record.last_message.map(|(side, text, at)| LastMessage {
            side,
            author,
            text,
            at: rfc3339(at),
        }),
        waiting_since: record.waiting_since.map(rfc3339),
        unread: record.agent_unread,
        position: Position {
            conv: record.id,
            epoch: app.ports.store.epoch().to_owned(),
            seq: record.last_seq,
        },
        created_at: rfc3339(record.created_at_ms),
        updated_at: rfc3339(record.last_at_ms),
    }
}

fn view_of(assignee: Option<&str>, me: PersonId) -> Result<View, ApiError> {
    match assignee {
        None | Some("all") => Ok(View::All),
        Some("me") => Ok(View::AssignedTo(me)),
        Some("none") => Ok(View::Unassigned),
        Some(id) => id.parse().map(View::AssignedTo).map_err(|_| {
            let detail = "`assignee` is \"me\", \"none\", \"all\" or a person's id.";
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", detail).field("assignee")
        }),
    }
}

/// Conversations, newest activity first.
#[utoipa::path(get, path = "/api/conversations", params(ListQuery), responses((status = 200, body = Page<ConversationRow>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<ConversationRow>>, ApiError> {
    let paging = crate::http::extract::Paging::new(query.limit, query.cursor);
    let typed = query.q.filter(|q| !q.trim().is_empty());
    let search = typed.as_deref().map(search::query);
    let is_hopeless = matches!(search, Some(None))
        || query.channel.is_some_and(|c| c != crate::actions::campaigns::WEB_CHAT);
    if is_hopeless {
        return Ok(Json(Page { items: Vec::new(), next_cursor: None }));
    }
    let limit = paging.limit();
    let filter = ListFilter {
        view: view_of(query.assignee.as_deref(), signed_in.member.id)?,
        status: query.status,
        campaign: query.campaign,
        contact: query.contact,
        search: search.flatten(),
        after: paging.after()?.map(|(at, id)| (at, ConversationId(id))),
        limit: limit + 1,
    };
    let mut records = app.ports.store.list_conversations(signed_in.member.workspace, filter).await?;
    let has_more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next_cursor = records.last().filter(|_| has_more).map(|c| cursor(c.last_at_ms, c.id.0));
    Ok(Json(Page { items: records.into_iter().map(|c| row_of(&app, c)).collect(), next_cursor }))
}

/// How many conversations each view holds.
#[utoipa::path(get, path = "/api/conversations/counts", responses((status = 200, body = Counts)))]
pub(super) async fn counts(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
) -> Result<Json<Counts>, ApiError> {
    Ok(Json(app.ports.store.count_conversations(signed_in.member.workspace, signed_in.member.id).await?))
}

async fn find_record(app: &App, by: &SignedIn, id: ConversationId) -> Result<ConversationRecord, ApiError> {
    let found = app.ports.store.find_conversation(by.member.workspace, id).await?;
    found.ok_or_else(|| ApiError::not_found("conversation"))
}

/// One conversation with what is known of the contact.
#[utoipa::path(get, path = "/api/conversations/{id}", params(("id" = String, Path)), responses((status = 200, body = Conversation)))]
pub(super) async fn find(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>, ApiError> {
    let record = find_record(&app, &signed_in, id).await?;
    let contact = app.ports.store.find_contact(signed_in.member.workspace, record.contact).await?;
    let contact_details = contact.map_or_else(ContactDetails::default, |contact| ContactDetails {
        first_seen_at: Some(rfc3339(contact.first_seen_ms)),
        last_seen_at: Some(rfc3339(contact.last_seen_ms)),
        name: contact.name,
        ..serde_json::from_str(&contact.details).unwrap_or_default()
    });
    Ok(Json(Conversation { row: row_of(&app, record), contact_details }))
}

/// Changes status or assignment.
#[utoipa::path(patch, path = "/api/conversations/{id}", params(("id" = String, Path)), request_body = ConversationChange, responses((status = 200, body = ConversationRow)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Id(id): Id<ConversationId>,
    Body(wish): Body<ConversationChange>,
) -> Result<Json<ConversationRow>, ApiError> {
    let member = &signed_in.member;
    let by = change_conversation::By { workspace: member.workspace, person: member.id, name: &member.name };
    change_conversation::change(&app.ports, by, id, wish).await?;
    Ok(Json(row_of(&app, find_record(&app, &signed_in, id).await?)))
}

/// Events in rising order. Without a bound: the newest page.
#[utoipa::path(get, path = "/api/conversations/{id}/events", params(("id" = String, Path), EventsQuery), responses((status = 200, body = EventPage)))]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Id(id): Id<ConversationId>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventPage>, ApiError> {
    find_record(&app, &signed_in, id).await?;
    Ok(Json(page(&app, id, Audience::Agents, &query).await?))
}

/// A page of events for an audience.
pub(super) async fn page(
    app: &App,
    id: ConversationId,
    audience: Audience,
    query: &EventsQuery,
) -> Result<EventPage, ApiError> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let store = &app.ports.store;
    let EventSlice { events, last_seq } = match (query.after, query.before) {
        (Some(after), None) => store.events_after(id, after, limit).await?,
        (None, before) => store.events_before(id, before.unwrap_or(u64::MAX), limit).await?,
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "Give `after` or `before`, not both.",
            ));
        }
    };
    let epoch = store.epoch();
    let first = events.first().map_or(1, |e| e.seq);
    let last = events.last().map_or(query.after.unwrap_or(last_seq), |e| e.seq);
    let next_cursor = (query.after.is_some() && last < last_seq).then(|| last.to_string());
    let items = events.iter().filter_map(|event| event_for(audience, epoch, event)).collect();
    Ok(EventPage {
        items,
        next_cursor,
        as_of: Position { conv: id, epoch: epoch.to_owned(), seq: last },
        has_older: first > 1,
    })
}

/// Says something, or writes a note. The answer comes only after the message is on stable storage.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", params(("id" = String, Path)), request_body = NewMessage, responses((status = 200, body = Ack)))]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Id(id): Id<ConversationId>,
    Body(new): Body<NewMessage>,
) -> Result<Json<Ack>, ApiError> {
    let member = &signed_in.member;
    let author = AgentAuthor { workspace: member.workspace, person: member.id, name: &member.name };
    let send = Send { cmid: new.cmid, conv: Some(id), body: new.body, reply_to: None, note: new.note };
    Ok(Json(commit(&app.ports, as_agent(&app.ports, &author, send)?).await?))
}
