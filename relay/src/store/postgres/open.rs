//! Connecting: refusing what must not be used, migrating what is older.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::{ClientConfig, RootCertStore};
use subtle::ConstantTimeEq;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::db::{Db, Scope};
use crate::crypto::{hex, random_bytes};

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_first.sql"),
    include_str!("../../../migrations/postgres/0002_programs.sql"),
    include_str!("../../../migrations/postgres/0003_identity.sql"),
    include_str!("../../../migrations/postgres/0004_size.sql"),
];

/// Connections of one node at most.
const CONNECTIONS: usize = 16;
/// How long a request waits for one.
const WAIT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(5);
/// A peer that has not acknowledged anything for this long is gone.
const SILENCE: Duration = Duration::from_secs(20);

/// Said on every connection: no query, lock or forgotten transaction holds up the others for long.
const LIMITS: &str =
    "set statement_timeout = '5s'; set lock_timeout = '2s'; set idle_in_transaction_session_timeout = '5s'";

/// Any number, the same for all nodes: who holds it migrates.
const MIGRATION_LOCK: i64 = 0x526f_7374;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("database_url is not an address like postgres://user:password@host:5432/database ({0})")]
    Address(String),
    #[error(
        "the database at {place} cannot be used: {reason}. Check the address, the password and that PostgreSQL runs"
    )]
    Unreachable { place: String, reason: String },
    #[error(
        "the database at {place} runs with {setting}, so it would lose what it said is stored. Nothing was changed. Set it to on"
    )]
    Unsafe { place: String, setting: String },
    #[error(
        "the database at {place} was written by a newer Roost (schema {found}; this program knows {known}). Nothing was changed. Start the newer program"
    )]
    Newer { place: String, found: usize, known: usize },
    #[error(
        "the master key is not the one the database at {place} was made with. Nothing was changed. Give the right one as ROOST_MASTER_KEY or ROOST_MASTER_KEY_FILE"
    )]
    WrongKey { place: String },
    #[error(
        "an installation is being moved to the database at {place} and has not arrived. Run the same `roost migrate-store` again"
    )]
    Moving { place: String },
}

/// A database that answers. Nothing has been changed in it.
pub struct Found {
    pool: Pool,
    /// For people; without the password.
    place: String,
    version: usize,
    key_check: Option<Vec<u8>>,
    /// Row-level security does not hold for the role we were given.
    sees_everything: bool,
}

impl Found {
    /// Connects and looks.
    pub async fn look(url: &str) -> Result<Self, OpenError> {
        let mut config: tokio_postgres::Config = url.parse().map_err(|e| OpenError::Address(explain(&e)))?;
        config.application_name("roost").connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
        let place = place(&config);
        let pool = pool(config).map_err(|reason| OpenError::Unreachable { place: place.clone(), reason })?;
        let mut found = Self { pool, place, version: 0, key_check: None, sees_everything: false };
        found.look_inside().await?;
        Ok(found)
    }

