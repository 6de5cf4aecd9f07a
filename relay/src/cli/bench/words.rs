//! Words as people use them: a few all the time, most hardly ever. The same ones in every run.

/// How many words there are.
const COUNT: usize = 50_000;
/// Flattens the top of Zipf's law, so that the first word is in about a third of all messages.
const OFFSET: f64 = 2.2;
const SYLLABLES: [&str; 40] = [
    "ba", "be", "bi", "bo", "bu", "ka", "ke", "ki", "ko", "ku", "la", "le", "li", "lo", "lu", "ma", "me",
    "mi", "mo", "mu", "na", "ne", "ni", "no", "nu", "ra", "re", "ri", "ro", "ru", "sa", "se", "si", "so",
    "su", "ta", "te", "ti", "to", "tu",
];

/// Chance that is the same every time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators": SplitMix64.
    pub(super) const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1, which it never is.
    pub(super) fn share(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// From 0 up to `end`, which it never is.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        (self.share() * f64::from(end)) as u32
    }

    /// Times between things that happen independently of each other.
    pub(super) fn gap(&mut self, mean: f64) -> f64 {
        -(1.0 - self.share()).ln() * mean
    }

    pub(super) fn id(&mut self) -> [u8; 16] {
        ((u128::from(self.throw()) << 64) | u128::from(self.throw())).to_be_bytes()
    }

    /// An id as the relay makes them, ordered by time.
    /// Source: RFC 9562, 5.7: version 7.
    pub(super) fn id_at(&mut self, at_ms: i64) -> [u8; 16] {
        let random = u128::from_be_bytes(self.id());
        let time = u128::from(at_ms.unsigned_abs() & 0xffff_ffff_ffff) << 80;
        let rest = random & ((1 << 80) - 1) & !(0xf << 76) & !(0b11 << 62);
        (time | rest | (7 << 76) | (0b10 << 62)).to_be_bytes()
    }
}

/// All words, the commonest first.
pub(super) struct Words {
    words: Vec<String>,
    /// Up to and with each word: how often any of them is used, to the last word's sum.
    sums: Vec<f64>,
}

impl Words {
    pub(super) fn new() -> Self {
        let mut sum = 0.0;
        let weights = (0..COUNT).map(|rank| {
            sum += 1.0 / (rank as f64 + OFFSET);
            sum
        });
        let sums = weights.collect();
        Self { words: (0..COUNT).map(spell).collect(), sums }
    }

    /// The word that so many others are commoner than.
    pub(super) fn word(&self, rank: usize) -> &str {
        self.words.get(rank % COUNT).map_or("", String::as_str)
    }

    /// A short text.
    pub(super) fn text(&self, dice: &mut Dice) -> String {
        let all = self.sums.last().copied().unwrap_or_default();
        let mut text = String::with_capacity(96);
        for number in 0..4 + dice.below(11) {
            if number > 0 {
                text.push(' ');
            }
            let place = dice.share() * all;
            text.push_str(self.word(self.sums.partition_point(|sum| *sum <= place)));
        }
        text.push('.');
        text
    }
}

fn spell(rank: usize) -> String {
    let (mut rest, mut word) = (rank + SYLLABLES.len(), String::new());
    while rest > 0 {
        word.push_str(SYLLABLES.get(rest % SYLLABLES.len()).copied().unwrap_or_default());
        rest /= SYLLABLES.len();
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_first_word_is_in_a_third_of_all_texts_and_no_word_is_there_twice() {
        let (words, mut dice) = (Words::new(), Dice::new(1));
        assert_eq!(words.words.iter().collect::<HashSet<_>>().len(), COUNT);

        let first = words.word(0);
        let texts = (0..10_000).map(|_| words.text(&mut dice));
        let with =
            texts.filter(|text| text.trim_end_matches('.').split(' ').any(|word| word == first)).count();

        assert!((2_800..3_900).contains(&with), "{with}");
    }

    #[test]
    fn ids_are_in_the_order_of_time_and_of_version_seven() {
        let mut dice = Dice::new(1);
        let (early, late) = (dice.id_at(1_700_000_000_000), dice.id_at(1_700_000_000_001));

        assert!(early < late);
        assert_eq!((early[6] >> 4, early[8] >> 6), (7, 0b10));
    }
}
