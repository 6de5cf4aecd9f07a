//! The one task of a node that stores messages: whatever is queued goes into one transaction, in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::batch::{self, Stored};
use super::db::Db;
use crate::store::tail::Tail;
use crate::store::{Append, AppendError, Appended, StoreError};

/// Messages in one commit at most.
const BATCH: usize = 512;
/// Messages waiting at most; when full, callers wait, and so do the sockets they read from.
const QUEUE: usize = 1024;
/// How long a database that is gone is waited for before those who asked are told.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);
/// Tries of one message that others got in the way of.
const TRIES: u32 = 5;

type Answer = oneshot::Sender<Result<Appended, AppendError>>;

pub(super) struct Appender {
    queue: Mutex<Option<mpsc::Sender<(Append, Answer)>>>,
    work: TaskTracker,
}

impl Appender {
    pub(super) fn start(db: Db, tail: Arc<Tail>) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let tracker = TaskTracker::new();
        tracker.spawn(work(db, tail, messages));
        tracker.close();
        Self { queue: Mutex::new(Some(queue)), work: tracker }
    }

    pub(super) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(StoreError::Closing)?;
        let (answer, result) = oneshot::channel();
        queue.send((append, answer)).await.map_err(|_| StoreError::Closing)?;
        drop(queue);
        result.await.map_err(|_| StoreError::Closing)?
    }

    /// Waits for everything queued.
    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.work.wait().await;
    }
}

async fn work(db: Db, tail: Arc<Tail>, mut messages: mpsc::Receiver<(Append, Answer)>) {
    let mut queued = Vec::with_capacity(BATCH);
    while messages.recv_many(&mut queued, BATCH).await > 0 {
        metrics::histogram!("roost_store_batch_steps")
            .record(f64::from(u32::try_from(queued.len()).unwrap_or(u32::MAX)));
        let (out_of_turn, in_turn): (Vec<_>, Vec<_>) =
            queued.drain(..).partition(|(append, _)| append.lane.is_broken());
        for (_, answer) in out_of_turn {
            let _ = answer.send(Err(StoreError::Closing.into()));
        }
        let (batch, answers): (Vec<Append>, Vec<Answer>) = in_turn.into_iter().unzip();
        if batch.is_empty() {
            continue;
        }
        let verdicts = store(&db, &tail, &batch).await;
        for (answer, verdict) in answers.into_iter().zip(verdicts) {
            // Nobody waits any more: the caller's connection is gone, and it will ask again under the same name.
            let _ = answer.send(verdict);
        }
    }
}

async fn store(db: &Db, tail: &Tail, batch: &[Append]) -> Vec<Result<Appended, AppendError>> {
    match persist(db, tail, batch, 1).await {
        Ok(verdicts) => verdicts,
        // A database that is away has been waited for already.
        Err(error) if batch.len() == 1 || matches!(error, StoreError::Away(_)) => {
            batch.iter().map(|append| Err(give_up(append, error.clone()))).collect()
        }
        // One bad message must not fail its neighbours: try each by itself.
        Err(_) => {
            let mut verdicts = Vec::with_capacity(batch.len());
            for append in batch {
                verdicts.extend(store_alone(db, tail, append).await);
            }
            verdicts
        }
    }
}

async fn store_alone(db: &Db, tail: &Tail, append: &Append) -> Vec<Result<Appended, AppendError>> {
    if append.lane.is_broken() {
        return vec![Err(StoreError::Closing.into())];
    }
    match persist(db, tail, std::slice::from_ref(append), TRIES).await {
        Ok(stored) => stored,
        Err(error) => vec![Err(give_up(append, error))],
    }
}

/// A message that could not be stored holds up those behind it.
fn give_up(append: &Append, error: StoreError) -> AppendError {
    append.lane.note(&error);
    error.into()
}

/// Stores a batch. A database that goes away is waited for; whether the commit it was in the middle of came through is then
/// found out by the messages' names.
async fn persist(
    db: &Db,
    tail: &Tail,
    batch: &[Append],
    mut tries: u32,
) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
    let began = Instant::now();
    let mut is_unknown = false;
    loop {
        let error = match batch::store(db, batch).await {
            Ok(Stored { mut verdicts, events }) => {
                tail.add(events.into_iter().map(Arc::new).collect());
                if is_unknown {
                    // What the lost commit stored is as new to everybody else as what this one did.
                    verdicts.iter_mut().flatten().for_each(|appended| appended.is_duplicate = false);
                }
                return Ok(verdicts);
            }
            Err(error) => error,
        };
        let is_away = matches!(error, StoreError::Away(_));
        if is_away && began.elapsed() < PATIENCE {
            tracing::warn!(%error, "messages wait for the database");
            is_unknown = true;
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        tries -= 1;
        if is_away || tries == 0 {
            tracing::error!(%error, "messages could not be stored");
            return Err(error);
        }
    }
}
