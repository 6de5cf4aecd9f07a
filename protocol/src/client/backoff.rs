//! How long to wait before connecting again.

/// Exponential back-off with full jitter: between 0 and min(30 s, 1 s × 2ⁿ), but never under 100 ms.
#[derive(Debug)]
pub struct Backoff {
    failures: u32,
    random: u32,
}

const FIRST_MS: u64 = 1_000;
const LONGEST_MS: u64 = 30_000;
const SHORTEST_MS: u64 = 100;

impl Backoff {
    /// `seed` should differ from client to client, so that they do not all come back at once.
    pub fn new(seed: u32) -> Self {
        Self { failures: 0, random: seed | 1 }
    }

    pub fn next_ms(&mut self) -> u64 {
        let ceiling = (FIRST_MS << self.failures.min(5)).min(LONGEST_MS);
        self.failures += 1;
        SHORTEST_MS + self.random_below(ceiling - SHORTEST_MS)
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Uniform enough for jitter: xorshift32.
    pub fn random_below(&mut self, ceiling: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        u64::from(self.random) % ceiling.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_and_differ_between_clients() {
        let mut one = Backoff::new(1);
        let mut two = Backoff::new(77);
        let waits: Vec<u64> = (0..200).map(|_| one.next_ms()).collect();
        let others: Vec<u64> = (0..200).map(|_| two.next_ms()).collect();

        assert!(waits.iter().all(|w| (100..=30_000).contains(w)));
        assert!(waits[0] <= 1_000);
        assert!(waits.iter().max().unwrap() > &20_000);
        assert_ne!(waits, others);
    }

    #[test]
    fn success_starts_over() {
        let mut backoff = Backoff::new(5);
        for _ in 0..10 {
            backoff.next_ms();
        }
        backoff.succeeded();
        assert!(backoff.next_ms() <= 1_000);
    }
}
