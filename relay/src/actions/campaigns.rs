//! Making, changing and ending web chat campaigns and their keys.

use protocol::api::{Appearance, CampaignChange, NewCampaign};
use protocol::ids::{CampaignId, DivisionId, WorkspaceId};

use super::{Ports, plain_name};
use crate::auth::keys::WidgetKeys;
use crate::auth::origins::{self, OriginError};
use crate::bus::Hint;
use crate::clock::Fresh;
use crate::store::{CampaignRecord, StoreError};

/// The one channel campaigns have so far.
pub const WEB_CHAT: &str = "webchat";
const MOST_OVERLAP_S: u32 = 30 * 24 * 60 * 60;

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
    #[error("{0}")]
    Appearance(&'static str),
    #[error("`overlap_seconds` is at most {MOST_OVERLAP_S} (30 days)")]
    Overlap,
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
    if new.channel != WEB_CHAT {
        return Err(CampaignError::Channel(new.channel));
    }
    check_appearance(&new.appearance)?;
    let now_ms = ports.clock.now_ms();
    let id = CampaignId::fresh(ports.clock.as_ref());
    let campaign = CampaignRecord {
        id,
        workspace,
        // The store puts it into the workspace's first division.
        division: DivisionId([0; 16]),
        channel: WEB_CHAT.to_owned(),
        name: plain_name(&new.name).ok_or(CampaignError::Name)?,
        allowed_origins: origins::parse_list(&new.allowed_origins)?,
        appearance: new.appearance,
        keys: Vec::new(),
        seen: None,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    ports.store.add_campaign(campaign, keys.issue().1).await?;
    find(ports, workspace, id).await
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

fn check_appearance(appearance: &Appearance) -> Result<(), CampaignError> {
    let color = appearance.color.strip_prefix('#').unwrap_or("");
    if color.len() != 6 || !color.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(CampaignError::Appearance("the colour is written like #0f766e"));
    }
    if appearance.offset_x > 200 || appearance.offset_y > 200 {
        return Err(CampaignError::Appearance("offsets are 0 to 200 pixels"));
    }
    if appearance.title.chars().count() > 60 || appearance.welcome.chars().count() > 1000 {
        return Err(CampaignError::Appearance("the title has at most 60 characters, the welcome text 1,000"));
    }
    if appearance.title.contains('\0') || appearance.welcome.contains('\0') {
        return Err(CampaignError::Appearance("the texts hold a NUL character, which cannot be stored"));
    }
    if !matches!(appearance.language.as_str(), "" | "en" | "de") {
        return Err(CampaignError::Appearance("the language is \"en\", \"de\", or empty to follow the page"));
    }
    Ok(())
}
