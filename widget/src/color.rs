//! Colours of a campaign made readable. Plain arithmetic, no browser.

/// Red, green and blue, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) [u8; 3]);

const WHITE: Color = Color([255; 3]);
const BLACK: Color = Color([0; 3]);
/// The smallest contrast at which text may be read, WCAG 2.2 AA.
const READABLE: f32 = 4.5;

impl Color {
    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    pub(crate) fn text(self) -> String {
        let mut out = String::from("#");
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        out
    }

    fn luminance(self) -> f32 {
        let weights = [0.2126, 0.7152, 0.0722];
        self.0.iter().zip(weights).map(|(part, weight)| weight * linear(*part)).sum()
    }

    pub(crate) fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// Black or white, whichever can be read better on this colour.
    pub(crate) fn ink(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// The same hue, moved away from `surface` until text in it can be read there.
    pub(crate) fn readable_on(self, surface: Self) -> Self {
        let target = surface.ink();
        let mut color = self;
        for step in 1..=16 {
            if color.contrast(surface) >= READABLE {
                break;
            }
            color = self.mixed(target, step);
        }
        color
    }

    /// `sixteenths` of the way to another colour.
    fn mixed(self, other: Self, sixteenths: u16) -> Self {
        let mut out = self.0;
        for (part, goal) in out.iter_mut().zip(other.0) {
            let sum = u16::from(*part) * (16 - sixteenths) + u16::from(goal) * sixteenths;
            *part = (sum / 16).to_le_bytes()[0];
        }
        Self(out)
    }
}

/// The sRGB curve as a polynomial: `powf` would cost more bytes than the whole file, and this is within 0.003 of it.
fn linear(part: u8) -> f32 {
    let x = f32::from(part) / 255.0;
    x * (x * (x * 0.305_306_01 + 0.682_171_1) + 0.012_522_878)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(color("#0f766e").text(), "#0f766e");
        for text in ["", "#fff", "0f766e", "#0f766e0", "#0g766e", "red", "#é766e"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_agrees_with_published_pairs() {
        assert!((color("#000000").contrast(color("#ffffff")) - 21.0).abs() < 0.1);
        assert!((color("#777777").contrast(color("#ffffff")) - 4.48).abs() < 0.1);
        assert!((color("#0f766e").contrast(color("#ffffff")) - 5.47).abs() < 0.15);
    }

    #[test]
    fn ink_is_white_on_dark_colours_and_black_on_light_ones() {
        assert_eq!(color("#0f766e").ink(), WHITE);
        assert_eq!(color("#facc15").ink(), BLACK);
    }

    #[test]
    fn ink_can_be_read_on_every_colour() {
        for value in (0..=255).step_by(5) {
            for other in (0..=255).step_by(15) {
                let accent = Color([value, other, 255 - value]);
                assert!(accent.contrast(accent.ink()) >= READABLE, "{}", accent.text());
            }
        }
    }

    #[test]
    fn an_accent_too_pale_or_too_dark_for_text_is_moved_until_it_can_be_read() {
        for surface in ["#ffffff", "#1c1b19"] {
            for accent in ["#facc15", "#0f766e", "#111111", "#ffffff", "#ff0000", "#00ffff"] {
                let text = color(accent).readable_on(color(surface));
                assert!(text.contrast(color(surface)) >= READABLE, "{accent} on {surface}");
            }
        }
        assert_eq!(color("#0f766e").readable_on(WHITE), color("#0f766e"));
    }
}
