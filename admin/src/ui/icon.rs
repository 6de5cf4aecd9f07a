//! The icon set as inline elements, read from the drawings in `static/icons`, one path each.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident = $file:literal),* $(,)?) => {
        /// A drawing of the set.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Icon { $($name),* }

        impl Icon {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),*];

            fn drawing(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../static/icons/", $file, ".svg"))),* }
            }
        }
    };
}

icons! {
    Alert = "alert",
    ArrowDown = "arrow-down",
    Bird = "bird",
    Campaigns = "campaigns",
    Check = "check",
    Checks = "checks",
    ChevronDown = "chevron-down",
    ChevronLeft = "chevron-left",
    ChevronRight = "chevron-right",
    Clock = "clock",
    Close = "close",
    Copy = "copy",
    Globe = "globe",
    Inbox = "inbox",
    Key = "key",
    Keyboard = "keyboard",
    Link = "link",
    Lock = "lock",
    Moon = "moon",
    Offline = "offline",
    Panel = "panel",
    People = "people",
    Person = "person",
    Plus = "plus",
    Refresh = "refresh",
    Reopen = "reopen",
    Search = "search",
    Send = "send",
    SignOut = "sign-out",
    Smile = "smile",
    Trash = "trash",
}

impl Icon {
    fn path(self) -> &'static str {
        self.drawing()
            .split_once(" d=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("", |(path, _)| path)
    }
}

/// An icon for the eye only: the control around it carries the name.
#[component]
pub(crate) fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg
            class="glyph"
            viewBox="0 0 20 20"
            width="20"
            height="20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            focusable="false"
        >
            <path d=icon.path() />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawing_is_one_path_on_the_same_grid() {
        for icon in Icon::ALL {
            assert!(icon.path().starts_with('M'), "{icon:?}");
            assert_eq!(icon.drawing().matches("<path").count(), 1, "{icon:?}");
            assert!(icon.drawing().contains("viewBox=\"0 0 20 20\""), "{icon:?}");
        }
    }
}
