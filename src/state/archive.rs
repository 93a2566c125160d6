//! ZIP archives that the app makes and opens piece by piece: none is ever held whole.

use std::ops::Range;

use keruen_domain::parts::Division;
use keruen_formats::pack::Crc32;
use keruen_formats::pack::zip::{END_BYTES, Entry, Writer, directory, directory_place};

use crate::platform::{ChosenFile, Pieces};
use crate::store::{FileForm, Store, StoreError};

/// Why an archive was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotArchived {
    /// The browser could not take it, or a file on this device is not whole.
    Unreadable,
    /// It would be larger than archives are.
    TooLarge,
    /// This device could not read something.
    Store(StoreError),
}

impl From<StoreError> for NotArchived {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// An archive that is being made.
#[derive(Default)]
pub(super) struct Archive {
    writer: Writer,
    pieces: Pieces,
    /// Its length so far.
    pub(super) written_bytes: u64,
}

impl Archive {
    /// Adds what is in memory.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), NotArchived> {
        let pieces = Pieces::default();
        if !pieces.take(content) {
            return Err(NotArchived::Unreadable);
        }
        self.add_pieces(name, Crc32::of(content), content.len() as u64, &pieces)
    }

    /// Adds a file that is on this device. `progress` is told how long the archive is.
    pub(super) async fn add_file(
        &mut self,
        store: &Store,
        sha256: &str,
        name: &str,
        size_bytes: u64,
        progress: impl Fn(u64),
    ) -> Result<(), NotArchived> {
        let before = self.written_bytes;
        let form = store.file_form(sha256).await?;
        let mut sum = Crc32::default();
        let pieces = Pieces::default();
        let whole = match form.ok_or(NotArchived::Unreadable)? {
            FileForm::Whole(bytes) => {
                sum.take(&bytes);
                pieces.take(&bytes)
            }
            FileForm::InParts(held) => {
                let parts = Division::new(held.size_bytes, held.part_bytes);
                let parts = parts.ok_or(NotArchived::Unreadable)?;
                let mut whole = true;
                for part in 0..parts.count() {
                    let bytes = store.file_part(sha256, part).await?;
                    let bytes = bytes.ok_or(NotArchived::Unreadable)?;
                    sum.take(&bytes);
                    whole &= pieces.take(&bytes);
                    progress(before + parts.start(part));
                }
                whole
            }
        };
        if !whole {
            return Err(NotArchived::Unreadable);
        }
        self.add_pieces(name, sum.finish(), size_bytes, &pieces)
    }

    fn add_pieces(
        &mut self,
        name: &str,
        sum: u32,
        size_bytes: u64,
        pieces: &Pieces,
    ) -> Result<(), NotArchived> {
        let header = self.writer.begin(name, sum, size_bytes);
        let header = header.ok_or(NotArchived::TooLarge)?;
        if !self.pieces.take(&header) {
            return Err(NotArchived::Unreadable);
        }
        self.pieces.append(pieces);
        self.written_bytes += header.len() as u64 + size_bytes;
        Ok(())
    }

    /// All of it, and its length.
    pub(super) fn finish(self) -> Result<(Pieces, u64), NotArchived> {
        let end = self.writer.finish().ok_or(NotArchived::TooLarge)?;
        if !self.pieces.take(&end) {
            return Err(NotArchived::Unreadable);
        }
        Ok((self.pieces, self.written_bytes + end.len() as u64))
    }
}

/// What is in an archive that [`Archive`] made; `None` for any other. Nothing in one is compressed, so nothing grows.
pub(super) async fn entries(archive: &ChosenFile) -> Option<Vec<Entry>> {
    let length = archive.size_bytes();
    let end = archive
        .bytes(length.checked_sub(END_BYTES)?..length)
        .await?;
    let (place, count) = directory_place(&end, length).ok()?;
    let directory_bytes = archive.bytes(place.clone()).await?;
    directory(&directory_bytes, place.start, count).ok()
}

/// Whether an entry is as it was written.
pub(super) async fn is_whole(archive: &ChosenFile, entry: &Entry) -> bool {
    const PIECE_BYTES: u64 = 1024 * 1024;
    if archive.bytes(entry.header()).await != Some(entry.header_bytes()) {
        return false;
    }
    let mut sum = Crc32::default();
    let Range { mut start, end } = entry.content();
    while start < end {
        let next = end.min(start + PIECE_BYTES);
        let Some(bytes) = archive.bytes(start..next).await else {
            return false;
        };
        sum.take(&bytes);
        start = next;
    }
    sum.finish() == entry.crc
}
