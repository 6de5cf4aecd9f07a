//! The list of conversations: first which ones are on the page, from an index alone, then what is shown of them.

use protocol::event::Status;
use protocol::ids::{ConversationId, WorkspaceId};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::conversations::record;
use super::search;
use crate::store::sql::CONVERSATION;
use crate::store::{ConversationRecord, ListFilter, View};

pub(super) fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &ListFilter,
) -> rusqlite::Result<Vec<ConversationRecord>> {
    let found = filter.search.as_ref().map(|words| search::conversations(connection, workspace, words));
    let found = found.transpose()?;
    if found.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let page = Page::new(workspace, filter, found.as_deref());
    let mut select = connection.prepare_cached(&format!(
        "{CONVERSATION} where +c.workspace_id = ?1 and c.id in (select id from ({}))
         order by c.last_at desc, c.id desc",
        page.text
    ))?;
    select.query_map(rusqlite::params_from_iter(page.values), record)?.collect()
}

/// A statement that gives ids and times.
struct Page {
    text: String,
    values: Vec<Value>,
}

impl Page {
    fn new(workspace: WorkspaceId, filter: &ListFilter, found: Option<&[ConversationId]>) -> Self {
        let (clauses, values) = clauses(workspace, filter, found);
        // What comes from elsewhere than the list's own order is little. The plus keeps SQLite from walking through all of the
        // workspace for it.
        let (from, scope) = match (found, filter.contact) {
            (Some(_), _) => (
                "json_each(?3) f cross join conversation c",
                "c.id = unhex(f.value, '-') and +c.workspace_id",
            ),
            (None, Some(_)) => ("conversation c", "+c.workspace_id"),
            (None, None) => ("conversation c", "c.workspace_id"),
        };
        let page = |status: Option<Status>| {
            let status =
                status.map_or_else(String::new, |status| format!(" and c.status = '{}'", status.word()));
            format!(
                "select c.id, c.last_at from {from} where {scope} = ?1{clauses}{status} order by c.last_at desc, c.id desc limit ?2"
            )
        };
        let is_little = found.is_some() || filter.contact.is_some();
        if is_little || filter.status.is_some() {
            return Self { text: page(filter.status), values };
        }
        // Each status has an order of its own, so the pages of all of them are put together.
        let pages: Vec<String> =
            Status::ALL.iter().map(|status| format!("select * from ({})", page(Some(*status)))).collect();
        let pages = pages.join(" union all ");
        let text = format!("select id, last_at from ({pages}) order by last_at desc, id desc limit ?2");
        Self { text, values }
    }
}

/// What the rows must fulfil besides workspace and status, with all values: the workspace's, the limit's, then those found.
fn clauses(
    workspace: WorkspaceId,
    filter: &ListFilter,
    found: Option<&[ConversationId]>,
) -> (String, Vec<Value>) {
    let mut text = String::new();
    let mut values: Vec<Value> = vec![workspace.0.to_vec().into(), i64::from(filter.limit).into()];
    if let Some(found) = found {
        // One value, so that the statement is the same however many there are.
        let ids: Vec<String> = found.iter().map(ConversationId::text).collect();
        values.push(serde_json::Value::from(ids).to_string().into());
    }
    // `?` in a clause stands for the next number.
    let mut add = |clause: &str, more: Vec<Value>| {
        let mut pieces = clause.split('?');
        text.push_str(pieces.next().unwrap_or_default());
        for (piece, value) in pieces.zip(more) {
            values.push(value);
            text.push_str(&format!("?{}{piece}", values.len()));
        }
    };
    match filter.view {
        View::All => {}
        View::Unassigned => add(" and c.assignee_id is null", vec![]),
        View::AssignedTo(person) => add(" and c.assignee_id = ?", vec![person.0.to_vec().into()]),
    }
    if let Some(campaign) = filter.campaign {
        add(" and c.campaign_id = ?", vec![campaign.0.to_vec().into()]);
    }
    if let Some(contact) = filter.contact {
        add(" and c.contact_id = ?", vec![contact.0.to_vec().into()]);
    }
    if let Some((at, id)) = filter.after {
        add(" and (c.last_at, c.id) < (?, ?)", vec![at.into(), id.0.to_vec().into()]);
    }
    (text, values)
}
