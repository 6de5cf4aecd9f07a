//! Making, changing and ending web chat campaigns and their keys.

use protocol::api::{Appearance, CampaignChange, NewCampaign};
use protocol::ids::{CampaignId, DivisionId, WorkspaceId};

use super::{Ports, plain_name};
use crate::auth::identity;
use crate::auth::keys::WidgetKeys;
use crate::auth::origins::{self, OriginError};
use crate::bus::Hint;
use crate::clock::Fresh;
use crate::crypto::Vault;
use crate::store::{CampaignRecord, StoreError};

/// The one channel campaigns have so far.
pub const WEB_CHAT: &str = "webchat";
const MOST_OVERLAP_S: u32 = 30 * 24 * 60 * 60;
/// Characters of a widget's title.
pub const MOST_TITLE: usize = 60;
const MOST_WELCOME: usize = 1_000;
const MOST_OFFSET: u32 = 200;

#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    #[error("there is no such campaign")]
    NotFound,
    #[error("a campaign needs a name of 1 to 100 characters")]
    Name,
    #[error("{0:?} is not a channel. Campaigns of channel \"webchat\" own a widget")]
    Channel(String),
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The member of the campaign that is wrong, and why.
    #[error("{why}")]
    Appearance { member: &'static str, why: &'static str },
    #[error("`overlap_seconds` is at most {MOST_OVERLAP_S} (30 days)")]
    Overlap,
    #[error("make an identity secret first: without one nobody can be verified, and nobody would be let in")]
    NoIdentitySecret,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a campaign with its first key.
