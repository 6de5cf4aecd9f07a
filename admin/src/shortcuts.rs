//! Which key means what. Rules only; the shell listens and the screens act.

use crate::inbox::roster::Step;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Go(Step),
    Reply,
    Note,
    Resolve,
    Assign,
    Search,
    Back,
    Help,
    Palette,
    Inbox,
    Campaigns,
    People,
    Settings,
}

/// A key press as far as shortcuts care.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Press<'a> {
    pub(crate) key: &'a str,
    /// Alt, Ctrl or Meta is down: the key belongs to the browser or to typing a letter.
    pub(crate) is_modified: bool,
    /// Ctrl or Cmd is down, and neither Alt nor Shift.
    pub(crate) is_command: bool,
    /// A field, a menu or a dialog has the focus.
    pub(crate) is_taken: bool,
}

/// Remembers the first key of a pair like `g i`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keys {
    is_after_g: bool,
}

impl Keys {
    pub(crate) fn press(&mut self, press: Press<'_>) -> Option<Command> {
        if press.is_modified || press.is_taken {
            self.is_after_g = false;
            let opens_palette = press.is_command && press.key.eq_ignore_ascii_case("k");
            return opens_palette.then_some(Command::Palette);
        }
        if std::mem::take(&mut self.is_after_g) {
            return match press.key {
                "i" => Some(Command::Inbox),
                "c" => Some(Command::Campaigns),
                "p" => Some(Command::People),
                "s" => Some(Command::Settings),
                _ => None,
            };
        }
        match press.key {
            "g" => {
                self.is_after_g = true;
                None
            }
            "j" => Some(Command::Go(Step::Next)),
            "k" => Some(Command::Go(Step::Previous)),
            "r" => Some(Command::Reply),
            "n" => Some(Command::Note),
            "e" => Some(Command::Resolve),
            "a" => Some(Command::Assign),
            "/" => Some(Command::Search),
            "u" => Some(Command::Back),
            "?" => Some(Command::Help),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(key: &str) -> Press<'_> {
        Press { key, is_modified: false, is_command: false, is_taken: false }
    }

    #[test]
    fn letters_mean_commands_only_outside_fields_and_without_modifiers() {
        let mut keys = Keys::default();

        assert_eq!(keys.press(plain("j")), Some(Command::Go(Step::Next)));
        assert_eq!(keys.press(Press { is_taken: true, ..plain("j") }), None);
        assert_eq!(keys.press(Press { is_modified: true, ..plain("r") }), None);
    }

    #[test]
    fn the_palette_opens_from_anywhere() {
        let mut keys = Keys::default();
        let command = Press { is_modified: true, is_command: true, ..plain("k") };

        assert_eq!(keys.press(command), Some(Command::Palette));
        assert_eq!(keys.press(Press { is_taken: true, key: "K", ..command }), Some(Command::Palette));
        assert_eq!(keys.press(Press { is_command: false, ..command }), None);
        assert_eq!(keys.press(Press { key: "j", ..command }), None);
    }

    #[test]
    fn g_waits_for_one_more_key() {
        let mut keys = Keys::default();

        assert_eq!(keys.press(plain("g")), None);
        assert_eq!(keys.press(plain("c")), Some(Command::Campaigns));
        assert_eq!(keys.press(plain("c")), None);

        keys.press(plain("g"));
        assert_eq!(keys.press(plain("j")), None);
        assert_eq!(keys.press(plain("j")), Some(Command::Go(Step::Next)));
    }
}
