//! Files of materials: in which parts a device fetches one, so that it keeps what came and can tell each
//! part's damage.
//!
//! A file is fetched by its SHA-256 from [`address`]; parts of it by `Range`. What the parts are is told at
//! [`parts_address`], to whoever may read the file. Files are sent at [`upload`] in pieces, by tus 1.0.0
//! (`docs/files.md`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::content::ContentHash;

/// Bytes of each part but the last. Over 23 kbit/s a part takes six minutes, and of the list a part takes
/// 32 bytes.
pub const PART_BYTES: u32 = 1024 * 1024;

/// What both sides call things when a file is sent (<https://tus.io/protocols/resumable-upload>).
pub mod upload {
    /// Where a file is announced. Below it, each one on its way.
    pub const ADDRESS: &str = "/api/v1/uploads";
    /// The version of tus.
    pub const TUS_VERSION: &str = "1.0.0";
    /// The media type of a piece.
    pub const PIECE_MEDIA_TYPE: &str = "application/offset+octet-stream";
    /// Header with the version, in every question but `OPTIONS` and in every answer.
    pub const TUS_HEADER: &str = "tus-resumable";
    /// Header with the bytes that are here, or with where a piece begins.
    pub const OFFSET_HEADER: &str = "upload-offset";
    /// Header with the length of the file.
    pub const LENGTH_HEADER: &str = "upload-length";
    /// Header with what is announced beside the length: names and values in base 64, by commas.
    pub const METADATA_HEADER: &str = "upload-metadata";
    /// Header with the time until which the rest is waited for.
    pub const EXPIRES_HEADER: &str = "upload-expires";
    /// Header of a file that the scope has by now: what it is.
    pub const MEDIA_TYPE_HEADER: &str = "keruen-media-type";
    /// Name, among what is announced, of the programme that is to have the file.
    pub const PROGRAMME: &str = "programme";
    /// Name, among what is announced, of the group that is to have it.
    pub const GROUP: &str = "group";
    /// Name, without a value, that the file is for the sender's own scope. Just one of the three is said.
    pub const OWN: &str = "own";
    /// Name, among what is announced, of the content's SHA-256 as text.
    pub const SHA256: &str = "sha256";
    /// Name, among what is announced, of the file's name.
    pub const FILENAME: &str = "filename";
}

/// Where the file with this content is.
pub fn address(sha256: &ContentHash) -> String {
    format!("/api/v1/files/{sha256}")
}

/// Where its [`Parts`] are told.
pub fn parts_address(sha256: &ContentHash) -> String {
    format!("/api/v1/files/{sha256}/parts")
}

/// A file in parts that are fetched, verified and kept one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parts {
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Bytes of each part but the last, which may be shorter and is never empty: [`PART_BYTES`] in what a
    /// server of this version says.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub part_bytes: u32,
    /// SHA-256 of each part, in the file's order.
    pub sha256: Vec<ContentHash>,
}

impl Parts {
    /// Whether there are as many parts as the file has. What is not so is damaged, and not to be used.
    pub fn are_whole(&self) -> bool {
        let parts = self.size_bytes.checked_div(u64::from(self.part_bytes));
        let rest = self.size_bytes.checked_rem(u64::from(self.part_bytes));
        let expected = parts.zip(rest).map(|(parts, rest)| {
            let more = u64::from(rest > 0);
            parts.saturating_add(more)
        });
        expected.is_some_and(|expected| u64::try_from(self.sha256.len()) == Ok(expected))
    }

    /// Which bytes of the file the part with this number has; `None` if there is no such part.
    pub fn range(&self, number: usize) -> Option<Range<u64>> {
        self.sha256.get(number)?;
        let begin = u64::try_from(number)
            .ok()?
            .checked_mul(u64::from(self.part_bytes))?;
        let end = begin
            .saturating_add(u64::from(self.part_bytes))
            .min(self.size_bytes);
        (begin < end).then_some(begin..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(size_bytes: u64, part_bytes: u32, count: usize) -> Parts {
        Parts {
            size_bytes,
            part_bytes,
            sha256: vec![ContentHash([1; 32]); count],
        }
    }

    #[test]
    fn parts_cover_the_file_and_nothing_else() {
        for (size_bytes, count) in [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (21, 3)] {
            let parts = parts(size_bytes, 10, count);
            assert!(parts.are_whole(), "{size_bytes}");
            let mut end = 0;
            for number in 0..count {
                let range = parts.range(number).unwrap();
                assert_eq!(range.start, end);
                end = range.end;
            }
            assert_eq!((end, parts.range(count)), (size_bytes, None));
        }
    }

    #[test]
    fn lists_that_contradict_themselves_are_known() {
        let (large, part) = (parts(u64::MAX, 1, 3), parts(10, 0, 1));
        for wrong in [parts(20, 10, 3), parts(21, 10, 2), parts(0, 10, 1)] {
            assert!(!wrong.are_whole(), "{wrong:?}");
        }
        assert!(!large.are_whole() && !part.are_whole());
        assert_eq!(part.range(0), None);
        assert_eq!(parts(5, 10, 2).range(1), None);
    }
}
