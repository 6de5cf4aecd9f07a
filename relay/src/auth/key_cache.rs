//! Widget keys that were looked up a moment ago: a busy site's visitors ask for the same few.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::crypto::Digest;
use crate::store::{KeyHit, Store, StoreError};

/// What another node changed is noticed this late, when nobody says so.
const FRESH: Duration = Duration::from_secs(3);
/// Keys remembered at most.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct KeyCache {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Counts up whenever everything is forgotten, so that what was read before is not remembered after.
    generation: u64,
    hits: HashMap<Digest, (Instant, Arc<KeyHit>)>,
}

impl KeyCache {
    /// What a key opens. Keys that open nothing are not remembered.
    pub async fn find(
        &self,
        store: &dyn Store,
        digest: Digest,
        now_ms: i64,
    ) -> Result<Option<Arc<KeyHit>>, StoreError> {
        let generation = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, hit)) = known.hits.get(&digest)
                && at.elapsed() < FRESH
                && hit.expires_at_ms.is_none_or(|expires_at_ms| expires_at_ms > now_ms)
            {
                return Ok(Some(Arc::clone(hit)));
            }
            known.generation
        };
        let Some(hit) = store.find_key(digest, now_ms).await?.map(Arc::new) else { return Ok(None) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.generation == generation {
            if known.hits.len() >= MOST {
                known.hits.clear();
            }
            known.hits.insert(digest, (Instant::now(), Arc::clone(&hit)));
        }
        Ok(Some(hit))
    }

    /// Something about some key or its campaign has changed.
    pub fn forget(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.generation += 1;
        known.hits.clear();
    }
}
