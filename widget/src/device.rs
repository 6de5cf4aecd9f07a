//! What is kept on the visitor's device, in the frame's own storage: unsent messages, the last events, the draft.
//! Written only after the visitor acted, and not without consent. Storage that fails is done without.

use protocol::frame::{ClientFrame, Send};
use protocol::ids::Cmid;
use protocol::wire::{FromTree, Tree};
use web_sys::Storage;

use crate::browser::{Json, window};

/// The storage of one widget key.
#[derive(Clone, Default)]
pub(crate) struct Device {
    prefix: String,
    /// The page says that the visitor does not want anything kept.
    pub(crate) is_forbidden: bool,
}

impl Device {
    pub(crate) fn new(key: &str, is_forbidden: bool) -> Self {
        Self { prefix: ["roost:", key, ":"].concat(), is_forbidden }
    }

    pub(crate) fn recall(&self, name: &str) -> Option<String> {
        storage()?.get_item(&self.name(name)).ok()?
    }

    pub(crate) fn keep(&self, name: &str, value: &str) {
        if let Some(storage) = storage().filter(|_| !self.is_forbidden) {
            // A full or forbidden storage costs only what a reload would have restored.
            let _ = storage.set_item(&self.name(name), value);
        }
    }

    pub(crate) fn erase(&self, name: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.name(name));
        }
    }

    pub(crate) fn keep_unsent(&self, send: &Send, said_at_ms: u64) {
        let mut value = said_at_ms.to_string();
        value.push(' ');
        value.push_str(&ClientFrame::Send(send.clone()).to_text());
        self.keep(&unsent(send.cmid), &value);
    }

    pub(crate) fn erase_unsent(&self, cmid: Cmid) {
        self.erase(&unsent(cmid));
    }

    /// Messages of an earlier run, oldest first.
    pub(crate) fn unsent(&self) -> Vec<(Send, u64)> {
        let prefix = self.name(UNSENT);
        let mut out: Vec<(Send, u64)> = Vec::new();
        for name in self.names().iter().filter(|name| name.starts_with(&prefix)) {
            if let Some(kept) = read_unsent(name) {
                // Few enough to look for the place; a sorting algorithm costs kilobytes.
                let place = out.iter().position(|(_, at)| *at > kept.1).unwrap_or(out.len());
                out.insert(place, kept);
            }
        }
        out
    }

    /// Erases everything of this key.
    pub(crate) fn forget(&self) {
        for name in self.names() {
            if let Some(storage) = storage() {
                let _ = storage.remove_item(&name);
            }
        }
    }

    fn name(&self, name: &str) -> String {
        [self.prefix.as_str(), name].concat()
    }

    fn names(&self) -> Vec<String> {
        let Some(storage) = storage() else { return Vec::new() };
        let count = storage.length().unwrap_or_default();
        let all = (0..count).filter_map(|at| storage.key(at).ok().flatten());
        all.filter(|name| name.starts_with(&self.prefix)).collect()
    }
}

const UNSENT: &str = "out:";

fn unsent(cmid: Cmid) -> String {
    [UNSENT, cmid.text().as_str()].concat()
}

fn read_unsent(name: &str) -> Option<(Send, u64)> {
    let value = storage()?.get_item(name).ok()??;
    let (at, frame) = value.split_once(' ')?;
    Some((Send::from_tree(&Json::parse(frame)?)?, at.parse().ok()?))
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

/// Events as JSON text, as they came. Enough to read on without a network, and to resume instead of loading again.
const CACHED: &str = "events";
const CACHED_MESSAGES: usize = 30;
/// Receipts come between messages; together there are no more than this.
const CACHED_EVENTS: usize = 100;

/// The last events of the open conversation.
#[derive(Default)]
pub(crate) struct Cache {
    kept: Vec<Kept>,
}

struct Kept {
    is_message: bool,
    text: String,
}

impl Kept {
    fn new(item: &Json) -> Self {
        Self { is_message: item.text_of("kind") == "message", text: item.to_text() }
    }
}

impl Cache {
    pub(crate) fn restore(device: &Device) -> Option<(Self, Vec<Json>)> {
        let items = Json::parse(&device.recall(CACHED)?)?.items()?;
        Some((Self { kept: items.iter().map(Kept::new).collect() }, items))
    }

    pub(crate) fn replace(&mut self, items: &[Json]) {
        self.kept = items.iter().map(Kept::new).collect();
    }

    pub(crate) fn add(&mut self, item: &Json) {
        self.kept.push(Kept::new(item));
    }

    pub(crate) fn clear(&mut self, device: &Device) {
        self.kept.clear();
        device.erase(CACHED);
    }

    pub(crate) fn save(&mut self, device: &Device) {
        // Back to the thirtieth message from the end, receipts and all.
        let messages = self.kept.iter().rev().enumerate().filter(|(_, kept)| kept.is_message);
        let stay = messages.map(|(at, _)| at + 1).take(CACHED_MESSAGES).last().unwrap_or_default();
        self.kept.drain(..self.kept.len().saturating_sub(stay.min(CACHED_EVENTS)));
        let texts: Vec<&str> = self.kept.iter().map(|kept| kept.text.as_str()).collect();
        device.keep(CACHED, &["[", &texts.join(","), "]"].concat());
    }
}

/// A message said here, kept on the screen until its event comes back.
pub(crate) struct Said {
    pub(crate) cmid: Cmid,
    pub(crate) text: String,
    pub(crate) at_ms: f64,
}

impl Said {
    #[expect(clippy::cast_precision_loss)]
    pub(crate) fn new(send: &Send, said_at_ms: u64) -> Self {
        Self { cmid: send.cmid, text: send.body.words().to_owned(), at_ms: said_at_ms as f64 }
    }
}