pub async fn create(
    ports: &Ports,
    keys: &WidgetKeys,
    workspace: WorkspaceId,
    new: NewCampaign,
) -> Result<CampaignRecord, CampaignError> {
    let (name, allowed_origins) = accepted(&new)?;
    let now_ms = ports.clock.now_ms();
    let id = CampaignId::fresh(ports.clock.as_ref());
    let campaign = CampaignRecord {
        id,
        workspace,
        // The store puts it into the workspace's first division.
        division: DivisionId([0; 16]),
        channel: WEB_CHAT.to_owned(),
        name,
        allowed_origins,
        appearance: new.appearance,
        keys: Vec::new(),
        seen: None,
        secret_at_ms: None,
        identity_required: false,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    ports.store.add_campaign(campaign, keys.issue().1).await?;
    find(ports, workspace, id).await
}

/// Whether a campaign could be made like this, for whoever must know before anything else is made.
pub fn check(new: &NewCampaign) -> Result<(), CampaignError> {
    accepted(new).map(drop)
}

/// Name and origins as they are kept, when everything is as it must be.
fn accepted(new: &NewCampaign) -> Result<(String, Vec<String>), CampaignError> {
    if new.channel != WEB_CHAT {
        return Err(CampaignError::Channel(new.channel.clone()));
    }
    check_appearance(&new.appearance)?;
    let name = plain_name(&new.name).ok_or(CampaignError::Name)?;
    Ok((name, origins::parse_list(&new.allowed_origins)?))
}

pub async fn find(
    ports: &Ports,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<CampaignRecord, CampaignError> {
    ports.store.find_campaign(workspace, id).await?.ok_or(CampaignError::NotFound)
}

pub async fn change(
    ports: &Ports,
    workspace: WorkspaceId,
    id: CampaignId,
    wish: CampaignChange,
) -> Result<CampaignRecord, CampaignError> {
    let mut campaign = find(ports, workspace, id).await?;
    if let Some(name) = wish.name {
        campaign.name = plain_name(&name).ok_or(CampaignError::Name)?;
    }
    if let Some(list) = wish.allowed_origins {
        campaign.allowed_origins = origins::parse_list(&list)?;
    }
    if let Some(appearance) = wish.appearance {
        check_appearance(&appearance)?;
        campaign.appearance = appearance;
    }
    if let Some(is_required) = wish.identity_required {
        if is_required && campaign.secret_at_ms.is_none() {
            return Err(CampaignError::NoIdentitySecret);
        }
        campaign.identity_required = is_required;
    }
    campaign.updated_at_ms = ports.clock.now_ms();
    if !ports.store.change_campaign(campaign.clone()).await? {
        return Err(CampaignError::NotFound);
    }
    ports.bus.publish(Hint::CampaignChanged { campaign: id });
    Ok(campaign)
}

pub async fn delete(ports: &Ports, workspace: WorkspaceId, id: CampaignId) -> Result<(), CampaignError> {
    if !ports.store.delete_campaign(workspace, id, ports.clock.now_ms()).await? {
        return Err(CampaignError::NotFound);
    }
    ports.bus.publish(Hint::CampaignChanged { campaign: id });
    Ok(())
}

/// Gives a campaign a new key; the old one works for the overlap, so that pages can be changed in peace.
pub async fn rotate_key(
    ports: &Ports,
    keys: &WidgetKeys,
    workspace: WorkspaceId,
    id: CampaignId,
    overlap_s: u32,
) -> Result<CampaignRecord, CampaignError> {
    if overlap_s > MOST_OVERLAP_S {
        return Err(CampaignError::Overlap);
    }
    let now_ms = ports.clock.now_ms();
    let old_until_ms = now_ms + i64::from(overlap_s) * 1000;
    if !ports.store.rotate_key(workspace, id, keys.issue().1, old_until_ms, now_ms).await? {
        return Err(CampaignError::NotFound);
    }
    ports.bus.publish(Hint::CampaignChanged { campaign: id });
    find(ports, workspace, id).await
}

/// Ends all keys of a campaign at once: open sockets close, pages show no widget.
pub async fn revoke_keys(
    ports: &Ports,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<CampaignRecord, CampaignError> {
    if !ports.store.revoke_keys(workspace, id, ports.clock.now_ms()).await? {
        return Err(CampaignError::NotFound);
    }
    ports.bus.publish(Hint::CampaignChanged { campaign: id });
    find(ports, workspace, id).await
}

/// Gives a campaign a secret to prove with who visitors are; it is nowhere but in the answer. The one before proves nothing any
/// more, and whoever was verified by it must be verified again.
pub async fn make_identity_secret(
    ports: &Ports,
    vault: &Vault,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<String, CampaignError> {
    let (secret, sealed) = identity::issue(vault, id);
    set_identity_secret(ports, workspace, id, Some(sealed)).await?;
    Ok(secret)
}

/// Takes a campaign's identity secret away. Where visitors must be verified, nobody is let in until there is another.
pub async fn end_identity_secret(
    ports: &Ports,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<(), CampaignError> {
    set_identity_secret(ports, workspace, id, None).await
}

async fn set_identity_secret(
    ports: &Ports,
    workspace: WorkspaceId,
    id: CampaignId,
    sealed: Option<Vec<u8>>,
) -> Result<(), CampaignError> {
    if !ports.store.set_identity_secret(workspace, id, sealed, ports.clock.now_ms()).await? {
        return Err(CampaignError::NotFound);
    }
    ports.bus.publish(Hint::CampaignChanged { campaign: id });
    Ok(())
}

fn check_appearance(appearance: &Appearance) -> Result<(), CampaignError> {
    let color = appearance.color.strip_prefix('#').unwrap_or("");
    let is_color = color.len() == 6 && color.chars().all(|c| c.is_ascii_hexdigit());
    let is_language = matches!(appearance.language.as_str(), "" | "en" | "de");
    let nul = "the text holds a NUL character, which cannot be stored";
    let rules = [
        (is_color, "appearance.color", "the colour is written like #0f766e"),
        (appearance.offset_x <= MOST_OFFSET, "appearance.offset_x", "an offset is 0 to 200 pixels"),
        (appearance.offset_y <= MOST_OFFSET, "appearance.offset_y", "an offset is 0 to 200 pixels"),
        (
            appearance.title.chars().count() <= MOST_TITLE,
            "appearance.title",
            "the title has at most 60 characters",
        ),
        (!appearance.title.contains('\0'), "appearance.title", nul),
        (
            appearance.welcome.chars().count() <= MOST_WELCOME,
            "appearance.welcome",
            "the welcome text has at most 1,000 characters",
        ),
        (!appearance.welcome.contains('\0'), "appearance.welcome", nul),
        (is_language, "appearance.language", "the language is \"en\", \"de\", or empty to follow the page"),
    ];
    match rules.into_iter().find(|(is_kept, ..)| !is_kept) {
        Some((_, member, why)) => Err(CampaignError::Appearance { member, why }),
        None => Ok(()),
    }
}
