//! Files of materials: who may read one, and in which parts it is fetched.

mod parts;
mod unnamed;

use std::path::PathBuf;

use keruen_domain::{Action, Collection, ContentHash, RecordId, RecordKey, ScopeId, may};

pub use parts::{Measured, measure, parts, read_through};
pub use unnamed::Unnamed;

use crate::bucket;
use crate::exchange::Asker;
use crate::state::AppState;
use crate::store::{ReadTransaction, Store, StoreError, StoredFile};

/// Files that are read through at the same time, at most: each takes a core and the disk.
const READ_THROUGH_AT_ONCE: usize = 1;

/// What all requests for files share.
#[derive(Debug)]
pub struct Files {
    reading_through: tokio::sync::Semaphore,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            reading_through: tokio::sync::Semaphore::new(READ_THROUGH_AT_ONCE),
        }
    }
}

/// A file that the asker may read.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub file: StoredFile,
    /// Visitors may read it too, so that caches between may keep it.
    pub is_public: bool,
}

/// Sees to it that a file lies in the folder, from where it can be read as often as one likes, and returns where.
pub async fn bring(
    state: &AppState,
    sha256: ContentHash,
    size_bytes: u64,
) -> Result<PathBuf, StoreError> {
    let folder = state.store.file_folder();
    bucket::bring(state.bucket.as_ref(), folder, sha256, size_bytes).await
}

/// The file with this content, if the asker may read a scope that holds it.
pub async fn find(
    store: &dyn Store,
    asker: Asker,
    sha256: ContentHash,
) -> Result<Option<Found>, StoreError> {
    let found = store.read(move |transaction| find_in(transaction, &asker, &sha256));
    found.await
}

/// The same within a transaction.
pub fn find_in(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    sha256: &ContentHash,
) -> Result<Option<Found>, StoreError> {
    let actor = asker.actor(transaction)?;
    let visitor = Asker::visitor(asker.device).actor(transaction)?;
    let files = transaction.files(sha256)?;
    let readable = |actor, file: &StoredFile| {
        may(actor, Action::Read, &material_in(file.scope, sha256)).is_ok()
    };
    let for_visitors = files.iter().find(|file| readable(&visitor, file));
    let is_public = for_visitors.is_some();
    let file = for_visitors.or_else(|| files.iter().find(|file| readable(&actor, file)));
    Ok(file.cloned().map(|file| Found { file, is_public }))
}

/// A record that would bear the file: who may read the scope's materials may read their files.
pub(crate) fn material_in(scope: ScopeId, sha256: &ContentHash) -> RecordKey {
    let id: [u8; 16] = std::array::from_fn(|index| sha256.0[index]);
    RecordKey {
        scope,
        collection: Collection::MATERIAL,
        id: RecordId::from_uuid(uuid::Uuid::from_bytes(id)),
    }
}
