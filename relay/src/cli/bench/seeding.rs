//! Fills a fresh installation with a year's conversations, as rows, and lets the relay's own code index them.

use std::fmt::Display;
use std::io::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use protocol::ids::{CampaignId, DivisionId, PersonId, WorkspaceId};

use super::measured::Report;
use super::server::{Setup, prepare};
use super::words::Dice;
use super::year::{Shop, Size, Year};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, load_master_key};
use crate::jobs::search::index_more;
use crate::store::Store;
use crate::store::history::Rows;
use crate::store::postgres::{Found, Import, PostgresStore};
use crate::store::sqlite::{Export, Fill, SqliteStore, quick_check};
use crate::store::transfer::{Cell, PAGE, Row, TABLES, Table};

/// Besides the owner.
const AGENTS: u32 = 19;
/// Events indexed in one step.
const INDEX_PAGE: u32 = 2_000;

/// Which store is filled.
struct Place {
    /// Of the installation, which is always made as a file first.
    config: Config,
    key_check: [u8; 32],
    database_url: Option<String>,
}

/// Makes an installation with that much in it; gives its widget's key.
pub(super) async fn seed(setup: &Setup, size: Size, report: &mut Report) -> Result<String> {
    let key = prepare(&Setup { database_url: None, ..setup.clone() }).await?;
    let config = Config::for_data_dir(&setup.folder);
    let key_check = load_master_key(&config, false).map_err(failed)?.check_value();
    let place = Place { config, key_check, database_url: setup.database_url.clone() };
    let began = Instant::now();
    place.fill(size).await?;
    report.add("filled in", began.elapsed().as_secs_f64(), "s");
    let began = Instant::now();
    let events = place.index().await?;
    report.add("events", events as f64, "");
    report.add("indexed in", began.elapsed().as_secs_f64(), "s");
    if place.database_url.is_none() {
        let file = place.config.database_file();
        if let Some(damage) = quick_check(&file).map_err(failed)? {
            return Err(failed(format!("the filled store is damaged: {damage}")));
        }
        report.add("size of the store", std::fs::metadata(&file)?.len() as f64 / 1_048_576.0, "MiB");
    }
    Ok(key)
}

impl Place {
    async fn fill(&self, size: Size) -> Result<()> {
        let installed = Installed::read(&self.config.database_file(), self.key_check)?;
        let sink = match &self.database_url {
            None => {
                let fill = Fill::open(&self.config.database_file(), self.key_check).map_err(failed)?;
                Sink::Sqlite(Box::new(fill))
            }
            Some(url) => {
                let found = Found::look(url).await.map_err(failed)?;
                let import = Import::begin(found, self.key_check, &installed.epoch).await.map_err(failed)?;
                for (table, rows) in &installed.tables {
                    import.add(table, rows).await.map_err(failed)?;
                }
                Sink::Postgres(Box::new(import))
            }
        };
        let now_ms = SystemClock.now_ms();
        let shop = furnish(&installed, &sink, now_ms).await?;
        let division = shop.division;
        let mut year = Year::new(shop, size, now_ms);
        while year.go_on() {
            if year.rows.events.len() >= PAGE {
                sink.take(&mut year.rows).await?;
            }
        }
        sink.take(&mut year.rows).await?;
        sink.finish(division, year.rows.feed_seq).await
    }

    /// Gives how many events there are, once it is certain that all of them are as the relay would have left them.
    async fn index(&self) -> Result<u64> {
        let (store, faults): (Arc<dyn Store>, Vec<u64>) = match &self.database_url {
            None => {
                let store =
                    SqliteStore::open(&self.config.database_file(), self.key_check).map_err(failed)?;
                while index_more(&store, INDEX_PAGE).await.map_err(failed)? {}
                let faults = store.count_faults().await.map_err(failed)?;
                (Arc::new(store), faults)
            }
            Some(url) => {
                let found = Found::look(url).await.map_err(failed)?;
                let store = PostgresStore::open(found, self.key_check).await.map_err(failed)?;
                while index_more(&store, INDEX_PAGE).await.map_err(failed)? {}
                let faults = store.count_faults().await.map_err(failed)?;
                (Arc::new(store), faults)
            }
        };
        let workspace = store.first_workspace().await.map_err(failed)?;
        let workspace = workspace.ok_or_else(|| failed("the filled store has no workspace"))?;
        let positions = store.feed_positions(workspace).await.map_err(failed)?;
        store.close().await;
        if faults.iter().any(|count| *count > 0) {
            return Err(failed(format!("the filled store does not agree with itself: {faults:?}")));
        }
        Ok(positions.iter().map(|(_, feed_seq)| feed_seq).sum())
    }
}

