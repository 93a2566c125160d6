//! The backup file: what this device's person wrote, in a file that they keep themselves.
//!
//! ```text
//! Keruen backup 1 0123456789abcdef\n      one line that people can recognise; version, checksum
//! …                                       a Backup in the form of crate::encoding
//! ```
//!
//! The checksum is CRC-64/XZ of all bytes after the first line, in sixteen hexadecimal digits. It
//! tells a file that broke on its way from a whole one; it is no seal. The file holds no token:
//! whoever finds it can read what it holds, and gets into nobody's account.
//!
//! Restoring is merging: the same file may be restored twice, on the device that made it and on
//! others, before or after the server got the same changes.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::access::Refusal;
use crate::change::Change;
use crate::encoding;
use crate::id::DeviceId;
use crate::record::{Collection, Record, RecordKey};

/// The longest file that is read, in bytes. A person's own words are far below it.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// What a file's name ends with.
pub const EXTENSION: &str = "keruen-backup";

const FIRST_WORDS: &str = "Keruen backup ";
const VERSION: u32 = 1;
/// No first line is longer, in bytes.
const LONGEST_FIRST_LINE: usize = 64;

/// What a backup file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// When it was made, by the phone's clock in milliseconds since 1970 (UTC).
    pub made_at_ms: u64,
    /// Which device made it.
    pub device: DeviceId,
    /// Changes that the server had not acknowledged, oldest first. Their content never changes any
    /// more under the same identifier.
    pub changes: Vec<Change>,
    /// Changes that the server refused.
    pub refused: Vec<RefusedChange>,
    /// What the server had of this person's own records, as far as `changes` do not say it.
    pub records: Vec<Record>,
    /// Pieces that could not be read, byte by byte, for those who can help.
    pub unreadable: Vec<Unreadable>,
}

/// A change that the server refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedChange {
    /// The change, whole.
    pub change: Change,
    /// Why it was refused.
    pub refusal: Refusal,
    /// When, by the phone's clock in milliseconds since 1970 (UTC).
    pub refused_at_ms: u64,
}

/// Bytes that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Where they were.
    pub place: String,
    /// The bytes as they were.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupError {
    /// It is another kind of file.
    NotABackup,
    /// A later version of the app made it: renew the app.
    Newer,
    /// It broke on its way, or is longer than [`MAX_BYTES`]: take another copy.
    Damaged,
}

impl fmt::Display for BackupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotABackup => "not a backup file",
            Self::Newer => "a backup file of a later version",
            Self::Damaged => "a damaged backup file",
        })
    }
}

impl std::error::Error for BackupError {}

impl Backup {
    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let content = encoding::encode(self);
        let sum = checksum(&content);
        let mut file = format!("{FIRST_WORDS}{VERSION} {sum}\n").into_bytes();
        file.extend(content);
        file
    }

    /// What the file holds. Whatever the bytes are, this ends without a panic.
    pub fn decode(file: &[u8]) -> Result<Self, BackupError> {
        let rest = file
            .strip_prefix(FIRST_WORDS.as_bytes())
            .ok_or(BackupError::NotABackup)?;
        if file.len() > MAX_BYTES {
            return Err(BackupError::Damaged);
        }
        let end = rest
            .iter()
            .take(LONGEST_FIRST_LINE)
            .position(|byte| *byte == b'\n')
            .ok_or(BackupError::Damaged)?;
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| BackupError::Damaged)?;
        let (version, sum) = line.split_once(' ').ok_or(BackupError::Damaged)?;
        match version.parse::<u32>() {
            Ok(VERSION) => {}
            Ok(version) if version > VERSION => return Err(BackupError::Newer),
            _ => return Err(BackupError::Damaged),
        }
        let content = &rest[end + 1..];
        if *sum != checksum(content) {
            return Err(BackupError::Damaged);
        }
        encoding::decode(content).map_err(|_| BackupError::Damaged)
    }

    /// How many notes it tells of that were not deleted.
    pub fn notes(&self) -> usize {
        let changes = self.changes.iter().map(|change| &change.record);
        let refused = self.refused.iter().map(|refused| &refused.change.record);
        let all = || {
            let notes = self.records.iter().chain(changes.clone());
            let notes = notes.chain(refused.clone());
            notes.filter(|record| record.key.collection == Collection::NOTE)
        };
        let deleted: BTreeSet<RecordKey> = all()
            .filter(|record| record.is_deleted())
            .map(|record| record.key)
            .collect();
        let known: BTreeSet<RecordKey> = all().map(|record| record.key).collect();
        known.difference(&deleted).count()
    }

    /// How many changes it holds that the server had not taken.
    pub fn unsent(&self) -> usize {
        self.changes.len() + self.refused.len()
    }
}

