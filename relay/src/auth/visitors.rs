//! Admitting a visitor: key, origin, and who they were last time or are proven to be.

use std::sync::Arc;

use protocol::api::{ContactDetails, IdentityVerdict, PageInfo};
use protocol::ids::{CampaignId, ContactId, DivisionId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::identity::{Claims, Proof, prove};
use super::key_cache::KeyCache;
use super::keys::WidgetKeys;
use super::origins;
use super::tickets::Tickets;
use crate::clock::{Clock, Fresh, rfc3339};
use crate::crypto::{TokenKind, Vault, digest_of, random_token};
use crate::store::{KeyHit, Newcomer, Store, StoreError, Told, VisitorRecord};

#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    #[error("this widget key is unknown or no longer works. Copy the snippet again from the campaign's page")]
    KeyUnknown,
    #[error("this site is not allowed to show the widget. Add {0} to the campaign's allowed origins")]
    OriginNotAllowed(String),
    #[error("this widget is for verified visitors only. Give `identify` a fresh identity token")]
    IdentityRequired,
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
    /// The visitor is verified: when the secret was set by which they are.
    #[serde(default)]
    pub secret_at_ms: Option<i64>,
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
    pub identity: Option<IdentityVerdict>,
    /// A verified visitor's token.
    pub visitor: Option<String>,
    /// The token they gave stands.
    pub keeps_token: bool,
}

/// What a request to be let in says.
pub struct Knock<'a> {
    pub key: &'a str,
    pub origin: &'a str,
    pub visitor: Option<&'a str>,
    pub identity_token: Option<&'a str>,
    pub page: PageInfo,
    pub user_agent: &'a str,
}

/// Lets a visitor in, or says why not.
pub async fn admit(
    store: &dyn Store,
    keys: &WidgetKeys,
    cache: &KeyCache,
    vault: &Vault,
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
    let proof = prove(vault, &key, knock.identity_token, now_ms);
    let known = find_visitor(store, &key, knock.visitor).await?;
    let guest = recognise(store, clock, &key, known, &proof).await?;
    let identity = verdict(&proof, &guest);
    if key.identity_required && identity != Some(IdentityVerdict::Verified) {
        return Err(AdmitError::IdentityRequired);
    }
    let mut told = told(&knock, now_ms);
    if guest.is_verified {
        vouch(&mut told.details, &proof);
    }
    let pass = BootPass {
        workspace: key.workspace,
        division: key.division,
        campaign: key.campaign,
        key_digest: digest,
        origin: knock.origin.to_owned(),
        contact: guest.contact,
        visitor: guest.token,
        is_known: guest.is_known,
        secret_at_ms: key.secret.as_ref().filter(|_| guest.is_verified).map(|secret| secret.set_at_ms),
        name: told.details.name.clone().or(guest.name),
        told,
    };
    Ok(Admitted {
        boot: boots.issue(&pass, now_ms),
        key,
        contact: guest.contact,
        unread: guest.unread,
        identity,
        visitor: Some(pass.visitor).filter(|_| guest.is_verified),
        keeps_token: guest.keeps_token,
    })
}

/// Who a visitor is taken for.
struct Guest {
    contact: ContactId,
    token: String,
    name: Option<String>,
    unread: u64,
    /// The store knows contact and token.
    is_known: bool,
    keeps_token: bool,
    is_verified: bool,
}

impl Guest {
    fn stranger(clock: &dyn Clock) -> Self {
        Self {
            contact: ContactId::fresh(clock),
            token: random_token(TokenKind::Visitor),
            name: None,
            unread: 0,
            is_known: false,
            keeps_token: false,
            is_verified: false,
        }
    }

    fn returning(token: String, record: VisitorRecord) -> Self {
        Self {
            contact: record.contact,
            token,
            name: record.name,
            unread: record.unread,
            is_known: true,
            keeps_token: true,
            is_verified: record.is_verified,
        }
    }
}

