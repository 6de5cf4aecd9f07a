//! Message text as a small tree. Screens build elements from it; there is no HTML anywhere.
//!
//! Understood: line breaks, `**bold**`, `` `code` ``, lines starting with `- `, and addresses starting with `http://`,
//! `https://` or `mailto:`. Everything else is plain text, so no input can be wrong.

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    Plain(String),
    Bold(String),
    Code(String),
    /// An address with one of the schemes above. The text shown is the address itself, so a link cannot lie.
    Link(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub is_bullet: bool,
    pub spans: Vec<Span>,
}

/// Reads message text.
pub fn parse(text: &str) -> Vec<Line> {
    text.split('\n')
        .map(|line| match line.strip_prefix("- ") {
            Some(rest) => Line { is_bullet: true, spans: spans(rest) },
            None => Line { is_bullet: false, spans: spans(line) },
        })
        .collect()
}

/// Whether the text is one to three emoji and nothing else, to be shown large.
pub fn is_emoji_only(text: &str) -> bool {
    let mut pictures = 0;
    for c in text.trim().chars() {
        match c as u32 {
            0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B50 | 0x2B55 => pictures += 1,
            // Joiners, variation selectors and skin tones belong to the picture before them.
            0x200D | 0xFE0F | 0x20E3 => {}
            _ => return false,
        }
    }
    (1..=6).contains(&pictures)
}

fn spans(line: &str) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut rest = line;
    let mut at_word_start = true;
    while !rest.is_empty() {
        let special = marked(rest, "**").map(|(inner, after)| (Span::Bold(inner), after));
        let special = special.or_else(|| marked(rest, "`").map(|(inner, after)| (Span::Code(inner), after)));
        let special = special.or_else(|| if at_word_start { link(rest) } else { None });
        if let Some((span, after)) = special {
            out.push(span);
            rest = after;
            at_word_start = false;
            continue;
        }
        let mut chars = rest.chars();
        let Some(c) = chars.next() else { break };
        // ASCII only: other scripts write addresses right after a word, and tables of all letters weigh on the widget.
        at_word_start = !c.is_ascii_alphanumeric();
        match out.last_mut() {
            Some(Span::Plain(plain)) => plain.push(c),
            _ => out.push(Span::Plain(c.to_string())),
        }
        rest = chars.as_str();
    }
    out
}

fn marked<'a>(text: &'a str, mark: &str) -> Option<(String, &'a str)> {
    let inner = text.strip_prefix(mark)?;
    // Bytes, not `find`: marks are ASCII, and the general search of strings is larger than this whole file.
    let end =
        inner.as_bytes().windows(mark.len()).position(|w| w == mark.as_bytes()).filter(|end| *end > 0)?;
    let (content, after) = (inner.get(..end)?, inner.get(end + mark.len()..)?);
    (!content.starts_with(' ') && !content.ends_with(' ')).then(|| (content.to_owned(), after))
}

fn link(text: &str) -> Option<(Span, &str)> {
    let scheme = ["https://", "http://", "mailto:"]
        .into_iter()
        .find(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)))?;
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).unwrap_or(text.len());
    let address = text.get(..end)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '*']);
    // Characters that reorder or hide text could make an address look like another one.
    let hides = |c: char| {
        matches!(c as u32, 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF) || c.is_control()
    };
    if address.len() <= scheme.len() || address.chars().any(hides) {
        return None;
    }
    Some((Span::Link(address.to_owned()), text.get(address.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_line(text: &str) -> Vec<Span> {
        parse(text).remove(0).spans
    }

    #[test]
    fn an_address_becomes_a_link_without_the_punctuation_after_it() {
        let spans = one_line("see https://example.com/a?b=c, or (http://x.org).");

        assert!(spans.contains(&Span::Link("https://example.com/a?b=c".into())));
        assert!(spans.contains(&Span::Link("http://x.org".into())));
    }

    #[test]
    fn script_addresses_and_markup_stay_plain_text() {
        for text in [
            "javascript:alert(1)",
            "<img src=x onerror=alert(1)>",
            "data:text/html,x",
            "xhttps://a.b",
            "https://",
        ] {
            assert_eq!(one_line(text), vec![Span::Plain(text.into())], "{text}");
        }
    }

    #[test]
    fn an_address_that_hides_characters_is_not_a_link() {
        assert!(one_line("https://good.example/\u{202e}gpj.exe").iter().all(|s| !matches!(s, Span::Link(_))));
    }

    #[test]
    fn marks_need_both_ends() {
        assert_eq!(
            one_line("**a** `b`"),
            vec![Span::Bold("a".into()), Span::Plain(" ".into()), Span::Code("b".into())]
        );
        assert_eq!(one_line("2 ** 3 `x"), vec![Span::Plain("2 ** 3 `x".into())]);
    }

    #[test]
    fn no_text_is_lost() {
        let text = "a **b** `c` https://d.e/f. - g\n- h\n\n";
        let back: Vec<String> = parse(text)
            .into_iter()
            .map(|line| {
                let words: String = line
                    .spans
                    .into_iter()
                    .map(|s| match s {
                        Span::Plain(t) | Span::Link(t) => t,
                        Span::Bold(t) => format!("**{t}**"),
                        Span::Code(t) => format!("`{t}`"),
                    })
                    .collect();
                if line.is_bullet { format!("- {words}") } else { words }
            })
            .collect();
        assert_eq!(back.join("\n"), text);
    }
}
