//! The bytes of snapshots: immutable, under the hash of what they hold.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::{Mutex, PoisonError};

use keruen_domain::ContentHash;

use super::StoreError;
use super::files::FileFolder;

/// Keeps chunks, compressed with Brotli, by the SHA-256 of what they hold uncompressed. Not part of any
/// transaction: a chunk is put before a snapshot names it, and removed after none does.
pub trait Chunks: Send + Sync {
    /// Keeps these compressed bytes, on disk when it returns.
    fn put(&self, content: &ContentHash, compressed: &[u8]) -> Result<(), StoreError>;

    /// The compressed bytes, if they are kept.
    fn get(&self, content: &ContentHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether they are kept.
    fn has(&self, content: &ContentHash) -> bool;

    /// Removes them, if they are kept.
    fn remove(&self, content: &ContentHash) -> Result<(), StoreError>;
}

impl Chunks for FileFolder {
    fn put(&self, content: &ContentHash, compressed: &[u8]) -> Result<(), StoreError> {
        // Also where something lies already: it may be what a chunk is made anew for.
        self.replace(content, compressed)
    }

    fn has(&self, content: &ContentHash) -> bool {
        self.path(content).is_file()
    }

    fn get(&self, content: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(content);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::Folder { path, source }),
        }
    }

    fn remove(&self, content: &ContentHash) -> Result<(), StoreError> {
        let path = self.path(content);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::Folder {
                path,
                source: error,
            }),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Chunks in memory.
#[derive(Default)]
pub(super) struct MemoryChunks(Mutex<BTreeMap<ContentHash, Vec<u8>>>);

impl MemoryChunks {
    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<ContentHash, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chunks for MemoryChunks {
    fn put(&self, content: &ContentHash, compressed: &[u8]) -> Result<(), StoreError> {
        self.held().insert(*content, compressed.to_vec());
        Ok(())
    }

    fn get(&self, content: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.held().get(content).cloned())
    }

    fn has(&self, content: &ContentHash) -> bool {
        self.held().contains_key(content)
    }

    fn remove(&self, content: &ContentHash) -> Result<(), StoreError> {
        self.held().remove(content);
        Ok(())
    }
}
