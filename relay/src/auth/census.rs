//! How many connections each address has open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Open connections by address.
#[derive(Default)]
pub struct Census {
    open: Mutex<HashMap<IpAddr, u32>>,
}

/// Counts one connection as long as it lives.
pub struct Counted {
    census: Arc<Census>,
    address: IpAddr,
}

impl Counted {
    /// Takes a place; `None` when the address has too many. `most`: 0 = no limit.
    pub fn enter(census: &Arc<Census>, address: IpAddr, most: u32) -> Option<Self> {
        let mut open = census.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if most > 0 && *count >= most {
            return None;
        }
        *count += 1;
        Some(Self { census: Arc::clone(census), address })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.census.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
