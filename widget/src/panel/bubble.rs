//! One row of the thread: a message or a quiet line, with its day before it and its progress under it.

use protocol::message::Side;
use protocol::text::{Line, Span, is_emoji_only, parse};
use web_sys::Element;

use super::header::avatar;
use crate::browser::listen;
use crate::screen::{add, element, flag, set, worded};
use crate::session::Session;
use crate::state::{Look, Row};

/// A row on the screen.
pub(super) struct Bubble {
    pub(super) key: [u8; 16],
    pub(super) element: Element,
    day: Element,
    under: Element,
    look: Look,
    /// The language it was made in.
    pub(super) locale: &'static str,
}

pub(super) fn build(session: Session, row: &Row) -> Option<Bubble> {
    let day = element("p", "day", &[])?;
    let bubble = element("div", "bubble", &[])?;
    set(&bubble, "data-large", &flag(is_emoji_only(&row.text)));
    set(&bubble, "title", &row.time);
    let face = element("span", "face", &[])?;
    set(&face, "aria-hidden", "true");
    if row.side == Side::Agent {
        add(&face, avatar(&row.author));
    }
    for line in parse(&row.text) {
        add(&bubble, line_element(&line));
    }
    let said = element("div", "said", &[face])?;
    if row.side != Side::System {
        // Outside the bubble, whose own first letter decides its direction.
        add(&said, worded("span", "unseen", &speaker(session, row)));
    }
    add(&said, Some(bubble));
    let state = element("span", "progress", &[])?;
    let by = worded("span", "by", &row.author)?;
    let under = element("p", "under", &[by, worded("time", "", &row.time)?, state.clone()])?;
    let whole = element("div", "row", &[day.clone(), said, under])?;
    set(&whole, "data-side", row.side.word());
    let mut out =
        Bubble { key: row.key, element: whole, day, under: state, look: Look::default(), locale: "" };
    out.locale = session.state.view_now(|view| view.words.locale);
    out.wear(session, &row.look);
    Some(out)
}

impl Bubble {
    /// Changes what differs; the row itself stays where it is.
    pub(super) fn wear(&mut self, session: Session, look: &Look) {
        if *look == self.look {
            return;
        }
        self.day.set_text_content(Some(&look.day));
        set(&self.element, "data-starts", &flag(look.starts_group));
        set(&self.element, "data-ends", &flag(look.ends_group));
        if look.progress != self.look.progress {
            self.say_progress(session, look);
        }
        self.look = look.clone();
    }

    fn say_progress(&self, session: Session, look: &Look) {
        self.under.set_text_content(Some(if look.has_failed { "" } else { look.progress }));
        if !look.has_failed {
            return;
        }
        if let Some(retry) = worded("button", "retry", look.progress) {
            let key = self.key;
            listen(&retry, "click", Box::new(move |_| session.retry(key)));
            add(&self.under, Some(retry));
        }
    }
}

/// Who speaks, for those who cannot see on which side a bubble stands.
fn speaker(session: Session, row: &Row) -> String {
    let you = session.state.view_now(|view| view.words.you);
    [if row.author.is_empty() { you } else { &row.author }, ": "].concat()
}

fn line_element(line: &Line) -> Option<Element> {
    let out = element("p", "line", &[])?;
    set(&out, "dir", "auto");
    set(&out, "data-bullet", &flag(line.is_bullet));
    for span in &line.spans {
        let (tag, words) = match span {
            Span::Plain(words) => ("span", words),
            Span::Bold(words) => ("strong", words),
            Span::Code(words) => ("code", words),
            Span::Link(words) => ("a", words),
        };
        let piece = worded(tag, "", words)?;
        if tag == "a" {
            set(&piece, "href", words);
            set(&piece, "target", "_blank");
            set(&piece, "rel", "noopener noreferrer nofollow");
        }
        add(&out, Some(piece));
    }
    Some(out)
}
