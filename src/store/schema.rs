//! What lies in the database, and how it got there.
//!
//! Every value is bytes: a version byte, then the binary form of [`keruen_domain::encoding`]; files
//! are bytes as they are. Every key is text.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | `device` | [`DeviceMeta`] |
//! | `meta` | `frozen` | the entries of the outbox below this position were sent at least once |
//! | `meta` | `moved` | how often rows were moved into pages |
//! | `meta` | `token` | what the server knows its owner by |
//! | `meta` | `roles` | what its owner is in which programme, as the server last said |
//! | `pages` | scope`#`history`#`part, scope`#~`SHA-256, scope`#=`random | records pulled together: a sealed page; a chunk of a snapshot; a page that was compacted here |
//! | `rows` | scope`/`collection`/`id | a record that came or changed by itself |
//! | `outbox` | position, 16 hexadecimal digits | [`OutboxEntry`]: a change that the server has not acknowledged, or several that were made at once, under the position of the first |
//! | `postponed` | position | entries that the server was too old for |
//! | `attention` | change | [`AttentionEntry`] |
//! | `cursors` | scope | [`ScopeCursor`] |
//! | `snapshots` | scope | [`ScopeSnapshot`]: read by chunks, of which some are missing |
//! | `rereads` | scope | [`ScopeReread`]: read anew, and not yet completely |
//! | `replaced` | scope`#`number | sealed pages of what a scope held before it was read anew |
//! | `files` | SHA-256 | a file in one piece, as versions of the database before the fourth kept it |
//! | `parts` | SHA-256`#`number, 8 hexadecimal digits | a part of a file, as it is |
//! | `held` | SHA-256 | [`HeldFile`]: all parts of this file are here, and are it |
//! | `downloads` | SHA-256 | [`Download`]: a file that is to come, of which some parts may be here |
//! | `uploads` | SHA-256`#`programme, or SHA-256`#`scope | [`Upload`]: a file of this device that a scope is to have |
//! | `drafts` | address of a form | what was written into it and not saved yet |
//! | `received` | scope`/`collection`/`id | [`Received`]: what packs say of a record, merged |
//! | `search` | `sealed`, `changes` | the search index as it was last kept, and what changed in it since: [`KeptIndex`] |
//! | `set_aside` | where it was | bytes that could not be read |
//!
//! What the server has acknowledged of a record is the merge of all of it in `pages` and `rows`, in
//! any order: a page may be repeated, and saving needs no look at one. What is shown is that with
//! the outbox on top, so that a change which the server refuses leaves no trace in the record. As
//! long as a scope is read anew, what is `replaced` is shown too.

use std::fmt::Write as _;

#[cfg(doc)]
use super::KeptIndex;
use keruen_domain::encoding::{self, DecodeError};
use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::ScopeCursor;
#[cfg(doc)]
use keruen_domain::protocol::v2::{ScopeReread, ScopeSnapshot};
use keruen_domain::sync::ChunkName;
use keruen_domain::{
    Change, ChangeId, ContentHash, DeviceId, Hlc, ProgrammeId, Record, RecordKey, Refusal, ScopeId,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The database's version: one more for every change of the tables.
pub(super) const VERSION: u32 = 8;

/// A table. The order is part of nothing stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// What the device knows of itself.
    Meta,
    /// Sealed pages of pulled records.
    Pages,
    /// The overlay: single records.
    Rows,
    /// Changes that the server has not acknowledged.
    Outbox,
    /// Changes that the server was too old for.
    Postponed,
    /// Changes that the server refused.
    Attention,
    /// How far each scope was read.
    Cursors,
    /// Files of materials, each in one piece.
    Files,
    /// What could not be read.
    SetAside,
    /// Scopes of which chunks are missing.
    Snapshots,
    /// Scopes that are read anew.
    Rereads,
    /// What these held before.
    Replaced,
    /// Parts of files.
    Parts,
    /// Which files are here in parts.
    Held,
    /// Files that are to come.
    Downloads,
    /// Files that are to go.
    Uploads,
    /// What was written into forms and is not saved yet.
    Drafts,
    /// What packs say of records.
    Received,
    /// The search index.
    Search,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 19] = [
        Self::Meta,
        Self::Pages,
        Self::Rows,
        Self::Outbox,
        Self::Postponed,
        Self::Attention,
        Self::Cursors,
        Self::Files,
        Self::SetAside,
        Self::Snapshots,
        Self::Rereads,
        Self::Replaced,
        Self::Parts,
        Self::Held,
        Self::Downloads,
        Self::Uploads,
        Self::Drafts,
        Self::Received,
        Self::Search,
    ];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Pages => "pages",
            Self::Rows => "rows",
            Self::Outbox => "outbox",
            Self::Postponed => "postponed",
            Self::Attention => "attention",
            Self::Cursors => "cursors",
            Self::Files => "files",
            Self::SetAside => "set_aside",
            Self::Snapshots => "snapshots",
            Self::Rereads => "rereads",
            Self::Replaced => "replaced",
            Self::Parts => "parts",
            Self::Held => "held",
            Self::Downloads => "downloads",
            Self::Uploads => "uploads",
            Self::Drafts => "drafts",
            Self::Received => "received",
            Self::Search => "search",
        }
    }
}