/// A token of theirs says who somebody is, unless a proof says that it is somebody else.
async fn recognise(
    store: &dyn Store,
    clock: &dyn Clock,
    key: &KeyHit,
    known: Option<(String, VisitorRecord)>,
    proof: &Proof,
) -> Result<Guest, StoreError> {
    let named = match proof {
        Proof::Good(claims) | Proof::Expired(claims) => {
            store.find_verified(key.workspace, key.campaign, claims.sub.clone()).await?
        }
        Proof::Absent | Proof::Wrong => None,
    };
    let is_named = |record: &VisitorRecord| {
        record.is_verified && named.as_ref().is_some_and(|named| named.contact == record.contact)
    };
    let kept = known.filter(|(_, record)| match proof {
        Proof::Absent => true,
        Proof::Good(_) => is_named(record),
        Proof::Expired(_) => !record.is_verified || is_named(record),
        Proof::Wrong => !record.is_verified,
    });
    match (kept, proof) {
        (Some((token, record)), _) => Ok(Guest::returning(token, record)),
        (None, Proof::Good(claims)) => verified(store, clock, key, claims, named).await,
        (None, _) => Ok(Guest::stranger(clock)),
    }
}

/// Whoever is verified where they were not gets a fresh token: whoever knew the old one does not come along.
async fn verified(
    store: &dyn Store,
    clock: &dyn Clock,
    key: &KeyHit,
    claims: &Claims,
    named: Option<VisitorRecord>,
) -> Result<Guest, StoreError> {
    let stranger = Guest::stranger(clock);
    let Some(secret) = &key.secret else { return Ok(stranger) };
    let newcomer = Newcomer {
        workspace: key.workspace,
        division: key.division,
        campaign: key.campaign,
        secret_at_ms: secret.set_at_ms,
        external_id: claims.sub.clone(),
        contact: stranger.contact,
        visitor_digest: digest_of(&stranger.token),
        now_ms: clock.now_ms(),
    };
    // A secret that was replaced a moment ago proves nothing.
    let Some(contact) = store.verify(newcomer).await? else { return Ok(stranger) };
    let (name, unread) = named.map_or((None, 0), |named| (named.name, named.unread));
    Ok(Guest { contact, name, unread, is_known: true, is_verified: true, ..stranger })
}

fn verdict(proof: &Proof, guest: &Guest) -> Option<IdentityVerdict> {
    match proof {
        Proof::Absent => None,
        Proof::Good(_) if guest.is_verified => Some(IdentityVerdict::Verified),
        Proof::Good(_) | Proof::Expired(_) | Proof::Wrong => Some(IdentityVerdict::Refused),
    }
}

/// Who a verified contact is, the site's signature says; what its page says of that is left out.
fn vouch(details: &mut ContactDetails, proof: &Proof) {
    let claims = if let Proof::Good(claims) = proof { Some(claims) } else { None };
    details.verified = true;
    details.external_id = claims.map(|claims| claims.sub.clone());
    details.name = claims.and_then(|claims| bounded(claims.name.as_ref(), MOST_NAME));
    details.email = claims.and_then(|claims| said(claims.email.as_ref(), MOST_EMAIL));
    details.phone = claims.and_then(|claims| said(claims.phone.as_ref(), MOST_PHONE));
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

const MOST_NAME: usize = 200;
const MOST_EMAIL: usize = 254;
const MOST_PHONE: usize = 40;

fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// Of a person, an empty value takes back what was said before.
fn said(text: Option<&String>, most: usize) -> Option<String> {
    text.map(|text| cut(text, most))
}

/// Of a page, nothing said and nothing left over are the same.
fn bounded(text: Option<&String>, most: usize) -> Option<String> {
    said(text, most).filter(|text| !text.is_empty())
}

/// What is kept of what the page and the browser say: bounded, and marked as unverified by where it is kept.
fn told(knock: &Knock<'_>, now_ms: i64) -> Told {
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
        verified: false,
        name: bounded(identity.name.as_ref(), MOST_NAME),
        email: said(identity.email.as_ref(), MOST_EMAIL),
        phone: said(identity.phone.as_ref(), MOST_PHONE),
        company: said(identity.company.as_ref(), 200),
        external_id: said(identity.id.as_ref(), 200),
        page_url: bounded(page.url.as_ref(), 2000),
        page_title: bounded(page.title.as_ref(), 300),
        referrer: bounded(page.referrer.as_ref(), 2000),
        locale: bounded(page.locale.as_ref(), 40),
        time_zone: bounded(page.time_zone.as_ref(), 60),
        device: Some(device(knock.user_agent)),
        viewport: bounded(page.viewport.as_ref(), 20),
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
