//! How often shares were opened: counted in memory, written down now and then and at the stop. A power cut
//! forgets half a minute of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keruen_domain::ShareId;

use crate::store::{Store, StoreError};

/// What was counted and is not written down.
#[derive(Default)]
pub(crate) struct Openings {
    counts: Mutex<HashMap<ShareId, u64>>,
}

impl Openings {
    /// Counts one.
    pub(crate) fn count(&self, share: ShareId) {
        *self.counts().entry(share).or_default() += 1;
    }

    /// How many of this share are not written down.
    pub(crate) fn of(&self, share: ShareId) -> u64 {
        self.counts().get(&share).copied().unwrap_or_default()
    }

    /// Writes all down.
    pub(crate) async fn write_down(&self, store: &dyn Store) -> Result<(), StoreError> {
        let counted = std::mem::take(&mut *self.counts());
        if counted.is_empty() {
            return Ok(());
        }
        let written = counted.clone();
        let work = store.write(move |transaction| {
            for (share, openings) in written {
                transaction.count_openings(share, openings)?;
            }
            Ok(())
        });
        let result = work.await;
        if result.is_err() {
            let mut counts = self.counts();
            for (share, openings) in counted {
                *counts.entry(share).or_default() += openings;
            }
        }
        result
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<ShareId, u64>> {
        // Counts are whole whatever a panicking thread did elsewhere.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
