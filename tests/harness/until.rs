//! Waiting on conditions, never on time alone: every wait has a deadline and says what it waited for.

use std::time::Duration;

/// Longer than anything takes on a busy machine; reached only when something is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The future's value, or a panic that says what did not happen.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    within_time(what, PATIENCE, future).await
}

pub async fn within_time<T>(what: &str, patience: Duration, future: impl Future<Output = T>) -> T {
    let Ok(value) = tokio::time::timeout(patience, future).await else {
        panic!("{what}: did not happen within {patience:?}")
    };
    value
}

/// Asks again and again until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl FnMut() -> F) -> T {
    until_within(what, PATIENCE, ask).await
}

pub async fn until_within<T, F: Future<Output = Option<T>>>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> F,
) -> T {
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    within_time(what, patience, async {
        loop {
            tick.tick().await;
            if let Some(value) = ask().await {
                return value;
            }
        }
    })
    .await
}
