//! The parts of a file: computed from its bytes once, and kept.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use keruen_domain::ContentHash;
use keruen_domain::protocol::files::{PART_BYTES, Parts};
use keruen_formats::MediaCheck;
use sha2::{Digest as _, Sha256};

use crate::state::AppState;
use crate::store::{StoreError, StoredFile};

/// Read at once. Parts are whole multiples of it.
const PIECE_BYTES: usize = 64 * 1024;
const _: () = assert!((PART_BYTES as usize).is_multiple_of(PIECE_BYTES));

/// What some bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The SHA-256 of all of them.
    pub sha256: ContentHash,
    /// Their parts, and how many bytes there are.
    pub parts: Parts,
}

/// Reads a file through, and shows each piece of it. Takes little memory whatever the file's size.
pub fn measure(path: &Path, mut show: impl FnMut(&[u8])) -> io::Result<Measured> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let (mut whole, mut part) = (Sha256::new(), Sha256::new());
    let (mut size_bytes, mut in_part) = (0_u64, 0_usize);
    let mut parts = Vec::new();
    loop {
        let wanted = piece.len().min(PART_BYTES as usize - in_part);
        let length = file.read(&mut piece[..wanted])?;
        if length == 0 {
            break;
        }
        let bytes = &piece[..length];
        whole.update(bytes);
        part.update(bytes);
        show(bytes);
        size_bytes += length as u64;
        in_part += length;
        if in_part == PART_BYTES as usize {
            parts.push(ContentHash(part.finalize_reset().into()));
            in_part = 0;
        }
    }
    if in_part > 0 {
        parts.push(ContentHash(part.finalize().into()));
    }
    Ok(Measured {
        sha256: ContentHash(whole.finalize().into()),
        parts: Parts {
            size_bytes,
            part_bytes: PART_BYTES,
            sha256: parts,
        },
    })
}

/// Reads a file through beside the threads that talk, and tells whether it is what its name says. Files wait
/// for each other.
pub async fn read_through(
    state: &AppState,
    path: PathBuf,
    mut check: MediaCheck,
) -> Result<(Measured, Option<&'static str>), StoreError> {
    let permit = state.files.reading_through.acquire().await;
    let _permit = permit.map_err(|_| StoreError::Closed)?;
    let read = tokio::task::spawn_blocking(move || {
        let measured = measure(&path, |piece| check.take(piece));
        let measured = measured.map_err(|source| StoreError::Folder { path, source })?;
        Ok((measured, check.finish()))
    });
    read.await.map_err(|_| StoreError::Closed)?
}

/// The parts of a file. The first who asks has them computed; they are kept even if that asker is gone by
/// then.
pub async fn parts(
    state: &AppState,
    file: &StoredFile,
    sha256: ContentHash,
) -> Result<Parts, StoreError> {
    let kept = kept(state, sha256).await?;
    if let Some(parts) = kept {
        return Ok(parts);
    }
    let (state, size_bytes) = (state.clone(), file.size_bytes);
    let computed = tokio::spawn(async move {
        let permit = state.files.reading_through.acquire().await;
        let _permit = permit.map_err(|_| StoreError::Closed)?;
        // Somebody else may have asked a moment before.
        if let Some(parts) = self::kept(&state, sha256).await? {
            return Ok(parts);
        }
        let path = super::bring(&state, sha256, size_bytes).await?;
        let parts = tokio::task::spawn_blocking(move || compute(&path, sha256));
        let parts = parts.await.map_err(|_| StoreError::Closed)??;
        let keep = parts.clone();
        let kept = state
            .store
            .write(move |write| write.put_file_parts(&sha256, &keep));
        kept.await?;
        Ok(parts)
    });
    computed.await.map_err(|_| StoreError::Closed)?
}

async fn kept(state: &AppState, sha256: ContentHash) -> Result<Option<Parts>, StoreError> {
    let kept = state.store.read(move |read| read.file_parts(&sha256)).await;
    match kept {
        // It can be computed again.
        Err(StoreError::Damaged { what }) => {
            tracing::error!(file = %sha256, what, "is computed again");
            Ok(None)
        }
        kept => kept,
    }
}

fn compute(path: &Path, sha256: ContentHash) -> Result<Parts, StoreError> {
    let measured = measure(path, |_| ()).map_err(|source| StoreError::Folder {
        path: path.to_owned(),
        source,
    })?;
    // Parts of damaged bytes would have every device keep the damage.
    if measured.sha256 == sha256 {
        Ok(measured.parts)
    } else {
        Err(StoreError::Damaged { what: "a file" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_parts_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let part = PART_BYTES as usize;
        for size in [0, 1, PIECE_BYTES, part - 1, part, part + 1, 2 * part + 5] {
            let bytes: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let mut shown = Vec::new();
            let measured = measure(&path, |piece| shown.extend_from_slice(piece)).unwrap();
            assert!(shown == bytes, "{size}");
            assert_eq!(measured.sha256, ContentHash::of(&bytes), "{size}");
            let expected: Vec<ContentHash> = bytes.chunks(part).map(ContentHash::of).collect();
            assert_eq!(measured.parts.sha256, expected, "{size}");
            assert!(measured.parts.are_whole());
            assert_eq!(measured.parts.size_bytes, size as u64);
        }
    }
}
