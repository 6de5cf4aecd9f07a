//! Pooled connections, each of which says first for which workspaces it asks.

use std::time::Duration;

use deadpool_postgres::{Object, Pool, PoolError};
use futures_util::FutureExt;
use futures_util::future::join;
use protocol::ids::WorkspaceId;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use crate::store::StoreError;

pub(super) type Value<'a> = &'a (dyn ToSql + Sync);

const FOR_NOW: &str = "select set_config('roost.scope', $1, false)";
pub(super) const FOR_THIS_TRANSACTION: &str = "select set_config('roost.scope', $1, true)";

/// Which workspaces a query may see. The second wall behind every `where workspace_id = …`.
pub(super) struct Scope(pub(super) String);

impl Scope {
    /// For what is looked up before the workspace is known.
    pub(super) fn any() -> Self {
        Self("*".into())
    }

    pub(super) fn of(workspaces: impl IntoIterator<Item = WorkspaceId>) -> Self {
        let texts: Vec<String> =
            workspaces.into_iter().map(|id| Uuid::from_bytes(id.0).to_string()).collect();
        Self(texts.join(","))
    }
}

impl From<WorkspaceId> for Scope {
    fn from(workspace: WorkspaceId) -> Self {
        Self::of([workspace])
    }
}

/// The connections of one node.
#[derive(Clone)]
pub(super) struct Db {
    pool: Pool,
}

impl Db {
    pub(super) const fn new(pool: Pool) -> Self {
        Self { pool }
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    /// A connection with no scope: it sees nothing yet.
    pub(super) async fn connection(&self) -> Result<Object, PoolError> {
        self.pool.get().await
    }

    pub(super) async fn rows(
        &self,
        scope: impl Into<Scope>,
        text: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let (busy, scoping, statement) = self.ready(text).await?;
        let (connection, scope) = (busy.get()?, scope.into());
        let set: [Value<'_>; 1] = [&scope.0];
        // Both travel together.
        let asking = join(connection.execute(&scoping, &set), connection.query(&statement, values));
        let answer = in_time(asking.map(|(set, rows)| Ok(set.and(rows)?))).await;
        busy.settle(answer)
    }

    pub(super) async fn row(
        &self,
        scope: impl Into<Scope>,
        text: &str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(scope, text, values).await?.into_iter().next())
    }

    /// Gives the number of rows changed.
    pub(super) async fn execute(
        &self,
        scope: impl Into<Scope>,
        text: &str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let (busy, scoping, statement) = self.ready(text).await?;
        let (connection, scope) = (busy.get()?, scope.into());
        let set: [Value<'_>; 1] = [&scope.0];
        let asking = join(connection.execute(&scoping, &set), connection.execute(&statement, values));
        let answer = in_time(asking.map(|(set, changed)| Ok(set.and(changed)?))).await;
        busy.settle(answer)
    }

    /// A connection with what sets its scope and what is to be asked, both prepared.
    async fn ready(&self, text: &str) -> Result<(Busy, Statement, Statement), StoreError> {
        let busy = Busy::new(self.connection().await?);
        let connection = busy.get()?;
        let preparing =
            async { Ok((connection.prepare_cached(FOR_NOW).await?, connection.prepare_cached(text).await?)) };
        match in_time(preparing).await {
            Ok((scoping, statement)) => Ok((busy, scoping, statement)),
            Err(error) => busy.settle(Err(error)),
        }
    }

    pub(super) async fn begin(&self, scope: impl Into<Scope>) -> Result<Transaction, StoreError> {
        let transaction = Transaction { connection: Busy::new(self.connection().await?) };
        let scope = scope.into();
        let connection = transaction.connection.get()?;
        in_time(async {
            let scoping = connection.prepare_cached(FOR_THIS_TRANSACTION).await?;
            let (begun, set) =
                join(connection.batch_execute("begin"), connection.execute(&scoping, &[&scope.0])).await;
            begun?;
            set?;
            Ok(())
        })
        .await?;
        Ok(transaction)
    }
}

/// A statement is given up by the database after five seconds; a line that is silent for longer carries nothing any more, even
/// when everything sent over it was received.
const SILENCE: Duration = Duration::from_secs(8);

pub(super) async fn in_time<T>(asking: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(SILENCE, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::Away("it does not answer".to_owned())),
    }
}

/// A connection that somebody is in the middle of using, such as a transaction. Dropped half-way it is closed, which rolls back; only when it says that it is
/// done may others use it again.
pub(super) struct Busy(Option<Object>);

impl Busy {
    pub(super) const fn new(connection: Object) -> Self {
        Self(Some(connection))
    }

