//! Opening the file: refusing what must not be touched, migrating what is older.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use subtle::ConstantTimeEq;

use crate::crypto::{hex, random_bytes};

/// Marks our files: "Rost".
const APPLICATION_ID: u32 = 0x526f_7374;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_first.sql"),
    include_str!("../../../migrations/sqlite/0002_programs.sql"),
    include_str!("../../../migrations/sqlite/0003_identity.sql"),
    include_str!("../../../migrations/sqlite/0004_size.sql"),
];

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{} is not a Roost store, or is damaged ({reason}). Nothing was changed. Restore a backup, or give another data folder", file.display())]
    Damaged { file: PathBuf, reason: String },
    #[error("{} was written by a newer Roost (schema {found}; this program knows {known}). Nothing was changed. Start the newer program", file.display())]
    Newer { file: PathBuf, found: u32, known: u32 },
    #[error("the master key is not the one {} was made with. Nothing was changed. Give the right one as ROOST_MASTER_KEY or ROOST_MASTER_KEY_FILE", file.display())]
    WrongKey { file: PathBuf },
    #[error("cannot open {}: {reason}", file.display())]
    Io { file: PathBuf, reason: String },
    #[error("the store cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Looks at a store without changing it. A file that does not exist is fine: it will be made.
pub fn check_file(file: &Path, key_check: Option<[u8; 32]>) -> Result<(), OpenError> {
    let Some(header) = read_header(file)? else { return Ok(()) };
    let damaged = |reason: &str| OpenError::Damaged { file: file.to_owned(), reason: reason.to_owned() };
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(damaged("the header is not SQLite's"));
    }
    let word =
        |at: usize| header.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
    let (version, application) = (word(60), word(68));
    if application != APPLICATION_ID {
        return Err(damaged("the header is another program's"));
    }
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(OpenError::Newer { file: file.to_owned(), found: version, known });
    }
    let found = read_untouched(file).map_err(|e| damaged(&e.to_string()))?;
    match (key_check, found) {
        (Some(ours), Some(theirs)) if !bool::from(ours.as_slice().ct_eq(&theirs)) => {
            Err(OpenError::WrongKey { file: file.to_owned() })
        }
        _ => Ok(()),
    }
}

fn read_header(file: &Path) -> Result<Option<[u8; 100]>, OpenError> {
    let io = |e: &std::io::Error| OpenError::Io { file: file.to_owned(), reason: e.to_string() };
    let mut handle = match File::open(file) {
        Ok(handle) => handle,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(&e)),
    };
    if handle.metadata().is_ok_and(|about| about.len() == 0) {
        // Made a moment before a crash, and nothing was ever in it.
        return Ok(None);
    }
    let mut header = [0_u8; 100];
    handle
        .read_exact(&mut header)
        .map_err(|_| OpenError::Damaged { file: file.to_owned(), reason: "it is too short".to_owned() })?;
    Ok(Some(header))
}

/// Reads the key check value. A file that was closed in order is read without any lock or side file; one with a log beside it
/// needs the log, and is opened for reading only.
fn read_untouched(file: &Path) -> rusqlite::Result<Option<Vec<u8>>> {
    let log = PathBuf::from(format!("{}-wal", file.display()));
    let has_log = std::fs::metadata(&log).is_ok_and(|m| m.len() > 0);
    let mode = if has_log { "mode=ro" } else { "mode=ro&immutable=1" };
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("file:{path}?{mode}"), flags)?;
    connection.query_row("select value from meta where name = 'key_check'", [], |row| row.get(0)).optional()
}

/// Opens the only writing connection. Gives the store's epoch too.
pub(super) fn open_writer(file: &Path, key_check: [u8; 32]) -> Result<(Connection, String), OpenError> {
    make_private(file)?;
    let connection = Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    prepare_once(&connection, 128)?;
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma trusted_schema = off;
         pragma cell_size_check = on;
         pragma secure_delete = on;
         pragma temp_store = memory;
         pragma cache_size = -16384;
         pragma journal_size_limit = 67108864;
         pragma wal_autocheckpoint = 8000;",
    )?;
    migrate(&connection, file, key_check)?;
    let epoch: Vec<u8> =
        connection.query_row("select value from meta where name = 'epoch'", [], |row| row.get(0))?;
    Ok((connection, String::from_utf8_lossy(&epoch).into_owned()))
}

/// A new file is for its owner only; SQLite gives its side files the same rights.
fn make_private(file: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(OpenError::Io { file: file.to_owned(), reason: e.to_string() }),
    }
}

/// Keeps statements, and keeps their plans: without the guarantee SQLite plans anew for every value that is bound to a
/// statement which might use a partial index, at a third of the cost of storing a message.
fn prepare_once(connection: &Connection, statements: usize) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(statements);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(file: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    prepare_once(&connection, 64)?;
    connection
        .execute_batch("pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -2048;")?;
    Ok(connection)
}

fn migrate(connection: &Connection, file: &Path, key_check: [u8; 32]) -> Result<(), OpenError> {
    let version: usize =
        connection.query_row("pragma user_version", [], |row| row.get::<_, u32>(0))? as usize;
    if version >= MIGRATIONS.len() {
        return Ok(());
    }
    if version > 0 {
        snapshot(connection, file, version)?;
    }
    connection.execute_batch("begin immediate")?;
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        connection.execute_batch(migration)?;
        connection.execute_batch(&format!("pragma user_version = {}", number + 1))?;
    }
    if version == 0 {
        let epoch = hex(&random_bytes::<6>());
        connection.execute_batch(&format!("pragma application_id = {APPLICATION_ID}"))?;
        let mut insert = connection.prepare("insert into meta (name, value) values (?1, ?2)")?;
        insert.execute(("epoch", epoch.as_bytes()))?;
        insert.execute(("key_check", key_check.as_slice()))?;
    }
    connection.execute_batch("commit; pragma wal_checkpoint(truncate);")?;
    tracing::info!(from = version, to = MIGRATIONS.len(), "the store's schema is up to date");
    Ok(())
}

/// Keeps a copy from before a migration, to go back to.
fn snapshot(connection: &Connection, file: &Path, version: usize) -> Result<(), OpenError> {
    let copy = file.with_extension(format!("before-{}.db", version + 1));
    if copy.exists() {
        return Ok(());
    }
    connection.execute("vacuum into ?1", [copy.display().to_string()])?;
    tracing::info!(copy = %copy.display(), "kept a copy of the store from before the migration");
    Ok(())
}

/// Looks through the whole file for damage; slow on large stores.
pub fn quick_check(file: &Path) -> Result<Option<String>, OpenError> {
    let connection = open_reader(file)?;
    let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    Ok((verdict != "ok").then_some(verdict))
}
