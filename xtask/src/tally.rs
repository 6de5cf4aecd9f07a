//! Reads the counts out of the test runners' own summaries.

use std::ops::AddAssign;

/// What a runner says it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Tally {
    /// `Summary [ 1.2s] 12 tests run: 11 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
    pub(crate) fn of_nextest(output: &str) -> Option<Self> {
        let line = output.lines().rev().find(|line| line.contains("Summary [") && line.contains("run:"))?;
        let counts = line.split_once("run:")?.1;
        let mut tally = Self::default();
        for part in counts.split(',') {
            let Some((number, words)) = number_then_words(part) else { continue };
            match words {
                _ if words.starts_with("passed") => tally.passed += number,
                _ if words.starts_with("skipped") => tally.skipped += number,
                _ => tally.failed += number,
            }
        }
        Some(tally)
    }

    /// One `test result: ok. 3 passed; 0 failed; 1 ignored; …` for each test program.
    pub(crate) fn of_cargo_test(output: &str) -> Option<Self> {
        let mut total = None;
        for (_, counts) in
            output.lines().filter_map(|line| line.trim().strip_prefix("test result:")?.split_once('.'))
        {
            let tally = total.get_or_insert_with(Self::default);
            for (number, words) in counts.split(';').filter_map(number_then_words) {
                match words {
                    "passed" => tally.passed += number,
                    "failed" => tally.failed += number,
                    "ignored" => tally.skipped += number,
                    _ => {}
                }
            }
        }
        total
    }

    /// The closing lines `ℹ pass 12`, `ℹ fail 0`, `ℹ cancelled 0`, `ℹ skipped 0` of node's runner.
    pub(crate) fn of_node(output: &str) -> Option<Self> {
        let count = |name: &str| {
            output.lines().rev().find_map(|line| {
                let mut words = line.trim().trim_start_matches(['ℹ', '#']).split_whitespace();
                (words.next()? == name).then(|| words.next()?.parse::<u64>().ok())?
            })
        };
        let failed = count("fail")? + count("cancelled").unwrap_or_default();
        Some(Self { passed: count("pass")?, failed, skipped: count("skipped").unwrap_or_default() })
    }
}

fn number_then_words(part: &str) -> Option<(u64, &str)> {
    let (number, words) = part.trim().split_once(' ')?;
    Some((number.parse().ok()?, words.trim()))
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn nextest_counts_everything_but_passes_and_skips_as_failed() {
        let output = "PASS a\n     Summary [   3.1s] 14/15 tests run: 11 passed (2 slow), 2 failed, 1 timed out, 3 skipped\n";

        assert_eq!(Tally::of_nextest(output), Some(Tally { passed: 11, failed: 3, skipped: 3 }));
    }

    #[test]
    fn cargo_test_counts_are_summed_over_programs() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";

        assert_eq!(Tally::of_cargo_test(output), Some(Tally { passed: 4, failed: 2, skipped: 1 }));
    }

    #[test]
    fn node_counts_a_cancelled_test_as_failed() {
        let output = "✔ a test\nℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";

        assert_eq!(Tally::of_node(output), Some(Tally { passed: 2, failed: 2, skipped: 0 }));
    }

    #[test]
    fn a_runner_that_never_summed_up_has_no_tally() {
        assert_eq!(Tally::of_nextest("error: could not compile `relay`"), None);
        assert_eq!(Tally::of_cargo_test("error: could not compile `relay`"), None);
        assert_eq!(Tally::of_node("SyntaxError: Unexpected token"), None);
    }
}
