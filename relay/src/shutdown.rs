//! Stopping in order: first no new work, then a deadline, then the end.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long open work may take after SIGTERM.
pub const GRACE: Duration = Duration::from_secs(25);

/// Stop signals and the tasks that must end before the process does. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// Resolves when no new work should be taken.
    pub async fn draining(&self) {
        self.soft.cancelled().await;
    }

    pub fn is_draining(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Resolves when the grace is over.
    pub async fn stopped(&self) {
        self.hard.cancelled().await;
    }

    pub fn drain(&self) {
        self.soft.cancel();
    }

    pub fn stop(&self) {
        self.hard.cancel();
    }

    /// Runs a task that [`Self::finished`] waits for. `name` is for the log and for debugging.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        // Not an `async` block: that would hold the task twice, and there is one for every socket.
        self.tasks.spawn(task.map(move |()| tracing::trace!(task = name, "a task ended")));
    }

    /// How many tasks are running.
    pub fn running(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until every task has ended.
    pub async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