/// What `prepare` has made.
struct Installed {
    epoch: String,
    tables: Vec<(&'static Table, Vec<Row>)>,
}

impl Installed {
    fn read(file: &Path, key_check: [u8; 32]) -> Result<Self> {
        let export = Export::open(file, key_check).map_err(failed)?;
        let tables =
            TABLES.iter().map(|table| Result::Ok((table, export.page(table, None).map_err(failed)?)));
        Ok(Self { epoch: export.epoch().map_err(failed)?, tables: tables.collect::<Result<_>>()? })
    }

    /// The id of the only row of a table.
    fn id(&self, name: &str) -> Result<[u8; 16]> {
        let rows = self.tables.iter().find(|(table, _)| table.name == name).map(|(_, rows)| rows);
        match rows.and_then(|rows| rows.first()?.first()) {
            Some(Cell::Bytes(bytes)) => bytes.as_slice().try_into().map_err(failed),
            _ => Err(failed(format!("the installation has no {name}"))),
        }
    }
}

/// Gives the owner colleagues.
async fn furnish(installed: &Installed, sink: &Sink, now_ms: i64) -> Result<Shop> {
    let workspace = WorkspaceId(installed.id("workspace")?);
    let mut agents = vec![(PersonId(installed.id("person")?), "Bench".to_owned())];
    let (mut people, mut members) = (Vec::new(), Vec::new());
    let mut dice = Dice::new(2);
    let text = |text: &str| Cell::Text(text.to_owned());
    for number in 1..=AGENTS {
        let (id, name) = (PersonId(dice.id_at(now_ms)), format!("Agent {number}"));
        let email = Cell::Text(format!("agent{number}@example.com"));
        let person = Cell::Bytes(id.0.to_vec());
        // No password has this hash, so nobody can sign in.
        people.push(vec![person.clone(), email, text(&name), text("none"), Cell::Integer(now_ms)]);
        let workspace = Cell::Bytes(workspace.0.to_vec());
        let (role, state, availability) = (text("agent"), text("active"), text("online"));
        members.push(vec![workspace, person, role, state, availability, Cell::Integer(now_ms)]);
        agents.push((id, name));
    }
    sink.add("person", people).await?;
    sink.add("membership", members).await?;
    let division = DivisionId(installed.id("division")?);
    Ok(Shop { workspace, division, campaign: CampaignId(installed.id("campaign")?), agents })
}

/// Where the rows go.
enum Sink {
    Sqlite(Box<Fill>),
    Postgres(Box<Import>),
}

impl Sink {
    async fn take(&self, rows: &mut Rows) -> Result<()> {
        self.add("contact", std::mem::take(&mut rows.contacts)).await?;
        self.add("conversation", std::mem::take(&mut rows.conversations)).await?;
        self.add("event", std::mem::take(&mut rows.events)).await?;
        self.add("message", std::mem::take(&mut rows.messages)).await
    }

    async fn add(&self, name: &str, rows: Vec<Row>) -> Result<()> {
        let Some(table) = TABLES.iter().find(|table| table.name == name) else {
            unreachable!("only tables that every store has are filled")
        };
        match self {
            Self::Sqlite(fill) => fill.add(table, &rows).map_err(failed),
            Self::Postgres(import) => import.add(table, &rows).await.map_err(failed),
        }
    }

    async fn finish(self, division: DivisionId, feed_seq: u64) -> Result<()> {
        match self {
            Self::Sqlite(fill) => {
                fill.advance(division, feed_seq).map_err(failed)?;
                fill.finish().map_err(failed)
            }
            Self::Postgres(import) => {
                import.advance(division, feed_seq).await.map_err(failed)?;
                import.finish().await.map_err(failed)
            }
        }
    }
}

fn failed(error: impl Display) -> Error {
    Error::other(error.to_string())
}