/// CRC-64/XZ, in sixteen hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    const POLYNOMIAL: u64 = 0xc96c_5795_d787_0f42;
    let mut sum = !0_u64;
    for byte in bytes {
        sum ^= u64::from(*byte);
        for _ in 0..8 {
            let carry = (sum & 1).wrapping_neg();
            sum = (sum >> 1) ^ (POLYNOMIAL & carry);
        }
    }
    format!("{:016x}", !sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Edit;
    use crate::clock::{Clock, Hlc};
    use crate::id::{ChangeId, RecordId};
    use crate::model::fields;
    use crate::record::{Author, ScopeId};
    use crate::value::FieldKey;

    fn note(number: u8, text: Option<&str>) -> Record {
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: RecordId::new(1, [number; 10]),
        };
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1_000);
        let mut edit = Edit::new(key, None, stamp, Author::Person);
        match text {
            Some(text) => edit.set(FieldKey::register(fields::BODY), text),
            None => edit.delete(),
        };
        edit.finish().expect("it says something")
    }

    fn change(number: u8, record: Record) -> Change {
        let id = ChangeId::new(1, [number; 10]);
        Change { id, record }
    }

    fn backup() -> Backup {
        Backup {
            made_at_ms: 1_700_000_000_000,
            device: DeviceId(1),
            changes: vec![change(1, note(1, Some("Су"))), change(2, note(2, None))],
            refused: vec![RefusedChange {
                change: change(3, note(3, Some("Нан"))),
                refusal: Refusal::TooLarge,
                refused_at_ms: 5,
            }],
            records: vec![note(1, Some("Су")), note(2, Some("Gone"))],
            unreadable: vec![Unreadable {
                place: "outbox:1".to_owned(),
                bytes: vec![0xff],
            }],
        }
    }

    #[test]
    fn a_file_holds_what_was_put_into_it() {
        let backup = backup();
        let file = backup.encode();
        assert!(file.starts_with(b"Keruen backup 1 "));
        assert_eq!(Backup::decode(&file), Ok(backup));
    }

    #[test]
    fn the_summary_counts_notes_once_and_not_the_deleted() {
        assert_eq!(backup().notes(), 2);
        assert_eq!(backup().unsent(), 3);
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        // The check value of CRC-64/XZ in the catalogue of parametrised CRC algorithms.
        assert_eq!(checksum(b"123456789"), "995dc9bbdf1939fa");
    }

    #[test]
    fn every_single_changed_bit_is_noticed() {
        let file = backup().encode();
        for position in 0..file.len() {
            for bit in 0..8 {
                let mut broken = file.clone();
                broken[position] ^= 1 << bit;
                assert!(Backup::decode(&broken).is_err(), "byte {position}");
            }
        }
    }

    #[test]
    fn a_shorter_file_is_damaged_and_another_is_none() {
        let file = backup().encode();
        for length in FIRST_WORDS.len()..file.len() {
            assert_eq!(
                Backup::decode(&file[..length]),
                Err(BackupError::Damaged),
                "{length}"
            );
        }
        assert_eq!(Backup::decode(b""), Err(BackupError::NotABackup));
        assert_eq!(Backup::decode(b"%PDF-1.7"), Err(BackupError::NotABackup));
        assert_eq!(
            Backup::decode(b"Keruen backup 2 0\nwhatever"),
            Err(BackupError::Newer)
        );
    }
}
