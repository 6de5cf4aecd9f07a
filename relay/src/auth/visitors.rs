//! Admitting a visitor: key, origin, and who they were last time.

use std::sync::Arc;

use protocol::api::{ContactDetails, PageInfo};
use protocol::ids::{CampaignId, ContactId, DivisionId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::key_cache::KeyCache;
use super::keys::WidgetKeys;
use super::origins;
use super::tickets::Tickets;
use crate::clock::{Clock, Fresh, rfc3339};
use crate::crypto::{TokenKind, digest_of, random_token};
use crate::store::{KeyHit, Store, StoreError, Told, VisitorRecord};

#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    #[error("this widget key is unknown or no longer works. Copy the snippet again from the campaign's page")]
    KeyUnknown,
    #[error("this site is not allowed to show the widget. Add {0} to the campaign's allowed origins")]
    OriginNotAllowed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a boot token says. Sealed; only the relay reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BootPass {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub campaign: CampaignId,
    #[serde(with = "crate::crypto::digest_text")]
    pub key_digest: [u8; 32],
    pub origin: String,
    pub contact: ContactId,
    pub visitor: String,
    pub is_known: bool,
    pub name: Option<String>,
    pub told: Told,
}

impl BootPass {
    pub fn visitor_digest(&self) -> [u8; 32] {
        digest_of(&self.visitor)
    }
}

/// Who is let in, and with what.
#[derive(Debug)]
pub struct Admitted {
    pub boot: String,
    pub key: Arc<KeyHit>,
    pub contact: ContactId,
    pub unread: u64,
}

/// What a request to be let in says.
pub struct Knock<'a> {
    pub key: &'a str,
    pub origin: &'a str,
    pub visitor: Option<&'a str>,
    pub page: PageInfo,
    pub user_agent: &'a str,
}

/// Lets a visitor in, or says why not.
pub async fn admit(
    store: &dyn Store,
    keys: &WidgetKeys,
    cache: &KeyCache,
    boots: &Tickets,
    clock: &dyn Clock,
    knock: Knock<'_>,
) -> Result<Admitted, AdmitError> {
    let now_ms = clock.now_ms();
    let digest = keys.recognise(knock.key).ok_or(AdmitError::KeyUnknown)?;
    let key = cache.find(store, digest, now_ms).await?.ok_or(AdmitError::KeyUnknown)?;
    let origin =
        origins::from_header(knock.origin).filter(|origin| origins::is_allowed(&key.allowed_origins, origin));
    if origin.is_none() {
        return Err(AdmitError::OriginNotAllowed(shown(knock.origin)));
    }
    let visitor = find_visitor(store, &key, knock.visitor).await?;
    let unread = visitor.as_ref().map_or(0, |(_, record)| record.unread);
    let told = told(&knock, now_ms);
    let name = told.details.name.clone();
    let pass = match visitor {
        Some((token, record)) => {
            pass(&key, digest, knock.origin, record.contact, token, name.or(record.name), told, true)
        }
        None => pass(
            &key,
            digest,
            knock.origin,
            ContactId::fresh(clock),
            random_token(TokenKind::Visitor),
            name,
            told,
            false,
        ),
    };
    Ok(Admitted { boot: boots.issue(&pass, now_ms), key, contact: pass.contact, unread })
}

#[expect(clippy::too_many_arguments, reason = "it only fills a struct from two kinds of visitor")]
fn pass(
    key: &KeyHit,
    key_digest: [u8; 32],
    origin: &str,
    contact: ContactId,
    visitor: String,
    name: Option<String>,
    told: Told,
    is_known: bool,
) -> BootPass {
    BootPass {
        workspace: key.workspace,
        division: key.division,
        campaign: key.campaign,
        key_digest,
        origin: origin.to_owned(),
        contact,
        visitor,
        is_known,
        name,
        told,
    }
}

/// An empty, unknown or malformed token is nobody's: the visitor starts afresh.
async fn find_visitor(
    store: &dyn Store,
    key: &KeyHit,
    token: Option<&str>,
) -> Result<Option<(String, VisitorRecord)>, StoreError> {
    let Some(token) = token.filter(|t| t.starts_with(TokenKind::Visitor.prefix()) && t.len() < 100) else {
        return Ok(None);
    };
    let found = store.find_visitor(digest_of(token)).await?;
    Ok(found.filter(|record| record.campaign == key.campaign).map(|record| (token.to_owned(), record)))
}

/// What is kept of what the page and the browser say: bounded, and marked as unverified by where it is kept.
fn told(knock: &Knock<'_>, now_ms: i64) -> Told {
    let cut =
        |text: &str, most: usize| text.chars().filter(|c| !c.is_control()).take(most).collect::<String>();
    // Nothing said and nothing left over are the same of a page; of a person, an empty value takes back what was said.
    let bounded =
        |text: &Option<String>, most: usize| text.as_ref().map(|t| cut(t, most)).filter(|t| !t.is_empty());
    let said = |text: &Option<String>, most: usize| text.as_ref().map(|t| cut(t, most));
    // A comma would make two tags of one.
    let listed = |tags: &[String]| {
        let tags = tags.iter().take(50).map(|tag| cut(tag, 100).replace(',', " ").trim().to_owned());
        tags.filter(|tag| !tag.is_empty()).collect::<Vec<String>>()
    };
    let page = &knock.page;
    let identity = page.identity.clone().unwrap_or_default();
    let attributes =
        identity.attributes.iter().take(50).map(|(name, value)| (cut(name, 100), cut(value, 500)));
    let details = ContactDetails {
        name: bounded(&identity.name, 200),
        email: said(&identity.email, 254),
        phone: said(&identity.phone, 40),
        company: said(&identity.company, 200),
        external_id: said(&identity.id, 200),
        page_url: bounded(&page.url, 2000),
        page_title: bounded(&page.title, 300),
        referrer: bounded(&page.referrer, 2000),
        locale: bounded(&page.locale, 40),
        time_zone: bounded(&page.time_zone, 60),
        device: Some(device(knock.user_agent)),
        viewport: bounded(&page.viewport, 20),
        attributes: attributes.filter(|(name, _)| !name.is_empty()).collect(),
        first_seen_at: None,
        last_seen_at: Some(rfc3339(now_ms)),
    };
    Told { details, tags: listed(&identity.tags), removed_tags: listed(&identity.removed_tags) }
}

/// "Chrome on Windows", from the browser's own words; rough is enough.
fn device(user_agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

fn shown(origin: &str) -> String {
    origin.chars().filter(|c| !c.is_control()).take(200).collect()
}
