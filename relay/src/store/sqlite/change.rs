//! Everything that moves a conversation other than a message.

use super::{WriteTx, events, number, signed, standing, sure};
use crate::store::{Change, Changed, Mark, StoreError};

type Step<T> = rusqlite::Result<Result<T, StoreError>>;

/// Moves a reader's mark forward, and tells the other side.
pub(super) fn mark(tx: &mut WriteTx<'_>, mark: &Mark) -> Step<Option<Changed>> {
    let Some(mut found) = standing::find(tx, mark.workspace, mark.conversation)? else { return sure(None) };
    let Some(marked) = found.mark(mark) else { return sure(None) };
    if let Some((side, after)) = marked.recount {
        let mut select = tx.connection.prepare_cached(
            "select count(*) from event where conversation_id = ?1 and seq > ?2 and kind = 'message' and side = ?3",
        )?;
        let unread: i64 =
            select.query_row((found.conversation.0, signed(after), side.word()), |row| row.get(0))?;
        found.set_unread(mark.reader, number(unread));
    }
    let feed_seq = events::add(tx, vec![marked.event])?;
    standing::store(tx, &found)?;
    sure(Some(found.changed(feed_seq)))
}

/// Changes status or assignment.
pub(super) fn run(tx: &mut WriteTx<'_>, change: &Change) -> Step<Option<Changed>> {
    let Some(mut found) = standing::find(tx, change.workspace, change.conversation)? else {
        return sure(None);
    };
    let mut has_another_open = false;
    if found.would_reopen(change) {
        let mut select = tx.connection.prepare_cached(
            "select 1 from conversation a join conversation b on b.campaign_id = a.campaign_id and b.contact_id = a.contact_id
             where a.id = ?1 and b.id <> ?1 and b.status <> 'resolved'",
        )?;
        has_another_open = select.exists([found.conversation.0])?;
    }
    let events = found.change(change, has_another_open);
    if events.is_empty() {
        return sure(None);
    }
    let feed_seq = events::add(tx, events)?;
    standing::store(tx, &found)?;
    sure(Some(found.changed(feed_seq)))
}
