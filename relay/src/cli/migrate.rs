//! `roost migrate-store`: moves an installation from SQLite to PostgreSQL.

use std::process::ExitCode;

use super::{CliError, eprintln_line, say};
use crate::config::{Config, Database, load_master_key};
use crate::lock::DataLock;
use crate::store::postgres::{Found, Import};
use crate::store::sqlite::Export;
use crate::store::transfer::{Checksum, Row, TABLES, Table};

#[derive(Debug, clap::Args)]
pub(super) struct MigrateArguments {
    /// Where the installation is now, like sqlite:data/roost.db
    from: String,
    /// The empty database it moves to, like postgres://roost@db.internal/roost
    to: String,
}

pub(super) async fn run(config: Config, arguments: MigrateArguments) -> Result<ExitCode, CliError> {
    let parse = |text: &str| Database::parse(text).map_err(CliError::config);
    let (Database::Sqlite(file), Database::Postgres(url)) = (parse(&arguments.from)?, parse(&arguments.to)?)
    else {
        return Err(CliError::config(
            "give first sqlite:FILE, then postgres://…; other ways are not possible",
        ));
    };
    let lock = DataLock::take(&config.data_dir).map_err(CliError::config)?;
    let master = load_master_key(&config, false).map_err(CliError::config)?;
    let export = Export::open(&file, master.check_value()).map_err(CliError::config)?;
    let found = Found::look(&url).await.map_err(CliError::config)?;
    let epoch = export.epoch().map_err(CliError::internal)?;
    let import = Import::begin(found, master.check_value(), &epoch).await.map_err(CliError::config)?;

    let mut rows = 0;
    for table in TABLES {
        copy(&export, &import, table).await?;
        let ours = sum(table, async |after| export.page(table, after).map_err(CliError::internal)).await?;
        let theirs =
            sum(table, async |after| import.page(table, after).await.map_err(CliError::internal)).await?;
        if ours != theirs {
            return Err(CliError::Config(format!(
                "{}: {} rows here and {} there differ. The new database is not used; give an empty one and try again",
                table.name, ours.rows, theirs.rows
            )));
        }
        rows += ours.rows;
        eprintln_line(&format!("{}: {} rows, the same on both sides", table.name, ours.rows));
    }
    import.finish().await.map_err(CliError::internal)?;
    drop(lock);
    say(&format!(
        "Moved {rows} rows. From now on start with --database-url and the same master key. {} was not changed; keep it until you are sure.",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn copy(export: &Export, import: &Import, table: &Table) -> Result<(), CliError> {
    let mut after = import.last_key(table).await.map_err(CliError::internal)?;
    loop {
        let page = export.page(table, after.as_ref()).map_err(CliError::internal)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(table.key_of(last));
        import.add(table, &page).await.map_err(CliError::internal)?;
    }
}

/// The checksum of a table that is read page by page.
async fn sum(
    table: &Table,
    page: impl AsyncFn(Option<&Row>) -> Result<Vec<Row>, CliError>,
) -> Result<Checksum, CliError> {
    let (mut checksum, mut after) = (Checksum::default(), None);
    loop {
        let rows = page(after.as_ref()).await?;
        let Some(last) = rows.last() else { return Ok(checksum) };
        after = Some(table.key_of(last));
        checksum.add_all(&rows);
    }
}
