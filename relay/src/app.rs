//! The program in one value: the only place where backends are chosen and things are wired.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::ids::CampaignId;
use url::Url;

use crate::actions::Ports;
use crate::actions::password_reset::RESET_MS;
use crate::auth::csrf::OwnOrigins;
use crate::auth::key_cache::KeyCache;
use crate::auth::keys::WidgetKeys;
use crate::auth::passwords::Passwords;
use crate::auth::sessions::CookieKind;
use crate::auth::throttle::PerAddress;
use crate::auth::tickets::Tickets;
use crate::bus::{AddressError, Bus, LocalBus, RedisBus};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, load_master_key};
use crate::crypto::{MasterKey, TokenKind, Vault, random_token};
use crate::hub::Hub;
use crate::lock::DataLock;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::postgres::{Found, PostgresStore};
use crate::store::sqlite::SqliteStore;

/// A boot token lives this long.
pub const BOOT_S: u32 = 60;
const TICKET_MS: i64 = 30_000;

/// Why the program cannot start. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error(transparent)]
    Sqlite(#[from] crate::store::sqlite::OpenError),
    #[error(transparent)]
    Postgres(#[from] crate::store::postgres::OpenError),
    #[error(transparent)]
    Redis(#[from] AddressError),
    #[error(transparent)]
    Lock(#[from] crate::lock::LockError),
    #[error("cannot listen on {address}: {reason}")]
    Listen { address: std::net::SocketAddr, reason: String },
    #[error("cannot make the data folder {folder}: {reason}")]
    Folder { folder: String, reason: String },
}

/// When each campaign was last written down as seen, so that busy sites do not write at every visit.
#[derive(Default)]
pub struct Seen {
    at_ms: Mutex<HashMap<CampaignId, i64>>,
}

impl Seen {
    /// Whether enough time has passed; counts as seen from now on if so.
    pub fn is_due(&self, campaign: CampaignId, now_ms: i64, every_ms: i64) -> bool {
        let mut at = self.at_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = at.get(&campaign).is_none_or(|last| now_ms - last >= every_ms);
        if is_due {
            at.insert(campaign, now_ms);
        }
        is_due
    }
}

/// Everything a request or socket may need. Shared by reference.
pub struct App {
    pub ports: Ports,
    pub hub: Arc<Hub>,
    pub config: Config,
    pub passwords: Passwords,
    pub keys: WidgetKeys,
    pub key_cache: KeyCache,
    pub vault: Vault,
    pub boots: Tickets,
    pub tickets: Tickets,
    pub resets: Tickets,
    pub boot_limit: PerAddress,
    pub login_limit: PerAddress,
    pub own_origins: OwnOrigins,
    /// The address people reach this server under, without a slash at the end.
    pub public_url: String,
    pub cookie: CookieKind,
    pub shutdown: Shutdown,
    /// This process, to tell nodes apart.
    pub node: String,
    pub seen: Seen,
    setup_token: Mutex<Option<String>>,
    _lock: DataLock,
}

impl App {
    /// Opens everything for a server that listens on `port`.
    pub async fn open(config: Config, port: u16) -> Result<Arc<Self>, StartError> {
        let (store, master, lock) = open_store(&config).await?;
        let vault = Vault::new(&master);
        let shutdown = Shutdown::default();
        let node: String = random_token(TokenKind::Setup).chars().skip(3).take(8).collect();
        let bus: Arc<dyn Bus> = match &config.redis_url {
            Some(url) => Arc::new(RedisBus::start(url, store.epoch(), &node, &shutdown)?),
            None => Arc::new(LocalBus::default()),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let public_url = public_url(&config, port);
        Ok(Arc::new(Self {
            hub: Arc::new(Hub::new(Arc::clone(&store), Arc::clone(&bus))),
            passwords: Passwords::default(),
            keys: WidgetKeys::new(&master, vault.clone()),
            key_cache: KeyCache::default(),
            boots: Tickets::new(vault.clone(), "boot", i64::from(BOOT_S) * 1000),
            tickets: Tickets::new(vault.clone(), "ticket", TICKET_MS),
            resets: resets(&vault),
            vault,
            boot_limit: PerAddress::per_minute("boots", config.limits.boots_per_minute_per_ip),
            login_limit: PerAddress::per_minute("logins", config.limits.logins_per_minute_per_ip),
            own_origins: own_origins(&config, port),
            cookie: cookie_kind(&public_url),
            public_url,
            shutdown,
            node,
            ports: Ports { store, bus, clock },
            seen: Seen::default(),
            setup_token: Mutex::default(),
            _lock: lock,
            config,
        }))
    }

    /// Starts what works in the background.
    pub fn start(self: &Arc<Self>) {
        self.hub.start(self.node.clone(), &self.shutdown);
        crate::jobs::start(self);
    }

    /// The token of the one-time set-up link; made when first asked for.
    pub fn offer_setup(&self) -> String {
        let mut token = self.setup_token.lock().unwrap_or_else(PoisonError::into_inner);
        token.get_or_insert_with(|| random_token(TokenKind::Setup)).clone()
    }

    pub fn is_setup_token(&self, text: &str) -> bool {
        use subtle::ConstantTimeEq;
        let token = self.setup_token.lock().unwrap_or_else(PoisonError::into_inner);
        token.as_ref().is_some_and(|token| token.as_bytes().ct_eq(text.as_bytes()).into())
    }

    pub fn spend_setup_token(&self) {
        self.setup_token.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Ends in order: connections first, then the store.
    pub async fn close(&self) {
        self.shutdown.stop();
        let finished = tokio::time::timeout(std::time::Duration::from_secs(5), self.shutdown.finished());
        if finished.await.is_err() {
            tracing::warn!(tasks = self.shutdown.running(), "some tasks did not end in time");
        }
        self.ports.store.close().await;
    }
}

/// Links to set a new password.
pub fn resets(vault: &Vault) -> Tickets {
    Tickets::new(vault.clone(), "reset", RESET_MS)
}

/// Opens the configured store, and takes the data folder for this process alone.
pub async fn open_store(config: &Config) -> Result<(Arc<dyn Store>, MasterKey, DataLock), StartError> {
    match config.postgres_url() {
        Some(url) => open_postgres(config, url).await,
        None => open_sqlite(config),
    }
}

fn open_sqlite(config: &Config) -> Result<(Arc<dyn Store>, MasterKey, DataLock), StartError> {
    let folder = &config.data_dir;
    let file = config.database_file();
    // A store without its key must not get a new one, and nothing must be made beside a store that is refused.
    crate::store::sqlite::check_file(&file, None)?;
    let is_new = !file.exists();
    if is_new {
        make_folder(folder)?;
    }
    let lock = DataLock::take(folder)?;
    let master = load_master_key(config, is_new)?;
    let store = SqliteStore::open(&file, master.check_value())?;
    Ok((Arc::new(store), master, lock))
}

async fn open_postgres(
    config: &Config,
    url: &str,
) -> Result<(Arc<dyn Store>, MasterKey, DataLock), StartError> {
    let found = Found::look(url).await?;
    make_folder(&config.data_dir)?;
    let lock = DataLock::take(&config.data_dir)?;
    let master = load_master_key(config, found.is_new())?;
    let store = PostgresStore::open(found, master.check_value()).await?;
    Ok((Arc::new(store), master, lock))
}

fn make_folder(folder: &std::path::Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| StartError::Folder { folder: folder.display().to_string(), reason: e.to_string() })
}

/// The address people reach a server under, without a slash at the end.
pub fn public_url(config: &Config, port: u16) -> String {
    match &config.public_url {
        Some(url) => url.origin().ascii_serialization(),
        None if config.listen.ip().is_unspecified() => format!("http://localhost:{port}"),
        None => format!("http://{}", std::net::SocketAddr::new(config.listen.ip(), port)),
    }
}

/// The origins our own pages may have. With a public address it is that one only; without one, this machine's own names.
fn own_origins(config: &Config, port: u16) -> OwnOrigins {
    let texts = match &config.public_url {
        Some(url) => vec![url.origin().ascii_serialization()],
        None => vec![
            public_url(config, port),
            format!("http://localhost:{port}"),
            format!("http://127.0.0.1:{port}"),
            format!("http://[::1]:{port}"),
        ],
    };
    let normal = texts.iter().filter_map(|t| Url::parse(t).ok()).map(|u| u.origin().ascii_serialization());
    OwnOrigins::new(normal.collect())
}

fn cookie_kind(public_url: &str) -> CookieKind {
    let is_loopback = Url::parse(public_url).ok().is_some_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    });
    if public_url.starts_with("https://") || is_loopback { CookieKind::Secure } else { CookieKind::Plain }
}
