//! Fetching a chunk of a snapshot: by its SHA-256, and kept only when it has that SHA-256.

use keruen_domain::ContentHash;
use keruen_domain::sync::{ChunkName, FetchFailure};

use super::transport::{Identity, STALL_MS};
use crate::platform::{FetchError, fetch, sha256_hex};
use crate::store::{Kept, Store};

/// Fetches a chunk and keeps it on the device.
pub(super) async fn fetch_chunk(store: &Store, chunk: ChunkName) -> Result<(), FetchFailure> {
    let url = format!("/api/v1/chunks/{}/{}", chunk.scope, chunk.sha256);
    let identity = Identity::of(store);
    let reply = fetch("GET", &url, &identity.headers(), None, STALL_MS).await;
    let reply = reply.map_err(|error| match error {
        FetchError::Unreachable => FetchFailure::Unreachable,
        FetchError::Stalled => FetchFailure::Stalled,
    })?;
    match reply.status {
        200 => {}
        404 | 410 => return not_there(store, chunk).await,
        // The next exchange tells what is wrong.
        _ => return Err(FetchFailure::Unreachable),
    }
    // Without a secure context there is no digest; that it can be read is then all there is to see.
    let digest = sha256(&reply.body).await;
    if digest.is_some_and(|digest| digest != chunk.sha256) {
        return not_there(store, chunk).await;
    }
    match store.keep_chunk(chunk, reply.body).await {
        Ok(Kept::Kept) => Ok(()),
        Ok(Kept::Damaged) => not_there(store, chunk).await,
        Err(_) => Err(FetchFailure::CannotSave),
    }
}

async fn not_there(store: &Store, chunk: ChunkName) -> Result<(), FetchFailure> {
    match store.forget_snapshot(chunk).await {
        Ok(()) => Err(FetchFailure::NotThere),
        Err(_) => Err(FetchFailure::CannotSave),
    }
}

/// `None` where the browser has no digest.
pub(super) async fn sha256(bytes: &[u8]) -> Option<ContentHash> {
    sha256_hex(bytes).await?.parse().ok()
}
