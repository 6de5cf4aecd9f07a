//! Taking in a whole store from elsewhere. May be interrupted at any time and begun again: rows that are there already are left
//! alone, and until all is compared nobody else may use the database.

use protocol::ids::DivisionId;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::db::{Db, Scope, Value, signed, uuid};
use super::open::{self, Found, OpenError};
use crate::store::StoreError;
use crate::store::transfer::{Cell, Kind, PAGE, Row, Table};

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the database at {0} holds another installation. Nothing was changed. Give an empty one")]
    Occupied(String),
}

/// A database that is being filled.
pub struct Import {
    db: Db,
}

impl Import {
    /// Prepares an empty database, or goes on with one that an earlier run of the same move began.
    pub async fn begin(found: Found, key_check: [u8; 32], epoch: &str) -> Result<Self, ImportError> {
        let place = found.place().to_owned();
        let is_new = found.is_new();
        let (db, theirs) = open::prepare(found, key_check).await?;
        if is_new {
            let text = "insert into meta (name, value) values ('moving', convert_to($1, 'utf8'))";
            db.execute(Scope::any(), text, &[&epoch]).await?;
            let text = "update meta set value = convert_to($1, 'utf8') where name = 'epoch'";
            db.execute(Scope::any(), text, &[&epoch]).await?;
        } else if theirs != epoch || !open::is_moving(&db).await? {
            return Err(ImportError::Occupied(place));
        }
        Ok(Self { db })
    }

    /// The last key of a table that is there: where an earlier run came to.
    pub async fn last_key(&self, table: &Table) -> Result<Option<Row>, StoreError> {
        let key = table.key_names();
        let descending = key.replace(", ", " desc, ");
        let text = format!("select {key} from {} order by {descending} desc limit 1", table.name);
        let row = self.db.row(Scope::any(), &text, &[]).await?;
        let kinds = table.columns.iter().take(table.key);
        row.map(|row| kinds.enumerate().map(|(at, (_, kind))| read(&row, at, *kind)).collect()).transpose()
    }

    pub async fn add(&self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let columns: Vec<Column> =
            (0..).zip(table.columns).map(|(at, (_, kind))| Column::of(*kind, rows, at)).collect();
        let places: Vec<String> = (1..)
            .zip(table.columns)
            .map(|(number, (_, kind))| format!("${number}::{}[]", type_of(*kind)))
            .collect();
        let text = format!(
            "insert into {} ({}) select * from unnest({}) on conflict do nothing",
            table.name,
            table.names(),
            places.join(", ")
        );
        let values: Vec<Value<'_>> = columns.iter().map(Column::value).collect();
        self.db.execute(Scope::any(), &text, &values).await.map(drop)
    }

    /// The next rows of a table after a key, as they were stored.
    pub async fn page(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, StoreError> {
        let (names, key) = (table.names(), table.key_names());
        let owned: Vec<Box<dyn ToSql + Sync + Send>> = after
            .into_iter()
            .flatten()
            .zip(table.columns)
            .map(|(cell, (_, kind))| single(cell, *kind))
            .collect();
        let places: Vec<String> = (1..=owned.len()).map(|number| format!("${number}")).collect();
        let bound =
            if owned.is_empty() { String::new() } else { format!("where ({key}) > ({})", places.join(", ")) };
        let text = format!("select {names} from {} {bound} order by {key} limit {PAGE}", table.name);
        let values: Vec<Value<'_>> = owned.iter().map(|value| value.as_ref() as Value<'_>).collect();
        let rows = self.db.rows(Scope::any(), &text, &values).await?;
        rows.iter()
            .map(|row| table.columns.iter().enumerate().map(|(at, (_, kind))| read(row, at, *kind)).collect())
            .collect()
    }

    /// Says how many events a division has by now.
    pub async fn advance(&self, division: DivisionId, feed_seq: u64) -> Result<(), StoreError> {
        let text = "update division set feed_seq = $2 where id = $1";
        self.db.execute(Scope::any(), text, &[&uuid(division.0), &signed(feed_seq)]).await.map(drop)
    }

    /// All has been compared: from now on it is a store like any other.
    pub async fn finish(self) -> Result<(), StoreError> {
        let text = "update conversation set last_event_at = greatest(last_at, coalesce(
            (select at from event where event.conversation_id = conversation.id and event.seq = conversation.last_seq), 0))
            where id = any (select id from conversation where last_event_at = 0 limit $1)";
        while self.db.execute(Scope::any(), text, &[&signed(PAGE as u64)]).await? > 0 {}
        self.db.execute(Scope::any(), "delete from meta where name = 'moving'", &[]).await?;
        self.db.close();
        Ok(())
    }
}

const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "uuid",
        Kind::Bytes => "bytea",
        Kind::Integer => "bigint",
        Kind::Text => "text",
        Kind::Flag => "boolean",
    }
}

/// One column of many rows.
enum Column {
    Ids(Vec<Option<Uuid>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Flags(Vec<Option<bool>>),
}

impl Column {
    fn of(kind: Kind, rows: &[Row], at: usize) -> Self {
        let cells = rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Null));
        match kind {
            Kind::Id => Self::Ids(cells.map(id_of).collect()),
            Kind::Bytes => Self::Bytes(cells.map(bytes_of).collect()),
            Kind::Integer => Self::Integers(cells.map(integer_of).collect()),
            Kind::Text => Self::Texts(cells.map(text_of).collect()),
            Kind::Flag => Self::Flags(cells.map(|cell| integer_of(cell).map(|flag| flag != 0)).collect()),
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Ids(values) => values,
            Self::Bytes(values) => values,
            Self::Integers(values) => values,
            Self::Texts(values) => values,
            Self::Flags(values) => values,
        }
    }
}

fn id_of(cell: &Cell) -> Option<Uuid> {
    bytes_of(cell).and_then(|bytes| Uuid::from_slice(&bytes).ok())
}

fn bytes_of(cell: &Cell) -> Option<Vec<u8>> {
    match cell {
        Cell::Bytes(bytes) => Some(bytes.clone()),
        _ => None,
    }
}

const fn integer_of(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        _ => None,
    }
}

fn text_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn single(cell: &Cell, kind: Kind) -> Box<dyn ToSql + Sync + Send> {
    match kind {
        Kind::Id => Box::new(id_of(cell)),
        Kind::Bytes => Box::new(bytes_of(cell)),
        Kind::Integer => Box::new(integer_of(cell)),
        Kind::Text => Box::new(text_of(cell)),
        Kind::Flag => Box::new(integer_of(cell).map(|flag| flag != 0)),
    }
}

fn read(row: &tokio_postgres::Row, at: usize, kind: Kind) -> Result<Cell, StoreError> {
    Ok(match kind {
        Kind::Id => row.try_get::<_, Option<Uuid>>(at)?.map(|id| Cell::Bytes(id.as_bytes().to_vec())),
        Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Cell::Bytes),
        Kind::Integer => row.try_get::<_, Option<i64>>(at)?.map(Cell::Integer),
        Kind::Text => row.try_get::<_, Option<String>>(at)?.map(Cell::Text),
        Kind::Flag => row.try_get::<_, Option<bool>>(at)?.map(|flag| Cell::Integer(flag.into())),
    }
    .unwrap_or(Cell::Null))
}
