//! Random choices that can be repeated: a seed in, the same choices out.

/// xorshift64*: good enough to pick moments and words.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A seed from `ROOST_SEED`, or a fresh one, printed so that a failure can be repeated.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "a test run is configured by its environment and read by people"
    )]
    pub fn announced(test: &str) -> Self {
        let given = std::env::var("ROOST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_le_bytes(relay::crypto::random_bytes()));
        println!("{test}: ROOST_SEED={seed}");
        Self::new(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, ceiling: u64) -> u64 {
        self.next_u64() % ceiling.max(1)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next_u64().to_le_bytes()[3]).collect()
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.below(from.len() as u64)).expect("an index fits")]
    }
}

/// A fresh client's name for a message.
pub fn cmid() -> protocol::ids::Cmid {
    protocol::ids::Cmid(relay::crypto::random_bytes())
}
