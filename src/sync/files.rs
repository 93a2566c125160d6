//! Fetching a material's file: by its SHA-256, and believed only when it has that SHA-256.

use keruen_domain::model::FileInfo;

use super::transport::{Identity, STALL_MS};
use crate::platform::{FetchError, fetch, sha256_hex};
use crate::store::{Store, StoreError};

/// Why a file did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFailure {
    /// The server cannot be reached: try again when it can.
    Unreachable,
    /// The server has no such file, or not for this person.
    NotThere,
    /// What came is not the file: it was dropped, and can be fetched again.
    Damaged,
    /// The device could not keep it.
    Store(StoreError),
}

/// Fetches a file and keeps it on the device.
pub async fn fetch_file(store: &Store, file: &FileInfo) -> Result<(), FileFailure> {
    let url = format!("/api/v1/files/{}", file.sha256);
    fetch_file_from(store, file, &url).await
}

/// The same from another address of the server.
pub async fn fetch_file_from(store: &Store, file: &FileInfo, url: &str) -> Result<(), FileFailure> {
    let reply = fetch("GET", url, &Identity::of(store).headers(), None, STALL_MS)
        .await
        .map_err(|error| match error {
            FetchError::Unreachable | FetchError::Stalled => FileFailure::Unreachable,
        })?;
    match reply.status {
        200 => {}
        401 | 403 | 404 => return Err(FileFailure::NotThere),
        _ => return Err(FileFailure::Unreachable),
    }
    let whole = u64::try_from(reply.body.len()).is_ok_and(|length| length == file.size_bytes);
    // Without a secure context there is no digest; the length is then all there is to compare.
    let same = sha256_hex(&reply.body)
        .await
        .is_none_or(|digest| *digest == *file.sha256);
    if !whole || !same {
        return Err(FileFailure::Damaged);
    }
    store
        .keep_file(&file.sha256, &reply.body)
        .await
        .map_err(FileFailure::Store)
}
