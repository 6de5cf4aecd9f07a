//! What the panel says, per language. Keys name the meaning.

mod de;
mod en;

use js_sys::{Array, Object};

/// Everything the panel says in one language.
#[derive(Debug)]
pub(crate) struct Words {
    /// For the browser: how dates are written.
    pub(crate) locale: &'static str,
    pub(crate) team: &'static str,
    pub(crate) welcome: &'static str,
    pub(crate) is_here: &'static str,
    pub(crate) is_away: &'static str,
    pub(crate) close: &'static str,
    pub(crate) mute: &'static str,
    pub(crate) unmute: &'static str,
    pub(crate) thread: &'static str,
    pub(crate) placeholder: &'static str,
    pub(crate) send: &'static str,
    pub(crate) emoji: &'static str,
    pub(crate) sending: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) read: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) reconnecting: &'static str,
    pub(crate) gave_up: &'static str,
    pub(crate) history_failed: &'static str,
    pub(crate) today: &'static str,
    pub(crate) yesterday: &'static str,
    /// After the name of whoever types.
    pub(crate) is_typing: &'static str,
    /// Before what the visitor said themselves, for screen readers.
    pub(crate) you: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) too_long: &'static str,
    /// After the number of characters that still fit.
    pub(crate) characters_left: &'static str,
    pub(crate) latest: &'static str,
    pub(crate) new_message_one: &'static str,
    pub(crate) new_message_other: &'static str,
    /// Names of the pictures in [`EMOJI`], in the same order.
    pub(crate) emoji_names: &'static str,
}

/// The pictures offered. One word of `emoji_names` belongs to each.
pub(crate) const EMOJI: &str = "😀 😂 😊 😍 😉 😎 🤔 😕 😢 😭 😡 😱 😴 🙄 🤗 👍 👎 👏 🙏 👋 💪 👌 🤝 ❤️ 💔 🎉 🎁 🔥 ⭐ ✅ ❌ ❓ 📦 🚚 💳 🕐";

/// The words for a language tag such as `de-AT`. English where we have none.
pub(crate) fn words(language: &str) -> &'static Words {
    match language.get(..2) {
        Some("de") => &de::WORDS,
        _ => &en::WORDS,
    }
}

impl Words {
    /// "3 new messages".
    pub(crate) fn new_messages(&self, count: u32) -> String {
        let rules = js_sys::Intl::PluralRules::new(&Array::of1(&self.locale.into()), &Object::new());
        let noun = if rules.select(f64::from(count)) == "one" {
            self.new_message_one
        } else {
            self.new_message_other
        };
        [count.to_string().as_str(), " ", noun].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_a_name_in_every_language() {
        let pictures = EMOJI.split(' ').count();
        for words in [&en::WORDS, &de::WORDS] {
            assert_eq!(words.emoji_names.split(' ').count(), pictures, "{}", words.locale);
        }
    }

    #[test]
    fn a_language_is_found_by_its_first_two_letters() {
        for (tag, locale) in
            [("de", "de"), ("de-AT", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en"), ("é", "en")]
        {
            assert_eq!(words(tag).locale, locale, "{tag}");
        }
    }
}
