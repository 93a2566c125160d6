//! When devices were last here: noted in memory at each request, and written down once a minute.
//!
//! Writing it at each request would make every quiet exchange wait for the disk. What a crash takes is at
//! most a minute of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keruen_domain::DeviceId;
use keruen_domain::protocol::people::TokenId;

use crate::store::{DeviceToken, Store, StoreError};

const MINUTE_MS: u64 = 60_000;

/// What is not written down yet.
#[derive(Default)]
pub struct Seen {
    noted: Mutex<BTreeMap<u64, (DeviceId, u64)>>,
}

impl Seen {
    /// Notes that a device came with this token now, under this name.
    pub fn note(&self, token: &DeviceToken, device: DeviceId, now_ms: u64) {
        let is_news = device != token.device || now_ms / MINUTE_MS > token.seen_ms / MINUTE_MS;
        if is_news {
            self.noted().insert(token.id.0, (device, now_ms));
        }
    }

    /// What was noted of a token and is not written down.
    pub fn last(&self, token: TokenId) -> Option<(DeviceId, u64)> {
        self.noted().get(&token.0).copied()
    }

    /// Writes down what was noted.
    pub async fn write_down(&self, store: &dyn Store) -> Result<(), StoreError> {
        let noted = std::mem::take(&mut *self.noted());
        if noted.is_empty() {
            return Ok(());
        }
        let work = move |transaction: &mut dyn crate::store::WriteTransaction| {
            for (token, (device, seen_ms)) in noted {
                transaction.note_seen(TokenId(token), device, seen_ms)?;
            }
            Ok(())
        };
        store.write(work).await
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<u64, (DeviceId, u64)>> {
        // The list is whole whatever a panicking thread did elsewhere.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
