//! A furnished installation: an owner, a widget for one shop, and people of every role, made without slow password hashing.

use std::sync::Arc;

use protocol::api::{Appearance, Membership, NewCampaign, Role};
use protocol::ids::{CampaignId, DivisionId, InviteId, PersonId, WorkspaceId};
use relay::actions::{Ports, campaigns};
use relay::auth::keys::WidgetKeys;
use relay::auth::sessions;
use relay::bus::LocalBus;
use relay::clock::{Fresh, SystemClock};
use relay::config::Config;
use relay::crypto::{TokenKind, Vault, digest_of, random_token};
use relay::store::{Member, NewInstallation, NewInvite, NewMember};

/// Where the widget is allowed.
pub const SHOP: &str = "https://shop.example";
pub const PASSWORD: &str = "gannet-orbit-74";
/// The hash of [`PASSWORD`], made once: hashing takes 50 ms each time.
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Rjs9Ppk0+VFgW5iEwYxNYg$L1WkrJPCrapmZILxPq1vx+jUjiZWwZq54NqFwNQHvCQ";

/// What was made.
#[derive(Debug, Clone)]
pub struct Installation {
    pub workspace: WorkspaceId,
    pub division: DivisionId,
    pub owner: PersonId,
    pub campaign: CampaignId,
    pub key: String,
}

/// The address somebody signs in with.
pub fn email_of(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

/// Makes the owner, called Olga, the workspace and a widget for [`SHOP`].
pub async fn furnish(ports: &Ports, keys: &WidgetKeys) -> Installation {
    let clock = ports.clock.as_ref();
    let (workspace, division, owner) =
        (WorkspaceId::fresh(clock), DivisionId::fresh(clock), PersonId::fresh(clock));
    let new = NewInstallation {
        workspace,
        workspace_name: "Northwind".into(),
        division,
        owner: NewMember {
            id: owner,
            name: "Olga".into(),
            email: email_of("Olga"),
            password_hash: PASSWORD_HASH.into(),
        },
        now_ms: clock.now_ms(),
    };
    ports.store.set_up(new).await.expect("a fresh store can be set up");
    let (campaign, key) = add_widget(ports, keys, workspace, &[SHOP]).await;
    Installation { workspace, division, owner, campaign, key }
}

/// Makes one more widget; gives its key.
pub async fn add_widget(
    ports: &Ports,
    keys: &WidgetKeys,
    workspace: WorkspaceId,
    origins: &[&str],
) -> (CampaignId, String) {
    let new = NewCampaign {
        name: "Shop".into(),
        channel: campaigns::WEB_CHAT.into(),
        allowed_origins: origins.iter().map(|o| (*o).to_owned()).collect(),
        appearance: Appearance::default(),
    };
    let campaign = campaigns::create(ports, keys, workspace, new).await.expect("the widget is valid");
    let stored = &campaign.keys[0];
    (campaign.id, keys.open(&stored.digest, &stored.sealed).expect("our own key opens"))
}

/// Makes somebody who works here.
pub async fn add_person(ports: &Ports, workspace: WorkspaceId, name: &str, role: Role) -> PersonId {
    let clock = ports.clock.as_ref();
    let digest = digest_of(&random_token(TokenKind::Invite));
    let now_ms = clock.now_ms();
    let invite = NewInvite {
        id: InviteId::fresh(clock),
        workspace,
        digest,
        email: email_of(name),
        role,
        now_ms,
        expires_at_ms: now_ms + 60_000,
    };
    ports.store.add_invite(invite).await.expect("the store takes an invitation");
    let id = PersonId::fresh(clock);
    let member =
        NewMember { id, name: name.to_owned(), email: String::new(), password_hash: PASSWORD_HASH.into() };
    ports.store.accept_invite(digest, member, now_ms).await.expect("the invitation is fresh");
    id
}

/// Starts a browser session without a sign-in; gives the cookie's value.
pub async fn start_session(ports: &Ports, workspace: WorkspaceId, person: PersonId) -> String {
    let member: Member = ports
        .store
        .find_member(workspace, person)
        .await
        .expect("the store answers")
        .expect("the person is a member")
        .member;
    assert_eq!(member.membership, Membership::Active);
    sessions::start(ports.store.as_ref(), &member, ports.clock.now_ms())
        .await
        .expect("the store takes a session")
}

/// Furnishes a data folder for the real binary; gives a session of the owner too.
pub async fn prepare(config: &Config) -> (Installation, String) {
    let (store, master, _lock) = relay::app::open_store(config).await.expect("a fresh folder opens");
    let ports =
        Ports { store: Arc::clone(&store), bus: Arc::new(LocalBus::default()), clock: Arc::new(SystemClock) };
    let keys = WidgetKeys::new(&master, Vault::new(&master));
    let installation = furnish(&ports, &keys).await;
    let cookie = start_session(&ports, installation.workspace, installation.owner).await;
    store.close().await;
    (installation, cookie)
}
