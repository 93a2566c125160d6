//! Packs: a programme, or a part of it, as one file that goes from phone to phone without a server.
//!
//! ```text
//!  keruen.zip
//!   ├─ README.txt             for people: what this is, what is in it
//!   ├─ manifest.json          what is in it, for programs: each entry with its length and SHA-256
//!   ├─ records/programme      the records, as a page (keruen_domain::page)
//!   ├─ records/notes          notes, if whoever made it gave theirs along
//!   └─ files/SHA-256/name     files of materials, as they are
//! ```
//!
//! It is a ZIP archive (APPNOTE 6.3.10) of the plainest kind, so that any program opens it: nothing compressed, nothing
//! encrypted, no comments, no extensions, one entry right behind the other. A reader refuses everything else. So
//! there is nothing in it that its directory does not say, nothing lies in two entries, and nothing grows when it
//! is unpacked.
//!
//! What is here is pure: [`zip`] makes and checks the bytes between the contents, [`Manifest`] says what the contents
//! are, [`Opening`] compares all of them with what is said. Contents are read and written elsewhere, piece by piece.
//! `docs/packs.md` has the format and the rules.

mod crc;
mod making;
mod manifest;
mod opening;
pub mod zip;

use std::fmt;

pub use crc::Crc32;
pub use making::{GIVEN, given, read_me};
pub use manifest::{FileEntry, Manifest, RecordsEntry};
pub use opening::{Contents, Opening, PackedFile};

/// What a pack's name ends with.
pub const ENDING: &str = "keruen.zip";
/// The media type under which it is handed on.
pub const MEDIA_TYPE: &str = "application/zip";
/// The entry for people.
pub const README: &str = "README.txt";
/// The entry that says what is in it.
pub const MANIFEST: &str = "manifest.json";
/// The programme's records.
pub const PROGRAMME: &str = "records/programme";
/// Notes.
pub const NOTES: &str = "records/notes";
/// What the names of files begin with.
pub const FILES: &str = "files/";

/// The longest manifest that is read, in bytes.
pub const MOST_MANIFEST_BYTES: u32 = 4 * 1024 * 1024;
/// The longest page of records that is read, in bytes.
pub const MOST_RECORDS_BYTES: u32 = 32 * 1024 * 1024;
/// The most records of one kind of entry.
pub const MOST_RECORDS: usize = 50_000;
/// The longest way into the future that a record may have been written in, in milliseconds: phones' clocks differ.
pub const MOST_AHEAD_MS: u64 = 60 * 60 * 1_000;

/// Why a pack cannot be opened. Nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It is no pack: another file, or one of another program.
    NoPack,
    /// It is not whole: it was cut off, or did not come over completely.
    CutOff,
    /// Its parts contradict each other here.
    Broken(String),
    /// This entry is not what the manifest says.
    WrongContent(String),
    /// It was made by a later version of Keruen.
    Newer,
    /// It holds more than is read: of what.
    TooMuch(&'static str),
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPack => formatter.write_str("this is no pack of Keruen"),
            Self::CutOff => formatter.write_str("the pack is not whole"),
            Self::Broken(place) => write!(formatter, "the pack contradicts itself: {place}"),
            Self::WrongContent(name) => {
                write!(formatter, "{name} is not what the pack says that it is")
            }
            Self::Newer => formatter.write_str("the pack was made by a later version of Keruen"),
            Self::TooMuch(of_what) => write!(formatter, "the pack holds too much: {of_what}"),
        }
    }
}

impl std::error::Error for Damage {}
