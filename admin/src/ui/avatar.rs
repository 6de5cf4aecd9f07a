//! A person's initials on a tint that stays theirs.

use leptos::prelude::*;

const TINTS: u32 = 8;

/// The first letters of the first and the last word.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "?".into() } else { letters }
}

/// Which tint a name has: FNV-1a, so that it is the same on every screen and after every reload.
pub(crate) fn tint(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % TINTS
}

/// Decoration: the name stands beside it wherever it is used.
#[component]
pub(crate) fn Avatar(
    #[prop(into)] name: Signal<String>,
    /// `small`, `medium` or `large`.
    #[prop(default = "medium")]
    size: &'static str,
    /// A dot for "is here"; none when presence means nothing.
    #[prop(optional, into)]
    presence: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <span
            class="avatar"
            data-size=size
            data-tint=move || name.with(|name| tint(name)).to_string()
            data-presence=move || presence.get()
            aria-hidden="true"
        >
            {move || name.with(|name| initials(name))}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Visitor 4f2a", "V4"),
            ("Jean-Luc van Berg", "JB"),
            ("", "?"),
            ("(é)", "É"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_keeps_its_tint() {
        assert_eq!(tint("Ada"), tint("Ada"));
        assert!(["Ada", "Bo", "Cy", "Di"].iter().any(|name| tint(name) != tint("Ada")));
    }
}