    /// Whether Roost has never been here.
    pub const fn is_new(&self) -> bool {
        self.version == 0
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    pub const fn sees_everything(&self) -> bool {
        self.sees_everything
    }

    /// Whether this program, with this master key, may use it.
    pub fn check_key(&self, key_check: [u8; 32]) -> Result<(), OpenError> {
        self.check(self.version, self.key_check.as_deref(), key_check)
    }

    async fn look_inside(&mut self) -> Result<(), OpenError> {
        let connection = self.pool.get().await.map_err(|e| self.unreachable(&e))?;
        for setting in ["fsync", "synchronous_commit"] {
            let row = connection.query_one("select current_setting($1)", &[&setting]).await;
            let value: String = row.map_err(|e| self.unreachable(&e))?.get(0);
            if !matches!(value.as_str(), "on" | "remote_apply") {
                let setting = format!("{setting} = {value}");
                return Err(OpenError::Unsafe { place: self.place.clone(), setting });
            }
        }
        let text = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";
        let row = connection.query_one(text, &[]).await.map_err(|e| self.unreachable(&e))?;
        self.sees_everything = row.get(0);
        let (version, key_check) = read_meta(&**connection).await.map_err(|e| self.unreachable(&e))?;
        (self.version, self.key_check) = (version, key_check);
        Ok(())
    }

    fn unreachable(&self, error: &(dyn std::error::Error + 'static)) -> OpenError {
        OpenError::Unreachable { place: self.place.clone(), reason: explain(error) }
    }

    fn check(&self, version: usize, theirs: Option<&[u8]>, ours: [u8; 32]) -> Result<(), OpenError> {
        if version > MIGRATIONS.len() {
            return Err(OpenError::Newer {
                place: self.place.clone(),
                found: version,
                known: MIGRATIONS.len(),
            });
        }
        match theirs {
            Some(theirs) if !bool::from(ours.as_slice().ct_eq(theirs)) => {
                Err(OpenError::WrongKey { place: self.place.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Opens a store for use; gives the connections and the store's epoch.
pub(super) async fn open(found: Found, key_check: [u8; 32]) -> Result<(Db, String), OpenError> {
    let place = found.place.clone();
    let (db, epoch) = prepare(found, key_check).await?;
    match is_moving(&db).await {
        Ok(false) => Ok((db, epoch)),
        Ok(true) => Err(OpenError::Moving { place }),
        Err(error) => Err(OpenError::Unreachable { place, reason: error.to_string() }),
    }
}

/// Whether an installation is on its way into it and has not arrived.
pub(super) async fn is_moving(db: &Db) -> Result<bool, crate::store::StoreError> {
    Ok(db.row(Scope::any(), "select 1 from meta where name = 'moving'", &[]).await?.is_some())
}

/// Migrates where needed; gives the connections and the store's epoch.
pub(super) async fn prepare(found: Found, key_check: [u8; 32]) -> Result<(Db, String), OpenError> {
    found.check_key(key_check)?;
    if found.sees_everything {
        tracing::warn!(
            "the database role is a superuser, for whom row-level security does not hold; give Roost one of its own"
        );
    }
    let mut connection = found.pool.get().await.map_err(|e| found.unreachable(&e))?;
    if found.version < MIGRATIONS.len() {
        migrate(&found, &mut connection, key_check).await?;
    }
    let row =
        connection.query_one("select convert_from(value, 'utf8') from meta where name = 'epoch'", &[]).await;
    let epoch = row.map_err(|e| found.unreachable(&e))?.get(0);
    drop(connection);
    Ok((Db::new(found.pool), epoch))
}

async fn migrate(
    found: &Found,
    connection: &mut deadpool_postgres::Object,
    key_check: [u8; 32],
) -> Result<(), OpenError> {
    let failed = |e: tokio_postgres::Error| found.unreachable(&e);
    let transaction = connection.transaction().await.map_err(failed)?;
    // Another node may be at it, and a big table takes its time.
    transaction
        .batch_execute("set local statement_timeout = 0; set local lock_timeout = 0")
        .await
        .map_err(failed)?;
    transaction.execute("select pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await.map_err(failed)?;
    let (version, theirs) = read_meta(&*transaction).await.map_err(failed)?;
    found.check(version, theirs.as_deref(), key_check)?;
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.batch_execute(migration).await.map_err(failed)?;
    }
    let text = MIGRATIONS.len().to_string();
    let mut values: Vec<(&str, Vec<u8>)> = vec![("schema", text.into_bytes())];
    if version == 0 {
        let epoch = hex(&random_bytes::<6>());
        values.extend([("epoch", epoch.into_bytes()), ("key_check", key_check.to_vec())]);
    }
    for (name, value) in values {
        let upsert = "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
        transaction.execute(upsert, &[&name, &value]).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)?;
    tracing::info!(from = version, to = MIGRATIONS.len(), "the database's schema is up to date");
    Ok(())
}

/// The schema's number and the check value of the master key; 0 and nothing in an empty database.
async fn read_meta(
    client: &impl tokio_postgres::GenericClient,
) -> Result<(usize, Option<Vec<u8>>), tokio_postgres::Error> {
    let exists: bool = client.query_one("select to_regclass('meta') is not null", &[]).await?.get(0);
    if !exists {
        return Ok((0, None));
    }
    let rows = client.query("select name, value from meta", &[]).await?;
    let find = |wanted: &str| {
        rows.iter().find(|row| row.get::<_, &str>(0) == wanted).map(|row| row.get::<_, Vec<u8>>(1))
    };
    let version = find("schema").and_then(|text| String::from_utf8(text).ok()?.parse().ok()).unwrap_or(0);
    Ok((version, find("key_check")))
}

fn pool(config: tokio_postgres::Config) -> Result<Pool, String> {
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config, tls()?, manager_config);
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute(LIMITS).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|e| e.to_string())
}

/// What the system trusts; a private authority is named by `SSL_CERT_FILE`.
fn tls() -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn place(config: &tokio_postgres::Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".into(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("{host}:{port}/{}", config.get_dbname().unwrap_or_default())
}

/// An error with its causes: the outermost alone says only that something failed.
fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}
