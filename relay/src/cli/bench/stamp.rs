//! When a message was meant to leave, written into the message itself: whoever hears it knows how long it took, and nobody
//! has to remember what is under way.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What comes before a stamp in a text. No other part of any message has it.
const MARK: u8 = b'@';
const DIGITS: usize = 15;
/// With mark and digits 128 bytes, cut by [`Stamp::text`].
const WORDS: &str = "A message of the usual length, as people write when they ask about their order and when it will arrive, more or less.";

/// Nanoseconds since the process first asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(pub(super) u64);

impl Stamp {
    pub(super) fn now() -> Self {
        Self(START.elapsed().as_nanos() as u64)
    }

    pub(super) fn after(self, time: Duration) -> Self {
        Self(self.0 + time.as_nanos() as u64)
    }

    /// How long ago it was; nothing for what is still to come.
    pub(super) fn age(self) -> Duration {
        Duration::from_nanos(Self::now().0.saturating_sub(self.0))
    }

    /// How long it is until then; nothing for what is past.
    pub(super) fn wait(self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(Self::now().0))
    }

    /// A text of 128 bytes that carries the stamp.
    pub(super) fn text(self) -> String {
        format!("{}{:0DIGITS$} {WORDS:.111}", char::from(MARK), self.0)
    }

    /// Finds the stamp in a frame, whatever is around it.
    pub(super) fn find(frame: &[u8]) -> Option<Self> {
        let at = frame.iter().position(|byte| *byte == MARK)? + 1;
        let digits = std::str::from_utf8(frame.get(at..at + DIGITS)?).ok()?;
        digits.parse().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_back_out_of_a_frame_and_its_text_has_128_bytes() {
        let stamp = Stamp(1_234_567_890_123);
        let text = stamp.text();

        assert_eq!(text.len(), 128);
        assert_eq!(Stamp::find(format!("42[\"m\",\"{text}\"]").as_bytes()), Some(stamp));
        assert_eq!(Stamp::find(b"{\"t\":\"hb\"}"), None);
        assert_eq!(Stamp::find(b"@12"), None);
    }
}
