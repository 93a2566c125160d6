//! Fetching chunks of snapshots: by their SHA-256, and kept only when they have that SHA-256.

use std::cell::{Cell, RefCell};

use keruen_domain::ContentHash;
use keruen_domain::sync::{ChunkName, Event, FetchFailure};

use super::transport::{Identity, STALL_MS};
use crate::platform::{FetchError, fetch, sha256_hex};
use crate::store::{Kept, Store};

/// Chunks that have arrived and are not on the device yet: those that come while others are being
/// stored are stored together.
#[derive(Default)]
pub(super) struct Arrivals {
    /// Each with the number of the effect that asked for it.
    waiting: RefCell<Vec<(u64, ChunkName, Vec<u8>)>>,
    is_storing: Cell<bool>,
}

impl Arrivals {
    /// Fetches a chunk and keeps it on the device, with those that came meanwhile. Tells what became of
    /// each that it stored, or that it could not fetch this one.
    pub(super) async fn fetch(
        &self,
        store: &Store,
        exchange: u64,
        chunk: ChunkName,
        tell: impl Fn(Event),
    ) {
        let tell = |exchange, chunk, result| {
            tell(Event::Fetched {
                exchange,
                chunk,
                result,
            });
        };
        match fetched(store, chunk).await {
            Ok(bytes) => self.waiting.borrow_mut().push((exchange, chunk, bytes)),
            Err(failure) => tell(exchange, chunk, Err(failure)),
        }
        if self.is_storing.replace(true) {
            return;
        }
        loop {
            let arrived = self.waiting.take();
            if arrived.is_empty() {
                break;
            }
            let asked: Vec<_> = arrived.iter().map(|(of, chunk, _)| (*of, *chunk)).collect();
            let arrived = arrived.into_iter().map(|(_, chunk, bytes)| (chunk, bytes));
            match store.keep_chunks(arrived.collect()).await {
                Ok(kept) => {
                    for ((exchange, chunk), kept) in asked.into_iter().zip(kept) {
                        let result = match kept {
                            Kept::Kept => Ok(()),
                            Kept::Damaged => Err(not_there(store, chunk).await),
                        };
                        tell(exchange, chunk, result);
                    }
                }
                Err(_) => {
                    for (exchange, chunk) in asked {
                        tell(exchange, chunk, Err(FetchFailure::CannotSave));
                    }
                }
            }
        }
        self.is_storing.set(false);
    }
}

/// What the server has under this name.
async fn fetched(store: &Store, chunk: ChunkName) -> Result<Vec<u8>, FetchFailure> {
    let url = format!("/api/v1/chunks/{}/{}", chunk.scope, chunk.sha256);
    let identity = Identity::of(store);
    let reply = fetch("GET", &url, &identity.headers(), None, STALL_MS).await;
    let reply = reply.map_err(|error| match error {
        FetchError::Unreachable => FetchFailure::Unreachable,
        FetchError::Stalled => FetchFailure::Stalled,
    })?;
    match reply.status {
        200 => {}
        404 | 410 => return Err(not_there(store, chunk).await),
        // The next exchange tells what is wrong.
        _ => return Err(FetchFailure::Unreachable),
    }
    // Without a secure context there is no digest; that it can be read is then all there is to see.
    let digest = sha256(&reply.body).await;
    if digest.is_some_and(|digest| digest != chunk.sha256) {
        return Err(not_there(store, chunk).await);
    }
    Ok(reply.body)
}

async fn not_there(store: &Store, chunk: ChunkName) -> FetchFailure {
    match store.forget_snapshot(chunk).await {
        Ok(()) => FetchFailure::NotThere,
        Err(_) => FetchFailure::CannotSave,
    }
}

/// `None` where the browser has no digest.
pub(super) async fn sha256(bytes: &[u8]) -> Option<ContentHash> {
    sha256_hex(bytes).await?.parse().ok()
}
