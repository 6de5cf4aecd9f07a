//! The one writer. It takes whatever is queued into one transaction, commits once, and only then answers: a commit costs a
//! disk flush, and shared by many messages it is cheap.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use protocol::ids::DivisionId;
use rusqlite::{Connection, ErrorCode, OptionalExtension};
use tokio::sync::{mpsc, oneshot};

use super::OpenError;
use crate::store::tail::Tail;
use crate::store::{Lane, StoreError, StoredEvent};

/// Steps in one commit at most.
const BATCH: usize = 512;
/// Steps waiting at most; when full, callers wait, and so do the sockets they read from.
const QUEUE: usize = 1024;

/// The transaction a step runs in.
pub(super) struct WriteTx<'a> {
    pub(super) connection: &'a Connection,
    events: &'a mut Vec<Arc<StoredEvent>>,
    feeds: &'a mut HashMap<DivisionId, u64>,
}

impl WriteTx<'_> {
    /// Takes the next feed number of a division.
    pub(super) fn next_feed_seq(&mut self, division: DivisionId) -> rusqlite::Result<u64> {
        let last = match self.feeds.get(&division) {
            Some(last) => *last,
            None => {
                let mut select =
                    self.connection.prepare_cached("select feed_seq from division where id = ?1")?;
                let stored: Option<i64> = select.query_row([division.0], |row| row.get(0)).optional()?;
                super::number(stored.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
            }
        };
        self.feeds.insert(division, last + 1);
        Ok(last + 1)
    }

    /// Hands over an event of this transaction, for the tail once it is committed.
    pub(super) fn remember(&mut self, event: StoredEvent) {
        self.events.push(Arc::new(event));
    }
}

trait Step: Send {
    fn run(&mut self, tx: &mut WriteTx<'_>) -> rusqlite::Result<()>;
    fn finish(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Typed<F, T, E> {
    lane: Lane,
    step: F,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Step for Typed<F, T, E>
where
    F: FnMut(&mut WriteTx<'_>) -> rusqlite::Result<Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>) -> rusqlite::Result<()> {
        let is_out_of_turn = self.lane.is_broken();
        self.result = Some(if is_out_of_turn { Err(StoreError::Closing.into()) } else { (self.step)(tx)? });
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), StoreError>) {
        if let Err(error) = &outcome {
            self.lane.note(error);
        }
        let answer = match (outcome, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Closing.into()),
            (Err(error), _) => Err(error.into()),
        };
        // Nobody waits any more: the caller's connection is gone, and it will ask again under the same name.
        let _ = self.answer.send(answer);
    }
}

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Step>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, tail: Arc<Tail>) -> Result<Self, OpenError> {
        let (queue, steps) = mpsc::channel(QUEUE);
        let state = State { connection, tail, events: Vec::new(), feeds: HashMap::new() };
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || state.work(steps));
        let thread =
            thread.map_err(|e| OpenError::Io { file: "store-writer".into(), reason: e.to_string() })?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn run<F, T, E>(&self, lane: Lane, step: F) -> Result<T, E>
    where
        F: FnMut(&mut WriteTx<'_>) -> rusqlite::Result<Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(StoreError::Closing)?;
        let step: Box<dyn Step> = Box::new(Typed { lane, step, result: None, answer });
        queue.send(step).await.map_err(|_| StoreError::Closing)?;
        drop(queue);
        result.await.map_err(|_| StoreError::Closing)?
    }

    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic in the writer was reported where it happened.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

struct State {
    connection: Connection,
    tail: Arc<Tail>,
    events: Vec<Arc<StoredEvent>>,
    /// Feed numbers taken in this transaction or known from the last.
    feeds: HashMap<DivisionId, u64>,
}

impl State {
    fn work(mut self, mut steps: mpsc::Receiver<Box<dyn Step>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while steps.blocking_recv_many(&mut batch, BATCH) > 0 {
            metrics::histogram!("roost_store_batch_steps")
                .record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
            self.commit_together(std::mem::take(&mut batch));
        }
        let closing = self.connection.execute_batch("pragma optimize; pragma wal_checkpoint(truncate);");
        if let Err(error) = closing {
            tracing::warn!(%error, "the store was closed without a checkpoint; the next start catches up");
        }
    }

    fn commit_together(&mut self, mut batch: Vec<Box<dyn Step>>) {
        match self.transaction(&mut batch) {
            Ok(()) => finish(batch, &Ok(())),
            // One bad step must not fail its neighbours: try each by itself.
            Err(error) if batch.len() > 1 => {
                stop_if_unflushed(&error);
                for step in batch {
                    let mut alone = vec![step];
                    let outcome = self.transaction(&mut alone).map_err(|e| explain(&e));
                    finish(alone, &outcome);
                }
            }
            Err(error) => finish(batch, &Err(explain(&error))),
        }
    }

    fn transaction(&mut self, batch: &mut [Box<dyn Step>]) -> rusqlite::Result<()> {
        let result = self.attempt(batch);
        if result.is_err() {
            self.events.clear();
            self.feeds.clear();
            if !self.connection.is_autocommit() {
                // If even this fails the next begin says so.
                let _ = self.connection.execute_batch("rollback");
            }
        }
        result
    }

    fn attempt(&mut self, batch: &mut [Box<dyn Step>]) -> rusqlite::Result<()> {
        self.connection.prepare_cached("begin immediate")?.execute([])?;
        for step in batch.iter_mut() {
            let mut tx =
                WriteTx { connection: &self.connection, events: &mut self.events, feeds: &mut self.feeds };
            step.run(&mut tx)?;
        }
        if !self.events.is_empty() {
            let mut update =
                self.connection.prepare_cached("update division set feed_seq = ?2 where id = ?1")?;
            for (division, feed_seq) in &self.feeds {
                update.execute((division.0, super::signed(*feed_seq)))?;
            }
        }
        self.connection.prepare_cached("commit")?.execute([])?;
        self.tail.add(std::mem::take(&mut self.events));
        Ok(())
    }
}

fn finish(batch: Vec<Box<dyn Step>>, outcome: &Result<(), StoreError>) {
    for step in batch {
        step.finish(outcome.clone());
    }
}

/// A disk that failed to flush leaves no way to know what is safe: the process ends, and the next start recovers from what is
/// really on the disk.
fn stop_if_unflushed(error: &rusqlite::Error) {
    use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};
    let code = error.sqlite_error().map(|failure| failure.extended_code);
    if matches!(code, Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC)) {
        tracing::error!(%error, "the disk failed to flush; stopping, so that nothing is acknowledged that is not safe");
        std::process::exit(70)
    }
}

/// Says what a failure means for callers.
fn explain(error: &rusqlite::Error) -> StoreError {
    stop_if_unflushed(error);
    if error.sqlite_error_code() == Some(ErrorCode::DiskFull) {
        return StoreError::Full;
    }
    tracing::error!(%error, "a write failed");
    StoreError::Failed(error.to_string())
}
