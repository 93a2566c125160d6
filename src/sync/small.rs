//! Brings files of a few KB that nobody asked for: in one piece, compared with their name, or not at all.

use keruen_domain::ContentHash;
use keruen_domain::model::FileInfo;
use keruen_domain::protocol::files::address;

use super::chunks::sha256;
use super::transfer::{Ended, Transfer};
use super::transport::{Identity, STALL_MS};
use crate::platform::fetch;
use crate::store::{DownloadFailure, Store};

impl Transfer {
    /// Brings a small file and keeps it. Nothing of one that breaks off is kept.
    pub async fn bring_small(store: &Store, file: &FileInfo) -> Result<(), Ended> {
        let Ok(expected) = file.sha256.parse::<ContentHash>() else {
            return Err(Ended::Failed(DownloadFailure::NotThere));
        };
        let identity = Identity::of(store);
        let reply = fetch(
            "GET",
            &address(&expected),
            &identity.headers(),
            None,
            STALL_MS,
        )
        .await;
        let broken = Ended::Broken { came_bytes: 0 };
        let reply = reply.map_err(|_| broken.clone())?;
        match reply.status {
            200 => {}
            401 | 403 | 404 | 410 => return Err(Ended::Failed(DownloadFailure::NotThere)),
            _ => return Err(broken),
        }
        let bytes = reply.body;
        let found = match sha256(&bytes).await {
            Some(hash) => hash,
            None => ContentHash::of(&bytes),
        };
        if found != expected || bytes.len() as u64 != file.size_bytes {
            return Err(Ended::Failed(DownloadFailure::Damaged));
        }
        let kept = store.keep_small_file(&file.sha256, &file.media_type, &bytes);
        kept.await.map_err(Ended::Store)
    }
}
