//! A look into the store behind the program's back, whichever it is: SQLite in the test's folder, or a database in the PostgreSQL
//! that `cargo xtask` runs, when `ROOST_TEST_STORE` is `postgres`.

use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::folder::Folder;

/// Statements are plain SQL that both understand; ids and digests are written by [`Database::id`] and [`Database::bytes`].
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    /// The store of a relay that runs on a folder.
    pub fn of(folder: &Folder) -> Self {
        url_of(&folder.data()).map_or_else(|| Self::Sqlite(folder.database()), Self::Postgres)
    }

    /// The rows as text, bytes and ids as hexadecimal digits.
    pub fn rows(&self, text: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite(file) => sqlite_rows(file, text).unwrap_or_else(|e| panic!("{text}: {e}")),
            Self::Postgres(url) => postgres(url, text)
                .into_iter()
                .filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(
                        (0..row.len()).map(|column| plain(row.get(column).unwrap_or_default())).collect(),
                    ),
                    _ => None,
                })
                .collect(),
        }
    }

    /// The one number a query answers.
    pub fn number(&self, text: &str) -> u64 {
        let rows = self.rows(text);
        rows[0][0].parse().unwrap_or_else(|_| panic!("{text}: {rows:?}"))
    }

    /// Cuts every connection to it but our own; only PostgreSQL has any.
    pub fn cut_connections(&self) {
        self.rows(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()",
        );
    }

    /// Executes what may be refused; gives the reason. PostgreSQL only.
    pub fn try_execute(&self, text: &str) -> Result<(), String> {
        let Self::Postgres(url) = self else { panic!("only PostgreSQL refuses statements") };
        ask(url, text)
            .map(drop)
            .map_err(|e| e.as_db_error().map_or_else(|| e.to_string(), |e| e.message().to_owned()))
    }

    pub fn execute(&self, text: &str) {
        match self {
            Self::Sqlite(file) => {
                open(file).execute(text, []).unwrap_or_else(|e| panic!("{text}: {e}"));
            }
            Self::Postgres(url) => drop(postgres(url, text)),
        }
    }

    /// An id as it is written in a statement.
    pub fn id(&self, id: [u8; 16]) -> String {
        match self {
            Self::Sqlite(_) => self.bytes(&id),
            Self::Postgres(_) => format!("'{}'::uuid", hex(&id)),
        }
    }

    pub fn bytes(&self, bytes: &[u8]) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", hex(bytes)),
            Self::Postgres(_) => format!("'\\x{}'::bytea", hex(bytes)),
        }
    }
}

/// The database that belongs to a data folder, if tests run on PostgreSQL.
pub fn url_of(data: &Path) -> Option<String> {
    Some(format!("{}/{}", server()?, name_of(data)))
}

/// Makes the database of a folder, if tests run on PostgreSQL.
pub(crate) fn make(data: &Path) {
    if let Some(server) = server() {
        create(&server, &name_of(data));
    }
}

pub(crate) fn remove(data: &Path) {
    if let Some(server) = server() {
        discard(&server, &name_of(data));
    }
}

/// Makes one more database for a folder, in PostgreSQL whatever the tests run on; gives its address. Gone with the whole server.
pub fn shared(folder: &Folder) -> String {
    shared_on(&always(), folder)
}

/// The same on a server of the test's own.
pub fn shared_on(server: &str, folder: &Folder) -> String {
    let name = shared_name(folder);
    create(server, &name);
    format!("{server}/{name}")
}

pub(crate) fn remove_shared(folder: &Folder) {
    discard(&always(), &shared_name(folder));
}

fn create(server: &str, name: &str) {
    postgres(&format!("{server}/postgres"), &format!("create database {name}"));
}

fn discard(server: &str, name: &str) {
    // The database's own cleaning may be at it; what stays goes with the whole server.
    let _ = ask(&format!("{server}/postgres"), &format!("drop database {name} with (force)"));
}

fn shared_name(folder: &Folder) -> String {
    format!("{}_shared", name_of(&folder.data()))
}

fn name_of(data: &Path) -> String {
    let folder = data.parent().and_then(Path::file_name).expect("data lies in a folder");
    folder.to_string_lossy().replace('-', "_")
}

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn always() -> String {
    std::env::var("ROOST_TEST_POSTGRES").expect(
        "ROOST_TEST_POSTGRES is not set: run the tests by `cargo xtask test` or `cargo xtask check it`",
    )
}

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn server() -> Option<String> {
    (std::env::var("ROOST_TEST_STORE").ok()? == "postgres").then(always)
}

fn postgres(url: &str, text: &str) -> Vec<SimpleQueryMessage> {
    ask(url, text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

/// On a thread with a runtime of its own, so that it can be called from anywhere.
fn ask(url: &str, text: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
    let (url, text) = (url.to_owned(), text.to_owned());
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute("set roost.scope = '*'").await?;
            client.simple_query(&text).await
        })
    };
    std::thread::spawn(work).join().expect("the thread asks")
}

fn open(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).expect("the store opens");
    connection.busy_timeout(std::time::Duration::from_secs(5)).expect("a setting");
    connection
}

fn sqlite_rows(file: &Path, text: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let connection = open(file);
    let mut select = connection.prepare(text)?;
    let count = select.column_count();
    let rows = select.query_map([], |row| (0..count).map(|at| Ok(as_text(row.get_ref(at)?))).collect())?;
    rows.collect()
}

fn as_text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => hex(bytes),
    }
}

/// PostgreSQL writes ids with hyphens and bytes with a prefix.
fn plain(value: &str) -> String {
    if let Some(digits) = value.strip_prefix("\\x") {
        return digits.to_owned();
    }
    let is_id = value.len() == 36 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if is_id { value.replace('-', "") } else { value.to_owned() }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Reads an id of [`Database::rows`].
pub fn unhex(text: &str) -> [u8; 16] {
    let mut id = [0; 16];
    for (byte, at) in id.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    }
    id
}
