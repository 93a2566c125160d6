//! Files in parts: where each part lies, and which are still to come.
//!
//! All parts of a file are of one length, only the last may be shorter. A part is the unit that is
//! verified, kept and counted; a body that broke off goes on at the byte where it stopped.

use std::collections::BTreeSet;
use std::ops::Range;

/// How long parts are where nobody says otherwise, in bytes.
pub const USUAL_PART_BYTES: u32 = 1 << 20;

/// How a file of some length is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    size_bytes: u64,
    part_bytes: u32,
    count: u32,
}

impl Division {
    /// No part is longer: some of them are in memory at a time.
    pub const MOST_PART_BYTES: u32 = 8 << 20;
    /// No file has more: somebody may say that it has.
    pub const MOST: u32 = 1 << 16;

    /// A file of `size_bytes` in parts of `part_bytes`; `None` if those are none, too long or too many.
    pub fn new(size_bytes: u64, part_bytes: u32) -> Option<Self> {
        if !(1..=Self::MOST_PART_BYTES).contains(&part_bytes) {
            return None;
        }
        let count = u32::try_from(size_bytes.div_ceil(u64::from(part_bytes))).ok()?;
        (count <= Self::MOST).then_some(Self {
            size_bytes,
            part_bytes,
            count,
        })
    }

    /// The length of the file.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The length of every part but the last.
    pub const fn part_bytes(&self) -> u32 {
        self.part_bytes
    }

    /// How many parts there are.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Where a part begins.
    pub fn start(&self, part: u32) -> u64 {
        (u64::from(part) * u64::from(self.part_bytes)).min(self.size_bytes)
    }

    /// How long a part is.
    pub fn length(&self, part: u32) -> u32 {
        let length = self.size_bytes - self.start(part);
        u32::try_from(length).map_or(self.part_bytes, |length| length.min(self.part_bytes))
    }

    /// How many bytes these parts are together.
    pub fn bytes_of(&self, parts: &BTreeSet<u32>) -> u64 {
        parts.iter().map(|part| u64::from(self.length(*part))).sum()
    }

    /// The first parts in a row that are not among these; `None` if all are.
    pub fn missing(&self, kept: &BTreeSet<u32>) -> Option<Range<u32>> {
        let first = (0..self.count).find(|part| !kept.contains(part))?;
        let end = kept.range(first..).next().copied();
        Some(first..end.unwrap_or(self.count).min(self.count))
    }
}

/// The value of `Content-Range` for some bytes, `bytes 0-499/1234`: the first byte, the one after the
/// last, and how long the whole is. `None` for anything else (RFC 9110, section 14.4).
pub fn read_content_range(value: &str) -> Option<(Range<u64>, u64)> {
    let (range, whole) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let number = |digits: &str| -> Option<u64> {
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    };
    let (first, last, whole) = (number(first)?, number(last)?, number(whole)?);
    (first <= last && last < whole).then_some((first..last + 1, whole))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_that_cannot_be_are_none() {
        assert_eq!(Division::new(1, 0), None);
        assert_eq!(Division::new(1, Division::MOST_PART_BYTES + 1), None);
        assert_eq!(Division::new(u64::MAX, Division::MOST_PART_BYTES), None);
        let most = u64::from(Division::MOST) * 7;
        assert!(Division::new(most, 7).is_some());
        assert_eq!(Division::new(most + 1, 7), None);
    }

    #[test]
    fn an_empty_file_has_no_parts_and_lacks_none() {
        let parts = Division::new(0, 4).expect("no parts");
        assert_eq!(parts.count(), 0);
        assert_eq!(parts.missing(&BTreeSet::new()), None);
    }

    #[test]
    fn what_a_server_gives_is_read_and_nonsense_is_not() {
        assert_eq!(read_content_range("bytes 0-499/1234"), Some((0..500, 1234)));
        assert_eq!(
            read_content_range("bytes 1233-1233/1234"),
            Some((1233..1234, 1234))
        );
        for wrong in [
            "",
            "bytes",
            "bytes 0-499",
            "bytes 0-499/*",
            "bytes */1234",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes +0-9/10",
            "items 0-9/10",
            "bytes 0-99999999999999999999/999999999999999999999",
        ] {
            assert_eq!(read_content_range(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn parts_are_the_whole_file_without_gaps(size_bytes in 0_u64..5_000, part_bytes in 1_u32..700) {
            let parts = Division::new(size_bytes, part_bytes).expect("parts");
            let mut end = 0;
            for part in 0..parts.count() {
                prop_assert_eq!(parts.start(part), end);
                prop_assert!((1..=part_bytes).contains(&parts.length(part)));
                end += u64::from(parts.length(part));
            }
            prop_assert_eq!(end, size_bytes);
            let all: BTreeSet<u32> = (0..parts.count()).collect();
            prop_assert_eq!(parts.bytes_of(&all), size_bytes);
            prop_assert_eq!(parts.missing(&all), None);
        }

        #[test]
        fn fetching_what_is_missing_ends_with_everything(
            count in 0_u32..40,
            kept in proptest::collection::btree_set(0_u32..60, 0..40),
        ) {
            let parts = Division::new(u64::from(count) * 3, 3).expect("parts");
            let mut kept = kept;
            let mut fetched = BTreeSet::new();
            while let Some(missing) = parts.missing(&kept) {
                prop_assert!(!missing.is_empty() && missing.end <= count);
                for part in missing {
                    prop_assert!(kept.insert(part), "no part is fetched twice");
                    prop_assert!(fetched.insert(part));
                }
            }
            prop_assert!((0..count).all(|part| kept.contains(&part)));
        }
    }
}