    pub(super) fn get(&self) -> Result<&Object, StoreError> {
        self.0.as_ref().ok_or(StoreError::Closing)
    }

    pub(super) fn finish(mut self) {
        drop(self.0.take());
    }

    /// What the database said itself leaves the connection as good as it was.
    fn settle<T>(self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if !matches!(answer, Err(StoreError::Away(_))) {
            self.finish();
        }
        answer
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

/// A transaction. Dropping it without a commit rolls back.
pub(super) struct Transaction {
    connection: Busy,
}

impl Transaction {
    pub(super) async fn rows(&self, text: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection.get()?;
        in_time(async {
            let statement = connection.prepare_cached(text).await?;
            Ok(connection.query(&statement, values).await?)
        })
        .await
    }

    pub(super) async fn row(&self, text: &str, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(text, values).await?.into_iter().next())
    }

    pub(super) async fn execute(&self, text: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let connection = self.connection.get()?;
        in_time(async {
            let statement = connection.prepare_cached(text).await?;
            Ok(connection.execute(&statement, values).await?)
        })
        .await
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.end("commit").await
    }

    pub(super) async fn roll_back(self) -> Result<(), StoreError> {
        self.end("rollback").await
    }

    async fn end(self, how: &str) -> Result<(), StoreError> {
        let connection = self.connection.get()?;
        in_time(async { Ok(connection.batch_execute(how).await?) }).await?;
        self.connection.finish();
        Ok(())
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            // A value that cannot be read is our mistake; all else that the database did not say itself is about the line to it.
            let is_ours =
                std::error::Error::source(&error).is_some_and(|cause| !cause.is::<std::io::Error>());
            return if is_ours { Self::Failed(error.to_string()) } else { Self::Away(error.to_string()) };
        };
        let is_away = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
        ]
        .contains(told.code());
        match told.message().to_owned() {
            _ if *told.code() == SqlState::DISK_FULL => Self::Full,
            message if is_away => Self::Away(message),
            message => Self::Failed(message),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Closed => Self::Closing,
            PoolError::Backend(error) => error.into(),
            error => Self::Away(error.to_string()),
        }
    }
}

/// A column holds something this program never writes.
pub(super) fn malformed(what: &str) -> StoreError {
    StoreError::Failed(format!("a row holds an unknown {what}"))
}

/// The value of an id column.
pub(super) fn id(row: &Row, column: usize) -> Result<[u8; 16], StoreError> {
    Ok(row.try_get::<_, Uuid>(column)?.into_bytes())
}

pub(super) fn maybe_id(row: &Row, column: usize) -> Result<Option<[u8; 16]>, StoreError> {
    Ok(row.try_get::<_, Option<Uuid>>(column)?.map(Uuid::into_bytes))
}

/// Counters are never negative; the database's integers are signed.
pub(super) fn number(row: &Row, column: usize) -> Result<u64, StoreError> {
    Ok(row.try_get::<_, i64>(column)?.try_into().unwrap_or(0))
}

pub(super) fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], StoreError> {
    row.try_get::<_, &[u8]>(column)?.try_into().map_err(|_| malformed("digest"))
}

pub(super) fn signed(value: u64) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub(super) const fn uuid(id: [u8; 16]) -> Uuid {
    Uuid::from_bytes(id)
}
