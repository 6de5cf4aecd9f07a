//! Keeps the search index up to date, behind the write path.

use std::sync::Arc;
use std::time::Duration;

use protocol::event::EventBody;

use crate::app::App;
use crate::inbox::search::fold;
use crate::store::{SearchDocument, StoreError};

const PAGE: u32 = 500;

pub(super) fn start(app: &Arc<App>) {
    let task_app = Arc::clone(app);
    app.shutdown.spawn("search", async move {
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        loop {
            tokio::select! {
                () = task_app.shutdown.stopped() => return,
                _ = tick.tick() => {}
            }
            if let Err(error) = catch_up(&task_app).await {
                tracing::warn!(%error, "the search index could not be brought up to date; trying again");
            }
        }
    });
}

async fn catch_up(app: &App) -> Result<(), StoreError> {
    let store = &app.ports.store;
    for (division, indexed) in store.search_backlog().await? {
        let events = store.feed_after(division, indexed, PAGE).await?;
        let Some(last) = events.last() else { continue };
        let documents = events.iter().filter_map(|event| match &event.body {
            EventBody::Message(message) | EventBody::Note(message) => Some(SearchDocument {
                workspace: event.workspace,
                conversation: event.conversation,
                seq: event.seq,
                words: fold(message.body.words()),
            }),
            EventBody::Status(_) | EventBody::Assigned(_) | EventBody::Delivery(_) | EventBody::Unknown => {
                None
            }
        });
        store.index(division, documents.collect(), indexed, last.feed_seq).await?;
    }
    Ok(())
}
