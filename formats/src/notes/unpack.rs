//! An archive of notes, back into its files.

use std::ops::Range;

use crate::pack::Crc32;
use crate::pack::zip::{END_BYTES, directory, directory_place};

/// The longest archive that is read, in bytes.
pub const MOST_ARCHIVE_BYTES: usize = 64 * 1024 * 1024;

/// The files of an archive as [`archive`](super::archive) makes them, each with its name; `None` for any other, and for one in which
/// anything is not as it was written. Nothing in it is compressed, so nothing grows.
pub fn unpack(bytes: &[u8]) -> Option<Vec<(String, &[u8])>> {
    if bytes.len() > MOST_ARCHIVE_BYTES {
        return None;
    }
    let at = |range: Range<u64>| {
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        bytes.get(start.ok()?..end.ok()?)
    };
    let length = bytes.len() as u64;
    let end = at(length.checked_sub(END_BYTES)?..length)?;
    let (place, count) = directory_place(end, length).ok()?;
    let entries = directory(at(place.clone())?, place.start, count).ok()?;
    let files = entries.into_iter().map(|entry| {
        let content = at(entry.content())?;
        let is_it = at(entry.header())? == entry.header_bytes() && Crc32::of(content) == entry.crc;
        is_it.then_some((entry.name, content))
    });
    files.collect()
}
