//! Keeps the search index up to date, behind the write path.

use std::sync::Arc;
use std::time::Duration;

use protocol::event::EventBody;
use tokio::time::Instant;

use crate::app::App;
use crate::inbox::search::fold;
use crate::store::{SearchDocument, Store, StoreError};

const PAGE: u32 = 500;
/// How often there is a look whether something was said.
const TICK: Duration = Duration::from_millis(500);
/// How many times as long as a page took there is a rest after it, while there is more to do: messages go before the index.
const REST: u32 = 7;

pub(super) fn start(app: &Arc<App>) {
    let task_app = Arc::clone(app);
    app.shutdown.spawn("search", async move {
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                () = task_app.shutdown.stopped() => return,
                () = tokio::time::sleep(wait) => {}
            }
            let began = Instant::now();
            wait = match index_more(task_app.ports.store.as_ref(), PAGE).await {
                Ok(true) => TICK.min(began.elapsed() * REST),
                Ok(false) => TICK,
                Err(error) => {
                    tracing::warn!(%error, "the search index could not be brought up to date; trying again");
                    TICK
                }
            };
        }
    });
}

/// Brings the index forward by at most a page of events in every division; gives whether there may be more.
pub(crate) async fn index_more(store: &dyn Store, page: u32) -> Result<bool, StoreError> {
    let mut has_more = false;
    for (division, indexed) in store.search_backlog().await? {
        let events = store.feed_after(division, indexed, page).await?;
        let Some(last) = events.last() else { continue };
        has_more |= events.len() >= page as usize;
        let documents = events.iter().filter_map(|event| match &event.body {
            EventBody::Message(message) | EventBody::Note(message) => Some(SearchDocument {
                workspace: event.workspace,
                conversation: event.conversation,
                feed_seq: event.feed_seq,
                words: fold(message.body.words()),
            }),
            EventBody::Status(_) | EventBody::Assigned(_) | EventBody::Delivery(_) | EventBody::Unknown => {
                None
            }
        });
        store.index(division, documents.collect(), indexed, last.feed_seq).await?;
    }
    Ok(has_more)
}
