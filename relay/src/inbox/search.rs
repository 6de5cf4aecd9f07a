//! Text as the search index knows it, the same on every store.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds text for the index: compatibility forms, no case, no accents, and pairs of characters where words have no spaces.
pub fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut out = String::with_capacity(plain.len());
    let mut previous: Option<char> = None;
    for c in plain.chars() {
        if is_unspaced(c) {
            if let Some(before) = previous {
                out.push(' ');
                out.push(before);
                out.push(c);
                out.push(' ');
            }
            previous = Some(c);
        } else {
            if previous.is_some() {
                out.push(' ');
            }
            previous = None;
            out.push(if c.is_alphanumeric() { c } else { ' ' });
        }
    }
    out
}

/// What is looked for: folded words, letters and digits only, so that nothing in them is syntax anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Each must occur.
    pub whole: Vec<String>,
    /// So must a word that begins like this: the last one typed may be unfinished.
    pub beginning: String,
}

/// What a person typed as a query; `None` when no word is left.
pub fn query(typed: &str) -> Option<Query> {
    let folded = fold(typed);
    let mut whole: Vec<String> = folded.split_whitespace().take(16).map(str::to_owned).collect();
    let beginning = whole.pop()?;
    Some(Query { whole, beginning })
}

const fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x2FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_width_do_not_matter() {
        assert_eq!(fold("Crème BRÛLÉE ＡＢＣ"), "creme brulee abc");
    }

    #[test]
    fn scripts_without_spaces_are_found_by_pairs() {
        assert_eq!(query("東京都").unwrap(), Query { whole: vec!["東京".into()], beginning: "京都".into() });
    }

    #[test]
    fn nothing_typed_is_syntax() {
        assert_eq!(
            query("a\" OR b*").unwrap(),
            Query { whole: vec!["a".into(), "or".into()], beginning: "b".into() }
        );
        assert_eq!(query(" \"-* "), None);
    }
}
