//! HTTP to the relay: one function a method, JSON both ways, and one kind of failure that can be shown to a person.

use std::cell::RefCell;

use gloo_net::http::{Method, Request, RequestBuilder, Response};
use leptos::prelude::Callable;
use leptos::prelude::Callback;
use protocol::api::{EventPage, Page};
use protocol::problem::Problem;
use protocol::wire::FromTree;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::place::percent_encode;
use crate::words;

/// As many as the relay gives at once.
const WHOLE_LIST_PAGE: u32 = 200;

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The relay could not be reached.
    Unreachable,
    /// The relay said no, and why.
    Refused(Box<Problem>),
    /// The answer was not what was agreed: most likely app and relay are of different versions.
    Unreadable,
}

impl Failure {
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Unreachable => words::unreachable().into(),
            Self::Refused(problem) if problem.detail.is_empty() => problem.title.clone(),
            Self::Refused(problem) => problem.detail.clone(),
            Self::Unreadable => words::unreadable().into(),
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// The words when they belong to this field of the request.
    pub(crate) fn for_field(&self, field: &str) -> Option<String> {
        match self {
            Self::Refused(problem) if problem.field.as_deref() == Some(field) => Some(self.words()),
            Self::Refused(_) | Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// The words when they belong to none of the fields a form shows.
    pub(crate) fn beside(&self, fields: &[&str]) -> Option<String> {
        fields.iter().all(|field| self.for_field(field).is_none()).then(|| self.words())
    }
}

thread_local! {
    static SIGNED_OUT: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
}

/// What to do when any call finds that the session is over.
pub(crate) fn on_signed_out(run: Callback<()>) {
    SIGNED_OUT.with_borrow_mut(|slot| *slot = Some(run));
}

pub(crate) async fn read<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    json(answer(builder(Method::GET, path).build()).await?).await
}

/// A whole list, page by page. For what people look through as a whole: colleagues, invitations, campaigns.
pub(crate) async fn read_all<T: DeserializeOwned>(path: &str) -> Result<Vec<T>, Failure> {
    let first = format!("{path}?limit={WHOLE_LIST_PAGE}");
    let mut page = read::<Page<T>>(&first).await?;
    let mut items = page.items;
    while let Some(cursor) = page.next_cursor {
        page = read::<Page<T>>(&format!("{first}&cursor={}", percent_encode(&cursor))).await?;
        items.append(&mut page.items);
    }
    Ok(items)
}

pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Failure> {
    json(answer(builder(Method::POST, path).json(body)).await?).await
}

pub(crate) async fn patch<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Failure> {
    json(answer(builder(Method::PATCH, path).json(body)).await?).await
}

/// A call whose answer has no body worth reading.
pub(crate) async fn post_quietly<B: Serialize>(path: &str, body: &B) -> Result<(), Failure> {
    answer(builder(Method::POST, path).json(body)).await.map(drop)
}

pub(crate) async fn delete(path: &str) -> Result<(), Failure> {
    answer(builder(Method::DELETE, path).build()).await.map(drop)
}

/// A page of a conversation. Events are read by the protocol's own codec, which knows kinds to come.
pub(crate) async fn events(path: &str) -> Result<EventPage, Failure> {
    let tree: serde_json::Value = read(path).await?;
    EventPage::from_tree(&tree).ok_or(Failure::Unreadable)
}

fn builder(method: Method, path: &str) -> RequestBuilder {
    let is_safe = method == Method::GET;
    let builder = RequestBuilder::new(path).method(method).header("Accept", "application/json");
    if is_safe { builder } else { builder.header("X-Requested-With", "roost") }
}

async fn answer(request: Result<Request, gloo_net::Error>) -> Result<Response, Failure> {
    let response =
        request.map_err(|_| Failure::Unreachable)?.send().await.map_err(|_| Failure::Unreachable)?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let problem = response.json::<Problem>().await.unwrap_or_else(|_| unknown_problem(status));
    if status == 401
        && !response.url().ends_with("/api/auth/login")
        && let Some(run) = SIGNED_OUT.with_borrow(Clone::clone)
    {
        run.run(());
    }
    Err(Failure::Refused(Box::new(problem)))
}

/// Proxies in between answer with pages of their own.
fn unknown_problem(status: u16) -> Problem {
    Problem {
        kind: "about:blank".into(),
        title: String::new(),
        status,
        code: "unknown".into(),
        detail: words::status_without_reason(status),
        field: None,
    }
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    response.json().await.map_err(|_| Failure::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_shown_at_its_field_or_else_beside_the_form() {
        let mut problem = unknown_problem(422);
        problem.detail = "Use at least 12 characters.".into();
        problem.field = Some("password".into());
        let failure = Failure::Refused(Box::new(problem));

        assert_eq!(failure.for_field("password").as_deref(), Some("Use at least 12 characters."));
        assert_eq!(failure.for_field("email"), None);
        assert_eq!(failure.beside(&["email", "password"]), None);
        assert!(failure.beside(&["email"]).is_some());
        assert!(Failure::Unreachable.beside(&["email"]).is_some());
    }
}
