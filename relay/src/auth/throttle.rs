//! How often an address may do something in a minute, and how fast a socket may send.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::crypto::{digest_of, hex};

/// Addresses remembered at most. Beyond it the oldest knowledge goes, so memory stays bounded under attack.
const MOST_KEYS: usize = 100_000;

/// While nodes cannot count together each allows this part of the limit: of few nodes, all together hardly more than it.
const STRICTER: u32 = 4;

/// A limit for each address. IPv6 neighbours in the same /64 count as one.
pub struct PerAddress {
    /// What is limited, to count it apart from other things.
    what: &'static str,
    per_minute: u32,
    buckets: Mutex<Buckets>,
    strict: Mutex<Buckets>,
}

type Buckets = HashMap<IpAddr, Bucket>;

impl PerAddress {
    /// 0 = no limit.
    pub fn per_minute(what: &'static str, per_minute: u32) -> Self {
        Self { what, per_minute, buckets: Mutex::default(), strict: Mutex::default() }
    }

    /// Takes one turn on this node; false when there is none left.
    pub fn take(&self, address: IpAddr) -> bool {
        take(&self.buckets, self.per_minute, address)
    }

    /// Takes one of the few turns there are while nodes cannot count together.
    pub fn take_strictly(&self, address: IpAddr) -> bool {
        take(&self.strict, self.per_minute.div_ceil(STRICTER), address)
    }

    /// What nodes count an address by, and how often a minute it may come; `None` without a limit. Nobody can read the address
    /// in it.
    pub fn shared(&self, address: IpAddr) -> Option<(String, u32)> {
        let digest = digest_of(&format!("{} {}", self.what, network(address)));
        let (name, _) = digest.split_at(12);
        (self.per_minute > 0).then(|| (hex(name), self.per_minute))
    }
}

fn take(buckets: &Mutex<Buckets>, per_minute: u32, address: IpAddr) -> bool {
    if per_minute == 0 {
        return true;
    }
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    if buckets.len() >= MOST_KEYS {
        buckets.retain(|_, bucket| !bucket.is_full());
        if buckets.len() >= MOST_KEYS {
            buckets.clear();
        }
    }
    let new = || Bucket::new(per_minute, Duration::from_secs(60), per_minute);
    buckets.entry(network(address)).or_insert_with(new).take().is_ok()
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
    }
}

/// A token bucket: `rate` turns in `period`, at most `burst` saved up.
#[derive(Debug)]
pub struct Bucket {
    per_turn: Duration,
    burst: u32,
    /// When the bucket would be full again, as an instant in the future; the past means it is full.
    full_at: Instant,
}

impl Bucket {
    pub fn new(rate: u32, period: Duration, burst: u32) -> Self {
        Self { per_turn: period / rate.max(1), burst: burst.max(1), full_at: Instant::now() }
    }

    /// Takes a turn, or says how long to wait for one.
    pub fn take(&mut self) -> Result<(), Duration> {
        let now = Instant::now();
        let full_at = self.full_at.max(now) + self.per_turn;
        let most = now + self.per_turn * self.burst;
        if full_at > most {
            return Err(full_at - most);
        }
        self.full_at = full_at;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.full_at <= Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_rules() {
        let mut bucket = Bucket::new(10, Duration::from_secs(10), 20);
        let passed = (0..50).filter(|_| bucket.take().is_ok()).count();

        assert_eq!(passed, 20);
        assert!(bucket.take().unwrap_err() <= Duration::from_secs(1));
    }

    #[test]
    fn addresses_are_counted_apart_but_a_v6_network_together() {
        let limit = PerAddress::per_minute("things", 1);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();

        assert!(limit.take(address("192.0.2.1")));
        assert!(!limit.take(address("::ffff:192.0.2.1")));
        assert!(limit.take(address("192.0.2.2")));
        assert!(limit.take(address("2001:db8::1")));
        assert!(!limit.take(address("2001:db8::2")));
    }
}
