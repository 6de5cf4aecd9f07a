//! Events that did not come by the socket: snapshots and older pages, over HTTP; and the last ones from the device.

use protocol::client::Input;
use protocol::event::Event;
use protocol::frame::Position;
use protocol::ids::ConversationId;
use protocol::wire::{FromTree, Tree, member};
use web_sys::XmlHttpRequest;

use crate::browser::{Json, after, listen};
use crate::device::{Cache, Said};
use crate::session::Session;

const AGAIN_MS: i32 = 4_000;

/// Loads the newest page of a conversation, or the one before an event.
pub(crate) fn load(session: Session, conv: ConversationId, before: Option<u64>) {
    let token = session.with(|core| {
        let token = core.token.clone().filter(|_| !core.is_loading_history);
        core.is_loading_history |= token.is_some();
        token
    });
    let (Some(token), Ok(request)) = (token.flatten(), XmlHttpRequest::new()) else { return };
    let mut address = ["/api/widget/conversations/", &conv.text(), "/events?limit=50"].concat();
    if let Some(seq) = before {
        address.push_str("&before=");
        address.push_str(&seq.to_string());
    }
    session.state.change(|view| view.is_loading = true);
    let opened = request
        .open("GET", &address)
        .and_then(|()| request.set_request_header("Authorization", &["Bearer ", &token].concat()));
    let asked = request.clone();
    listen(
        &request,
        "loadend",
        Box::new(move |_| {
            session.with(|core| core.is_loading_history = false);
            session.state.change(|view| view.is_loading = false);
            let answer = asked.response_text().ok().flatten().filter(|_| asked.status() == Ok(200));
            let page = answer.and_then(|text| take(session, conv, before.is_some(), &text));
            session.state.change(|view| view.has_history_failed = page.is_none());
            if page.is_none() {
                after(AGAIN_MS, Box::new(move || load(session, conv, before)));
            }
        }),
    );
    if opened.is_ok() {
        let _ = request.send();
    }
}

/// Gives a page to the client. `None` when the answer has the wrong shape.
fn take(session: Session, conv: ConversationId, is_older: bool, text: &str) -> Option<()> {
    let page = Json::parse(text)?;
    let items = page.field("items")?;
    let events: Vec<Event> = FromTree::from_tree(&items)?;
    let has_older = member(&page, "has_older")?;
    if is_older {
        session.give(Input::Older { conv, events, has_older });
        return Some(());
    }
    let as_of: Position = member(&page, "as_of")?;
    session.with(|core| core.cache.replace(&items.items().unwrap_or_default()));
    session.give(Input::Snapshot { conv, epoch: as_of.epoch, events, seq: as_of.seq, has_older });
    session.keep_history();
    Some(())
}

/// The page before the oldest event here, if there is one.
pub(crate) fn load_older(session: Session) {
    let oldest = session.with(|core| {
        let timeline = core.client.timeline(core.conversation?)?;
        let first = timeline.events().first().filter(|_| timeline.has_older)?;
        Some((timeline.conv, first.seq))
    });
    if let Some((conv, seq)) = oldest.flatten() {
        load(session, conv, Some(seq));
    }
}

/// Brings back what an earlier run left on the device. `is_known`: the page still knows the visitor; events of somebody
/// it no longer knows are erased instead of shown.
pub(crate) fn restore(session: Session, is_known: bool) {
    let unsent = session.with(|core| {
        let unsent = core.device.unsent();
        core.has_acted = is_known || !unsent.is_empty();
        core.said = unsent.iter().map(|(send, at)| Said::new(send, *at)).collect();
        if !is_known {
            core.cache.clear(&core.device);
            core.device.erase("draft");
        }
        unsent
    });
    if is_known {
        restore_events(session);
        let kept = session.with(|core| (core.device.recall("draft"), core.device.recall("muted")));
        let (draft, muted) = kept.unwrap_or_default();
        session.state.change(|view| {
            // Somebody quick may have begun to write before this came back.
            if view.draft.is_empty() {
                view.draft = draft.unwrap_or_default();
            }
            view.is_muted = muted.is_some();
        });
    }
    session.give(Input::Restore { sends: unsent.unwrap_or_default() });
}

fn restore_events(session: Session) {
    let restored = session.with(|core| {
        let (cache, items) = Cache::restore(&core.device)?;
        let events: Vec<Event> = items.iter().map(Event::from_tree).collect::<Option<_>>()?;
        let last = events.last()?;
        let (conv, epoch, seq) = (last.conv, last.epoch.clone(), last.seq);
        let has_older = events.first().is_some_and(|event| event.prev > 0);
        core.cache = cache;
        core.conversation = Some(conv);
        Some(Input::Snapshot { conv, epoch, events, seq, has_older })
    });
    if let Some(snapshot) = restored.flatten() {
        session.give(snapshot);
    }
}