/// The tables that each step of the schema creates. One entry per version; released entries never
/// change.
pub(super) const STEPS: [&[Table]; VERSION as usize] = [
    &[
        Table::Meta,
        Table::Pages,
        Table::Rows,
        Table::Outbox,
        Table::Postponed,
        Table::Attention,
        Table::Cursors,
        Table::Files,
        Table::SetAside,
    ],
    &[Table::Snapshots, Table::Rereads, Table::Replaced],
    &[],
    &[Table::Parts, Table::Held, Table::Downloads],
    &[Table::Uploads, Table::Drafts],
    &[Table::Received],
    &[Table::Search],
    // Uploads of other scopes than programmes.
    &[],
];

/// A table that databases of earlier versions have, and the version that removes it.
pub(super) const REMOVED: (&str, usize) = ("latest", 3);

pub(super) const DEVICE_KEY: &str = "device";
/// One mark for all: freezing a thousand entries is one write.
pub(super) const FROZEN_KEY: &str = "frozen";
/// Here and not in localStorage, which a killed browser may not have written yet.
pub(super) const TOKEN_KEY: &str = "token";
/// How often rows were moved into pages; see [`super::compact`].
pub(super) const MOVED_KEY: &str = "moved";
pub(super) const ROLES_KEY: &str = "roles";
/// Of [`Table::Search`].
pub(super) const SEALED_KEY: &str = "sealed";
/// Of [`Table::Search`].
pub(super) const CHANGES_KEY: &str = "changes";

/// What the device knows of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DeviceMeta {
    pub(super) device: DeviceId,
    /// The last reading of its clock.
    pub(super) last_reading: Hlc,
    /// What to add to the phone's clock, in milliseconds.
    pub(super) clock_offset_ms: i64,
    /// The position of the next entry of the outbox. Editions take numbers from the same row.
    pub(super) next_position: u64,
}

/// Where an entry of the outbox is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum EntryState {
    /// Not sent yet: a later edit of the record joins it.
    Unsent,
    /// Sent at least once: it never changes any more.
    Frozen,
}

/// A change that the server has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OutboxEntry {
    pub(super) position: u64,
    /// As it was when the entry was written; see [`OutboxEntry::is_frozen`].
    pub(super) state: EntryState,
    pub(super) change: Change,
}

impl OutboxEntry {
    /// Whether it was sent at least once; `frozen_below` is what [`FROZEN_KEY`] holds.
    pub(super) fn is_frozen(&self, frozen_below: u64) -> bool {
        self.state == EntryState::Frozen || self.position < frozen_below
    }
}

/// A change that the server refused: kept whole for its writer to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionEntry {
    /// The change.
    pub change: Change,
    /// Why it was refused.
    pub refusal: Refusal,
    /// When, by the phone's clock in milliseconds since 1970 (UTC).
    pub refused_at_ms: u64,
}

/// What packs say of a record, merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Received {
    pub(super) record: Record,
    /// When the last pack that said something new of it was made, by its maker's clock in milliseconds since
    /// 1970 (UTC).
    pub(super) made_ms: u64,
    /// When it was opened here, by the phone's clock, likewise.
    pub(super) opened_ms: u64,
}

/// A file that is to come, or is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// Which: the SHA-256 of its content.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
    /// Its media type, as its material says.
    pub media_type: String,
    /// Where it comes from, if that is not the usual address of a file.
    pub from: Option<String>,
    /// When it was asked for, by the phone's clock in milliseconds since 1970 (UTC).
    pub asked_ms: u64,
    /// Whether the person put it off.
    pub is_paused: bool,
    /// Whether the person wants it whatever the connection costs.
    pub at_any_cost: bool,
    /// Why it does not come before somebody asks for it anew.
    pub failure: Option<DownloadFailure>,
    /// Its parts, once the server has told them.
    pub parts: Option<PartList>,
}

/// A file of this device that a scope is to have. It lies in parts like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Which: the SHA-256 of its content.
    pub sha256: ContentHash,
    /// Which scope is to have it.
    pub scope: ScopeId,
    /// Its length.
    pub size_bytes: u64,
    /// Its name; the type is told by its end.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// When it was added, by the phone's clock in milliseconds since 1970 (UTC).
    pub added_ms: u64,
    /// Whether it was on the device before it was added.
    pub was_here: bool,
    /// Whether a material bears it: only then it is sent.
    pub is_wanted: bool,
    /// Whether the person put it off.
    pub is_paused: bool,
    /// Whether the person wants it sent whatever the connection costs.
    pub at_any_cost: bool,
    /// Where the server takes it, once it was announced.
    pub location: Option<String>,
    /// How much of it the server has said to have.
    pub sent_bytes: u64,
    /// Why it does not go before somebody asks for it anew.
    pub failure: Option<UploadFailure>,
}

