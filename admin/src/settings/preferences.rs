//! What a person chose for this browser. Kept on the device, never sent.

use leptos::prelude::*;
use protocol::api::Theme;
use serde::{Deserialize, Serialize};

use crate::ui::browser;

const KEY: &str = "roost.preferences";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SendKey {
    Enter,
    /// Ctrl+Enter, or Cmd+Enter on a Mac.
    ControlEnter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Choices {
    pub(crate) theme: Theme,
    pub(crate) send_key: SendKey,
    pub(crate) sound: bool,
    pub(crate) notifications: bool,
    pub(crate) details_shown: bool,
    pub(crate) list_width: u32,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            theme: Theme::Auto,
            send_key: SendKey::Enter,
            sound: true,
            notifications: false,
            details_shown: true,
            list_width: 352,
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    pub(crate) choices: RwSignal<Choices>,
}

impl Preferences {
    /// Reads them and keeps the page's look in step from now on.
    pub(crate) fn start() -> Self {
        let choices = RwSignal::new(browser::find_kept::<Choices>(KEY).unwrap_or_default());
        Effect::new(move |_| {
            let choices = choices.get();
            browser::keep(KEY, &choices);
            paint(choices.theme);
        });
        Self { choices }
    }

    pub(crate) fn change(self, change: impl FnOnce(&mut Choices)) {
        self.choices.update(change);
    }
}

fn paint(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    match theme {
        Theme::Auto => root.remove_attribute("data-theme").ok(),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.word()).ok(),
    };
}
