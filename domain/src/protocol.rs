//! What travels between a device and its server.
//!
//! One endpoint, one round trip: a request carries the outbox's head *and* the cursors, the answer
//! carries a result per change *and* the first page of news. See `docs/sync.md`.
//!
//! The types of [`v1`] and [`v2`] are frozen by tests: their binary form has no names in it, so that any
//! change of a type is a new version of the protocol. What programmes and notes consist of may grow
//! without one, because records are maps of named fields.

/// Messages with secrets are not shown where others are.
macro_rules! hidden {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

pub mod calendar;
pub mod files;
pub mod live;
pub mod people;
pub mod readiness;
pub mod schedules;
pub mod shares;
pub mod v1;
pub mod v2;

use hidden;

/// The version that this build speaks.
pub const PROTOCOL_VERSION: u16 = 2;
/// The oldest version that a server of this build answers.
pub const OLDEST_PROTOCOL_VERSION: u16 = 1;

/// Media type of the binary form, see [`crate::encoding`].
pub const BINARY_MEDIA_TYPE: &str = "application/vnd.keruen.sync";
/// Header in which a request states the version of its body.
pub const VERSION_HEADER: &str = "keruen-protocol";
/// Header in which every request names its device, as sixteen hexadecimal digits.
pub const DEVICE_HEADER: &str = "keruen-device";
/// Header of an answer that reports a problem: a word for it.
pub const PROBLEM_HEADER: &str = "keruen-problem";

/// Limits that both sides know. A device stays below them; a server refuses what is above.
pub mod limits {
    /// Changes in one request.
    pub const MAX_CHANGES: usize = 1_000;
    /// Bytes of a request's body once it is decompressed.
    pub const MAX_REQUEST_BYTES: usize = 2 * 1024 * 1024;
    /// Bytes of one record in its binary form.
    pub const MAX_RECORD_BYTES: usize = 512 * 1024;
    /// Fields of one record.
    pub const MAX_FIELDS: usize = 2_000;
    /// Records in one page of news.
    pub const MAX_PAGE_RECORDS: u32 = 1_000;
    /// Scopes that one request may name.
    pub const MAX_SCOPES: usize = 1_000;
    /// Bytes of a snapshot's chunk once it is decompressed.
    pub const MAX_CHUNK_BYTES: usize = 4 * 1024 * 1024;
    /// Chunks of one snapshot.
    pub const MAX_CHUNKS: usize = 10_000;
}
