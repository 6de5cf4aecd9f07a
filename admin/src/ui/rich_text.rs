//! Message text as elements. There is no way from a message to markup: the tree has only words and addresses.

use leptos::prelude::*;
use protocol::text::{self, Line, Span};

fn span_view(span: Span) -> AnyView {
    match span {
        Span::Plain(words) => words.into_any(),
        Span::Bold(words) => view! { <strong>{words}</strong> }.into_any(),
        Span::Code(words) => view! { <code>{words}</code> }.into_any(),
        Span::Link(address) => {
            let href = address.clone();
            view! {
                <a href=href target="_blank" rel="noopener noreferrer nofollow external">
                    {address}
                </a>
            }
            .into_any()
        }
    }
}

fn line_view(line: Line) -> impl IntoView {
    let spans = line.spans.into_iter().map(span_view).collect_view();
    view! {
        <span class="rich-line" data-bullet=line.is_bullet.then_some("true")>
            {spans}
        </span>
    }
}

#[component]
pub(crate) fn RichText(text: String) -> impl IntoView {
    let is_large = text::is_emoji_only(&text);
    view! {
        <div class="rich-text" data-large=is_large.then_some("true") dir="auto">
            {text::parse(&text).into_iter().map(line_view).collect_view()}
        </div>
    }
}
