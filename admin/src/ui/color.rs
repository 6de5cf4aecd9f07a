//! Colours as numbers: reading `#rrggbb`, contrast as WCAG 2 counts it, and which text colour a background takes.

/// The contrast text needs.
pub(crate) const READABLE: f64 = 4.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

impl Color {
    pub(crate) const WHITE: Self = Self { red: 255, green: 255, blue: 255 };
    pub(crate) const BLACK: Self = Self { red: 0, green: 0, blue: 0 };

    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever reads better on this colour.
    pub(crate) fn text(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// This colour as text on a white surface, darkened step by step until it can be read.
    pub(crate) fn readable_on_white(self) -> Self {
        let mut color = self;
        for _ in 0..40 {
            if color.contrast(Self::WHITE) >= READABLE {
                break;
            }
            let darker = |part: u8| u8::try_from(u16::from(part) * 93 / 100).unwrap_or(part);
            color = Self { red: darker(color.red), green: darker(color.green), blue: darker(color.blue) };
        }
        color
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((Color::BLACK.contrast(Color::WHITE) - 21.0).abs() < 0.001);
        let teal = Color::parse("#0f766e").unwrap();
        assert!((teal.contrast(Color::WHITE) - 5.47).abs() < 0.02);
    }

    #[test]
    fn text_on_any_colour_can_be_read() {
        for color in ["#ffffff", "#000000", "#ffd600", "#0f766e", "#808080", "#ff0000", "#777777"] {
            let color = Color::parse(color).unwrap();
            assert!(color.text().contrast(color) >= READABLE, "{color:?}");
        }
    }

    #[test]
    fn a_colour_too_light_for_text_is_darkened_and_a_dark_one_stays() {
        let yellow = Color::parse("#ffd600").unwrap();
        let teal = Color::parse("#0f766e").unwrap();

        assert!(yellow.readable_on_white().contrast(Color::WHITE) >= READABLE);
        assert_eq!(teal.readable_on_white(), teal);
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        for text in ["", "0f766e", "#fff", "#0f766g", "#0f766e00", "#äöü"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
        assert_eq!(Color::parse("#0F766E").unwrap().hex(), "#0f766e");
    }
}
