//! The thread of a conversation: header, log and composer, and where the log is scrolled.

use leptos::html;
use leptos::prelude::*;
use protocol::event::{Reader, ReceiptState};
use protocol::ids::ConversationId;
use protocol::message::Side;

use super::bubble::ItemView;
use super::composer::Composer;
use super::header::Header;
use super::items::{self, Item, Source, Thread};
use super::state::{Inbox, Load};
use crate::ui::browser;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::placeholder::{Empty, Skeleton, Trouble};
use crate::ui::time;
use crate::words;

/// Nearer to the end than this counts as being there.
const AT_END_PX: i32 = 48;
/// Nearer to the start than this fetches the page before.
const NEAR_START_PX: i32 = 240;

#[component]
pub(super) fn ThreadPane() -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    move || match inbox.current.get() {
        None => view! {
            <section class="thread" data-state="none" aria-label=words::conversation()>
                <Empty icon=Icon::Inbox title=words::choose_conversation() text=words::choose_hint() />
            </section>
        }
        .into_any(),
        Some(id) => view! {
            <section class="thread" aria-label=words::conversation()>
                <Header id=id />
                {move || match inbox.thread_load.get() {
                    Load::Loading => view! { <Skeleton rows=5 shape="bubble" /> }.into_any(),
                    Load::Failed(why) => {
                        let retry = move |()| inbox.reload_thread();
                        view! { <Trouble title=words::thread_failed() text=why retry=retry /> }.into_any()
                    }
                    Load::Ready => view! { <Log id=id /> }.into_any(),
                }}
                <Composer conversation=id />
            </section>
        }
        .into_any(),
    }
}

fn read_thread(inbox: Inbox, id: ConversationId) -> Thread {
    inbox.live.revision.track();
    let pending: Vec<_> =
        inbox.live.outbox.with(|items| items.iter().filter(|p| p.send.conv == Some(id)).cloned().collect());
    let me = inbox.me();
    let contact = inbox.open.with(|open| {
        open.as_ref().filter(|open| open.row.id == id).map(|open| open.row.contact.name.clone())
    });
    let thread = inbox.live.with_client(|client| {
        let timeline = client.timeline(id)?;
        let source = Source {
            events: timeline.events(),
            pending: &pending,
            me,
            contact: contact.as_deref().unwrap_or_default(),
            delivered: timeline.receipt(Reader::Contact, ReceiptState::Delivered),
            read: timeline.receipt(Reader::Contact, ReceiptState::Read),
        };
        Some(items::build(&source, time::local_day))
    });
    thread.flatten().unwrap_or_default()
}

/// Where the log is scrolled, and what follows from it.
#[derive(Clone, Copy)]
struct Scroll {
    inbox: Inbox,
    id: ConversationId,
    log: NodeRef<html::Div>,
    is_at_end: RwSignal<bool>,
    is_loading_older: RwSignal<bool>,
    /// The height before an older page came, to keep what is being read in place.
    height_before: StoredValue<Option<i32>>,
    behind: RwSignal<usize>,
}

impl Scroll {
    fn moved(self) {
        let Some(log) = self.log.get_untracked() else { return };
        let is_at_end = log.scroll_height() - log.scroll_top() - log.client_height() < AT_END_PX;
        if self.is_at_end.get_untracked() != is_at_end {
            self.is_at_end.set(is_at_end);
        }
        if is_at_end {
            self.behind.set(0);
        }
        if log.scroll_top() < NEAR_START_PX {
            self.load_older();
        }
    }

    fn to_end(self) {
        if let Some(log) = self.log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
    }

    fn load_older(self) {
        let first = self.inbox.live.with_client(|client| {
            client
                .timeline(self.id)
                .filter(|timeline| timeline.has_older)
                .and_then(|t| t.events().first().map(|e| e.seq))
        });
        let (Some(Some(before)), false) = (first, self.is_loading_older.get_untracked()) else { return };
        self.is_loading_older.set(true);
        self.height_before.set_value(self.log.get_untracked().map(|log| log.scroll_height()));
        let done = Callback::new(move |()| {
            self.is_loading_older.try_set(false);
        });
        self.inbox.load_older(self.id, before, done);
    }

    /// After the log was drawn anew.
    fn drawn(self, must_follow: bool) {
        let Some(log) = self.log.get_untracked() else { return };
        if let Some(before) = self.height_before.get_value() {
            let grown = log.scroll_height() - before;
            if grown > 0 {
                log.set_scroll_top(log.scroll_top() + grown);
                self.height_before.set_value(None);
            }
        } else if must_follow {
            self.to_end();
        }
    }
}

