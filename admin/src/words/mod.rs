//! Every sentence a person reads, keyed by meaning, in English and German. No other module holds words for the screen.

mod admin;
mod identity;
mod inbox;
mod people;
mod programs;

use std::cell::Cell;

pub(crate) use admin::*;
pub(crate) use identity::*;
pub(crate) use inbox::*;
pub(crate) use people::*;
pub(crate) use programs::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    German,
}

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::English) };
}

/// Picks the language for the whole app from the browser's, like `de-AT`. English when we do not speak it.
pub(crate) fn choose(browser: &str) {
    let is_german = browser.to_ascii_lowercase().split('-').next() == Some("de");
    LANGUAGE.set(if is_german { Language::German } else { Language::English });
}

/// The language of the app, for the page and for the browser's own formatting.
pub(crate) fn locale() -> &'static str {
    match LANGUAGE.get() {
        Language::English => "en-GB",
        Language::German => "de",
    }
}

fn pick(english: &'static str, german: &'static str) -> &'static str {
    match LANGUAGE.get() {
        Language::English => english,
        Language::German => german,
    }
}

/// English and German agree on when a count is singular.
fn count(number: impl TryInto<i64>, one: &'static str, many: &'static str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Sentences without blanks.
macro_rules! words {
    ($($name:ident: $english:literal, $german:literal;)*) => {$(
        pub(crate) fn $name() -> &'static str {
            super::pick($english, $german)
        }
    )*};
}

/// Sentences with blanks, named as in the arguments.
macro_rules! phrases {
    ($($name:ident($($blank:ident),*): $english:literal, $german:literal;)*) => {$(
        pub(crate) fn $name($($blank: &str),*) -> String {
            match super::LANGUAGE.get() {
                super::Language::English => format!($english),
                super::Language::German => format!($german),
            }
        }
    )*};
}

use {phrases, words};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_is_spoken_to_german_browsers_and_english_to_all_others() {
        choose("de-AT");
        assert_eq!(sign_in(), "Anmelden");
        choose("fr");
        assert_eq!(sign_in(), "Sign in");
        choose("den");
        assert_eq!(locale(), "en-GB");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(minutes_ago(1), "1 minute ago");
        assert_eq!(minutes_ago(5), "5 minutes ago");
    }
}
