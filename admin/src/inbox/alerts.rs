//! When a new message deserves a sound and a notification, and making them.

use leptos::prelude::*;
use protocol::event::{Event, EventBody};
use protocol::ids::ConversationId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::settings::preferences::Choices;
use crate::ui::sound;
use crate::words;

/// What the person can see at the moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    pub(crate) is_hidden: bool,
    pub(crate) reading: Option<ConversationId>,
}

impl Watch {
    pub(crate) fn sees(self, conversation: ConversationId) -> bool {
        !self.is_hidden && self.reading == Some(conversation)
    }

    pub(crate) fn misses(self, conversation: ConversationId) -> bool {
        !self.sees(conversation)
    }
}

/// Whether notifications may be shown; they are asked for only from the settings.
pub(crate) fn are_notifications_allowed() -> bool {
    // Absent on plain HTTP and in some embedded browsers.
    js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false)
        && Notification::permission() == NotificationPermission::Granted
}

/// Makes the sound and the notification a person chose.
pub(crate) fn raise(event: &Event, choices: Choices, show: Callback<ConversationId>) {
    if choices.sound {
        sound::play();
    }
    if choices.notifications && are_notifications_allowed() {
        notify(event, show);
    }
}

fn notify(event: &Event, show: Callback<ConversationId>) -> Option<()> {
    let EventBody::Message(message) = &event.body else { return None };
    let text: String = message.body.words().chars().take(160).collect();
    let options = NotificationOptions::new();
    options.set_body(&text);
    // One a conversation: a new one replaces the one before.
    options.set_tag(&event.conv.text());
    let name = event.actor.name.clone().unwrap_or_else(|| words::new_message().into());
    let notification = Notification::new_with_options(&name, &options).ok()?;
    let conversation = event.conv;
    let shown = notification.clone();
    let click = Closure::once_into_js(move || {
        window().focus().ok();
        shown.close();
        show.run(conversation);
    });
    notification.set_onclick(Some(click.unchecked_ref()));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_conversation_in_sight_is_quiet() {
        let (one, other) = (ConversationId([1; 16]), ConversationId([2; 16]));

        assert!(Watch { is_hidden: false, reading: Some(one) }.sees(one));
        assert!(Watch { is_hidden: false, reading: Some(one) }.misses(other));
        assert!(Watch { is_hidden: true, reading: Some(one) }.misses(one));
        assert!(Watch { is_hidden: false, reading: None }.misses(one));
    }
}