/// Somebody's last word in the log, to tell what is new and whose it is.
fn last_said(thread: &Thread) -> Option<(protocol::ids::Cmid, bool, Side)> {
    thread.items.iter().rev().find_map(|item| match item {
        Item::Say(bubble) => Some((bubble.cmid, bubble.is_mine, bubble.side)),
        Item::Day { .. } | Item::Line { .. } => None,
    })
}

#[component]
fn Log(id: ConversationId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let scroll = Scroll {
        inbox,
        id,
        log: NodeRef::new(),
        is_at_end: RwSignal::new(true),
        is_loading_older: RwSignal::new(false),
        height_before: StoredValue::new(None),
        behind: RwSignal::new(0),
    };
    let thread = Memo::new(move |_| read_thread(inbox, id));
    let states = Memo::new(move |_| thread.with(|thread| thread.states.clone()));
    follow(scroll, thread);
    tell_read(scroll);
    let is_empty = move || thread.with(|thread| thread.items.is_empty());
    view! {
        <div class="log-frame">
            <div class="log" role="log" aria-live="off" aria-label=words::messages() tabindex="0" node_ref=scroll.log on:scroll=move |_| scroll.moved()>
                <div class="log-column">
                    <Show when=move || scroll.is_loading_older.get()>
                        <p class="log-older">{words::loading()}</p>
                    </Show>
                    <Show when=is_empty>
                        <Empty icon=Icon::Campaigns title=words::no_messages_yet() text=words::no_messages_hint() />
                    </Show>
                    <For
                        each=move || thread.with(|thread| thread.items.clone())
                        key=Item::key
                        children=move |item| view! { <ItemView item=item states=states /> }
                    />
                    <TypingLine id=id />
                </div>
            </div>
            <Show when=move || !scroll.is_at_end.get()>
                <button type="button" class="pill" data-place="bottom" on:click=move |_| scroll.to_end()>
                    <Glyph icon=Icon::ArrowDown />
                    {move || match scroll.behind.get() {
                        0 => words::jump_to_latest().to_owned(),
                        count => words::count_new(count),
                    }}
                </button>
            </Show>
        </div>
    }
}

/// Keeps the end in sight while it is in sight, and what is being read in place otherwise.
fn follow(scroll: Scroll, thread: Memo<Thread>) {
    Effect::new(move |before: Option<Option<protocol::ids::Cmid>>| {
        let last = thread.with(last_said);
        scroll.log.track();
        let is_new = before.is_some_and(|before| before != last.map(|(cmid, ..)| cmid));
        let is_mine = last.is_some_and(|(_, is_mine, _)| is_mine);
        let must_follow = scroll.is_at_end.get_untracked() || (is_new && is_mine);
        if is_new && !must_follow {
            scroll.behind.update(|behind| *behind += 1);
        }
        request_animation_frame(move || scroll.drawn(must_follow));
        last.map(|(cmid, ..)| cmid)
    });
}

/// Tells what was read while the end of the thread is in sight of somebody.
fn tell_read(scroll: Scroll) {
    let inbox = scroll.inbox;
    let is_visible = RwSignal::new(!browser::is_hidden());
    let handle =
        window_event_listener_untyped("visibilitychange", move |_| is_visible.set(!browser::is_hidden()));
    on_cleanup(move || handle.remove());
    Effect::new(move |_| {
        inbox.live.revision.track();
        inbox.live.link.track();
        inbox.open.track();
        if scroll.is_at_end.get() && is_visible.get() {
            let seq = inbox
                .live
                .with_client(|client| client.timeline(scroll.id).map(protocol::client::Timeline::seq));
            if let Some(Some(seq)) = seq {
                inbox.mark_read(scroll.id, seq);
            }
        }
    });
}

/// Three quiet dots while the other side writes, with the name in words.
#[component]
fn TypingLine(id: ConversationId) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    let name =
        Memo::new(move |_| inbox.live.typing.with(|typing| typing.get(&id).map(|(name, _)| name.clone())));
    view! {
        <div class="typing" data-state=move || name.get().is_some().then_some("on")>
            {move || name.get().map(|name| view! {
                <span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
                <span>{words::is_typing(&name)}</span>
            })}
        </div>
    }
}
