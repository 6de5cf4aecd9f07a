//! `roost migrate-store`: moves an installation from SQLite to PostgreSQL.

use std::process::ExitCode;

use super::{CliError, eprintln_line, say};
use crate::config::{Config, Database, load_master_key};
use crate::lock::DataLock;
use crate::store::postgres::{Found, Import};
use crate::store::sqlite::Export;
use crate::store::transfer::{Checksum, TABLES, Table};

#[derive(Debug, clap::Args)]
pub(super) struct MigrateArguments {
    /// Where the installation is now, like sqlite:data/roost.db
    from: String,
    /// The empty database it moves to, like postgres://roost@db.internal/roost
    to: String,
}

pub(super) async fn run(config: Config, arguments: MigrateArguments) -> Result<ExitCode, CliError> {
    let refuse = |reason: &str| CliError::Config(reason.to_owned());
    let parse = |text: &str| Database::parse(text).map_err(|e| CliError::Config(e.to_string()));
    let (Database::Sqlite(file), Database::Postgres(url)) = (parse(&arguments.from)?, parse(&arguments.to)?)
    else {
        return Err(refuse("give first sqlite:FILE, then postgres://…; other ways are not possible"));
    };
    let lock = DataLock::take(&config.data_dir).map_err(|e| CliError::Config(e.to_string()))?;
    let master = load_master_key(&config, false).map_err(|e| CliError::Config(e.to_string()))?;
    let export = Export::open(&file, master.check_value()).map_err(|e| CliError::Config(e.to_string()))?;
    let found = Found::look(&url).await.map_err(|e| CliError::Config(e.to_string()))?;
    let epoch = export.epoch().map_err(CliError::internal)?;
    let import = Import::begin(found, master.check_value(), &epoch)
        .await
        .map_err(|e| CliError::Config(e.to_string()))?;

    let mut rows = 0;
    for table in TABLES {
        copy(&export, &import, table).await?;
        let (ours, theirs) = (sum_of_export(&export, table)?, sum_of_import(&import, table).await?);
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

fn sum_of_export(export: &Export, table: &Table) -> Result<Checksum, CliError> {
    let (mut checksum, mut after) = (Checksum::default(), None);
    loop {
        let page = export.page(table, after.as_ref()).map_err(CliError::internal)?;
        let Some(last) = page.last() else { return Ok(checksum) };
        after = Some(table.key_of(last));
        checksum.add_all(&page);
    }
}

async fn sum_of_import(import: &Import, table: &Table) -> Result<Checksum, CliError> {
    let (mut checksum, mut after) = (Checksum::default(), None);
    loop {
        let page = import.page(table, after.as_ref()).await.map_err(CliError::internal)?;
        let Some(last) = page.last() else { return Ok(checksum) };
        after = Some(table.key_of(last));
        checksum.add_all(&page);
    }
}