/// An upload before the eighth version of the database, field by field: all were for programmes.
type FirstUpload = (
    ContentHash,
    ProgrammeId,
    u64,
    String,
    String,
    u64,
    bool,
    bool,
    bool,
    bool,
    Option<String>,
    u64,
    Option<UploadFailure>,
);

impl Upload {
    const FORM: u8 = 2;

    pub(super) fn seal(&self) -> Vec<u8> {
        let mut bytes = vec![Self::FORM];
        bytes.extend(encoding::encode(self));
        bytes
    }

    pub(super) fn unseal(bytes: &[u8]) -> Result<Self, DecodeError> {
        if let [Self::FORM, value @ ..] = bytes {
            return encoding::decode(value);
        }
        let first: FirstUpload = unseal(bytes)?;
        Ok(Self {
            sha256: first.0,
            scope: ScopeId::Programme(first.1),
            size_bytes: first.2,
            name: first.3,
            media_type: first.4,
            added_ms: first.5,
            was_here: first.6,
            is_wanted: first.7,
            is_paused: first.8,
            at_any_cost: first.9,
            location: first.10,
            sent_bytes: first.11,
            failure: first.12,
        })
    }
}

/// Why a file cannot be sent.
///
/// The order of the variants is part of the stored form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UploadFailure {
    /// This person may not send files there.
    NotAllowed,
    /// It is larger than the server takes.
    TooLarge,
    /// It is not what the end of its name says.
    WrongType,
    /// What lies on this device is not the file any more.
    Damaged,
    /// The notes of this person or group have as many bytes of files as they may.
    ScopeFull,
}

/// How a file is divided, and the SHA-256 of each part; none of any where the server does not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartList {
    /// The length of every part but the last.
    pub part_bytes: u32,
    /// Of each part.
    pub hashes: Vec<ContentHash>,
}

/// Why a file cannot come.
///
/// The order of the variants is part of the stored form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DownloadFailure {
    /// The server has no such file, or not for this person.
    NotThere,
    /// What the server gives is not the file.
    Damaged,
}

/// A file that is here in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    /// Its length.
    pub size_bytes: u64,
    /// The length of every part but the last.
    pub part_bytes: u32,
    /// Its media type.
    pub media_type: String,
    /// Whether the server has it under the usual address of a file: it can be fetched again.
    pub is_usual: bool,
}

/// The version of the form of every value.
const FORM: u8 = 1;

pub(super) fn seal<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![FORM];
    bytes.extend(encoding::encode(value));
    bytes
}

pub(super) fn unseal<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match bytes {
        [FORM, value @ ..] => encoding::decode(value),
        _ => Err(DecodeError),
    }
}

pub(super) fn row_key(key: &RecordKey) -> String {
    format!("{}/{}/{}", key.scope, key.collection, key.id)
}

pub(super) fn row_prefix(scope: ScopeId) -> String {
    format!("{scope}/")
}

/// The same part of the same answer always has the same key, so that a repeated answer takes no
/// more room.
pub(super) fn page_key(at: &ScopeCursor, part: usize) -> String {
    if mutation::is(Mutation::OnePageKey) {
        return format!("{}#", at.scope);
    }
    format!(
        "{}#{:08x}{:016x}#{part:04}",
        at.scope, at.cursor.epoch, at.cursor.sequence
    )
}

/// A chunk is where its content says. `~` sorts after the pages that came in answers.
pub(super) fn chunk_key(chunk: &ChunkName) -> String {
    format!("{}#~{}", chunk.scope, chunk.sha256)
}

/// A page that was written anew on the device. No answer and no chunk has such a key.
pub(super) fn compacted_key(scope: ScopeId, bits: [u8; 10]) -> String {
    let mut key = format!("{scope}#=");
    for byte in bits {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

pub(super) fn replaced_key(scope: ScopeId, number: usize) -> String {
    format!("{scope}#{number:08}")
}

pub(super) fn page_prefix(scope: ScopeId) -> String {
    format!("{scope}#")
}

pub(super) fn position_key(position: u64) -> String {
    format!("{position:016x}")
}

pub(super) fn scope_key(scope: ScopeId) -> String {
    scope.to_string()
}

pub(super) fn change_key(change: ChangeId) -> String {
    change.to_string()
}

pub(super) fn part_key(sha256: &str, part: u32) -> String {
    format!("{sha256}#{part:08x}")
}

/// What the keys of all parts of a file begin with.
pub(super) fn part_prefix(sha256: &str) -> String {
    format!("{sha256}#")
}

pub(super) fn upload_key(sha256: &ContentHash, scope: ScopeId) -> String {
    match scope {
        ScopeId::Programme(programme) => format!("{sha256}#{programme}"),
        scope => format!("{sha256}#{scope}"),
    }
}

/// Which part has this key.
pub(super) fn part_of_key(key: &str) -> Option<u32> {
    let (_, digits) = key.split_once('#')?;
    u32::from_str_radix(digits, 16).ok()
}
