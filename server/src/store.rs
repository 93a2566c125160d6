//! Where the server keeps records: in order within each scope, atomically, durably.
//!
//! [`Store`] is the trait that routes and the exchange work with; [`SqliteStore`] is its
//! implementation. What a transaction offers is small on purpose, so that another database is
//! little work; `contract.rs` is the suite that each implementation passes.
//!
//! The store decides nothing about access, that is done by [`keruen_domain::may`] above it.

mod calendars;
mod chunks;
#[cfg(test)]
mod contract;
mod error;
mod files;
mod groups;
mod memory;
mod merge;
mod people;
mod shares;
mod sqlite;
mod unfinished;

use std::future::Future;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use keruen_domain::model::fields;
use keruen_domain::protocol::files::Parts;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::Chunk;
use keruen_domain::{
    ChangeId, ContentHash, DeviceId, FieldKey, PersonId, Record, RecordKey, ScopeId, Sum, encoding,
};

pub use calendars::{ReadCalendars, WriteCalendars};
pub use chunks::Chunks;
pub use error::StoreError;
pub use files::{Elsewhere, FileFolder, LocalFile};
pub use groups::{KeptGroup, ReadGroups, WriteGroups};
pub use memory::{Backup, MemoryStore};
pub use merge::{Merged, exceeds_limits, merge};
pub use people::{
    DeviceKey, DeviceKeyKind, DeviceToken, KeptInvitation, Membership, Person, ReadPeople,
    WritePeople,
};
pub use shares::{KeptShare, ReadShares, WriteShares};
pub use sqlite::{CopyError, Findings, Importer, SqliteStore, back_up, check, restore};
pub use unfinished::{NoUploadId, Unfinished, UnfinishedFolder, UploadId, UploadState};

/// What a store is called from outside: made once, at its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which history its sequence numbers belong to; see [`keruen_domain::protocol::v1::Cursor`].
    pub epoch: u32,
    /// The person to whom devices with the organiser token belong.
    pub organiser: PersonId,
}

/// A record with its place in the history of its scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The sequence number of its last change.
    pub sequence: u64,
    /// The record as merged so far.
    pub record: Record,
    /// Its length in the binary form.
    pub size_bytes: usize,
}

/// What a scope holds at one moment, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeState {
    /// The last sequence number given out in it; 0 before the first.
    pub last_sequence: u64,
    /// The sum over its rows.
    pub sum: Sum,
    /// How many of its rows are not deleted.
    pub live_rows: u64,
    /// The greatest sequence number of a tombstone that was removed; 0 before the first. Who has
    /// read less than that may hold what was deleted.
    pub pruned_through: u64,
}

/// A scope that is not a single person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedScope {
    /// Which one.
    pub scope: ScopeId,
    /// Whether it is a programme that anyone may read.
    pub is_public: bool,
}

/// Whether anyone may read the programme whose own record this is.
fn is_public(programme: &Record) -> bool {
    !programme.is_deleted() && programme.value(fields::PUBLIC).is_set()
}

/// What is remembered of an accepted change, so that a repeated one is answered as the first was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The hash of its content: an identifier used twice by mistake does not hide an edit.
    pub content: ContentHash,
    /// Whether it was stamped from too far ahead.
    pub bounded: bool,
}

/// A scope as it was at one moment, in chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The history to which its sequence number belongs, and the last row that is in it.
    pub cursor: Cursor,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub built_ms: u64,
    /// Its chunks, most urgent first.
    pub chunks: Vec<Chunk>,
}

/// A file that some scope holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// What it holds.
    pub sha256: ContentHash,
    /// The scope that holds it.
    pub scope: ScopeId,
    /// Where its bytes are, unless they are in a bucket.
    pub path: PathBuf,
    /// How many there are.
    pub size_bytes: u64,
    /// What they are.
    pub media_type: String,
    /// Under which name to save them.
    pub name: String,
}

/// A view of the store at one moment.
pub trait ReadTransaction: ReadPeople + ReadGroups + ReadShares + ReadCalendars {
    /// The history to which sequence numbers belong at this moment.
    fn epoch(&self) -> Result<u32, StoreError>;

    /// The scopes of all programmes and groups.
    fn shared_scopes(&self) -> Result<Vec<SharedScope>, StoreError>;

    /// All scopes into which anything was ever put.
    fn scopes(&self) -> Result<Vec<(ScopeId, ScopeState)>, StoreError>;

    /// The state of this scope; that of an empty one if nothing was ever put into it.
    fn scope(&self, scope: ScopeId) -> Result<ScopeState, StoreError>;

    /// The record at this place.
    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError>;

    /// Gives the rows of a scope that have a greater sequence number, in its order, until told to stop.
    fn rows_after(
        &self,
        scope: ScopeId,
        sequence: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// As what this change was accepted, if it was.
    fn accepted_change(&self, change: ChangeId) -> Result<Option<Acceptance>, StoreError>;

    /// When this person's device was last noted, in milliseconds since 1970 (UTC).
    fn device_seen_ms(&self, device: DeviceId, person: PersonId)
    -> Result<Option<u64>, StoreError>;

    /// The newest snapshot of this scope, if there is one.
    fn snapshot(&self, scope: ScopeId) -> Result<Option<Snapshot>, StoreError>;

    /// Whether a snapshot of this scope, the newest or one that was replaced a while ago, has a chunk
    /// with this content.
    fn has_chunk(&self, scope: ScopeId, content: &ContentHash) -> Result<bool, StoreError>;

    /// The scopes that hold the file with this content.
    fn files(&self, sha256: &ContentHash) -> Result<Vec<StoredFile>, StoreError>;

    /// The files of a scope, each with its length in bytes, in no order.
    fn files_in(&self, scope: ScopeId) -> Result<Vec<(ContentHash, u64)>, StoreError>;

    /// The parts of the file with this content, if they were put.
    fn file_parts(&self, sha256: &ContentHash) -> Result<Option<Parts>, StoreError>;
}

/// Changes of the store that become durable together or not at all.
pub trait WriteTransaction:
    ReadTransaction + WritePeople + WriteGroups + WriteShares + WriteCalendars
{
    /// Puts a record in its place, with the next sequence number of its scope, and returns that. A
    /// tombstone is as old as the last time that it was put, which is `now_ms` (milliseconds since
    /// 1970, UTC).
    fn put(&mut self, record: &Record, now_ms: u64) -> Result<u64, StoreError> {
        self.put_encoded(record, encoding::encode(record), now_ms)
    }

    /// The same for who has the record's binary form at hand.
    fn put_encoded(
        &mut self,
        record: &Record,
        encoded: Vec<u8>,
        now_ms: u64,
    ) -> Result<u64, StoreError>;

    /// Notes that a change was accepted, and as what.
    fn note_accepted(
        &mut self,
        change: ChangeId,
        acceptance: Acceptance,
        now_ms: u64,
    ) -> Result<(), StoreError>;

    /// Notes that this person's device was here.
    fn note_device(
        &mut self,
        device: DeviceId,
        person: PersonId,
        now_ms: u64,
    ) -> Result<(), StoreError>;

    /// Puts a snapshot in the place of the scope's newest. Its chunks are in [`Chunks`] already.
    fn put_snapshot(&mut self, scope: ScopeId, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// Forgets snapshots that were replaced before this time (milliseconds since 1970, UTC), and
    /// returns the contents that no snapshot names any more.
    fn forget_snapshots(&mut self, replaced_before_ms: u64)
    -> Result<Vec<ContentHash>, StoreError>;

    /// Removes tombstones that were put before this time (milliseconds since 1970, UTC), oldest
    /// first and at most so many, and returns how many it removed.
    fn prune_tombstones(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError>;

    /// Forgets which changes were accepted before this time (milliseconds since 1970, UTC), at most
    /// so many, and returns how many it forgot.
    fn prune_changes(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError>;

    /// Keeps the parts of the file with this content, which were computed from it.
    fn put_file_parts(&mut self, sha256: &ContentHash, parts: &Parts) -> Result<(), StoreError>;

    /// Stores a file for a scope. Storing the same content again only renames it. The content must
    /// be what `sha256` says.
    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError>;

    /// The same for a file whose bytes are kept already: by [`UnfinishedFolder::keep`], or since another
    /// scope holds it.
    fn note_file(
        &mut self,
        scope: ScopeId,
        size_bytes: u64,
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError>;

    /// Takes a file from a scope; its bytes stay. Nothing happens if the scope has none of this content.
    fn forget_file(&mut self, scope: ScopeId, sha256: &ContentHash) -> Result<(), StoreError>;
}

/// What an import does with the store, all of it in one transaction.
pub trait ImportTransaction {
    /// The record at this place.
    fn record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError>;

    /// All records of a scope, deleted ones too.
    fn records(&self, scope: ScopeId) -> Result<Vec<Record>, StoreError>;

    /// Merges a change into the record at its place, at this time; see [`merge`](merge()).
    fn write(&mut self, delta: Record, now_ms: u64) -> Result<Merged, StoreError>;

    /// Stores a file for a scope; see [`WriteTransaction::put_file`].
    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError>;
}

impl<T: WriteTransaction + ?Sized> ImportTransaction for T {
    fn record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        Ok(self.row(key)?.map(|row| row.record))
    }

    fn records(&self, scope: ScopeId) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        self.rows_after(scope, 0, &mut |row| {
            records.push(row.record);
            ControlFlow::Continue(())
        })?;
        Ok(records)
    }

    fn write(&mut self, delta: Record, now_ms: u64) -> Result<Merged, StoreError> {
        let before = self.row(&delta.key)?;
        merge(self, before, delta, now_ms)
    }

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        WriteTransaction::put_file(self, scope, bytes, sha256, media_type, name)
    }
}

/// When a tombstone was made, in milliseconds since 1970 (UTC), by the clock of its maker; `None` for
/// a record that is not deleted.
fn deleted_at_ms(record: &Record) -> Option<u64> {
    let register = record.field(FieldKey::deleted().as_str())?;
    let made_ms = register.winner()?.stamp.time.unix_ms();
    record.is_deleted().then_some(made_ms)
}

/// Work on a view of the store.
pub type ReadWork = Box<dyn FnOnce(&dyn ReadTransaction) -> Result<(), StoreError> + Send>;
/// Work that changes the store. An error undoes what this work did, and nothing else.
pub type WriteWork = Box<dyn FnOnce(&mut dyn WriteTransaction) -> Result<(), StoreError> + Send>;
/// Ends when the work is done: for a write, when it is durable.
pub type Done<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// A database that keeps records. Callers use `read` and `write` of `dyn Store`, which return a value.
pub trait Store: Send + Sync {
    /// What the store is called from outside.
    fn identity(&self) -> Identity;

    /// Where the bytes of snapshots are.
    fn chunks(&self) -> Arc<dyn Chunks>;

    /// Where files are that are on their way.
    fn unfinished(&self) -> &UnfinishedFolder;

    /// Where files are that are whole, unless they are in a bucket.
    fn file_folder(&self) -> &FileFolder;

    /// Runs work on one consistent view.
    fn run_read(&self, work: ReadWork) -> Done<'_>;

    /// Runs work, one after the other, and ends when it is durable.
    fn run_write(&self, work: WriteWork) -> Done<'_>;
}

impl dyn Store + '_ {
    /// Runs work on one consistent view and returns its result.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.run_read(Box::new(move |transaction| {
            let value = work(transaction)?;
            sender.send(value).map_err(|_| StoreError::Closed)
        }))
        .await?;
        receiver.try_recv().map_err(|_| StoreError::Closed)
    }

    /// Runs work that changes the store and returns its result once it is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn WriteTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.run_write(Box::new(move |transaction| {
            let value = work(transaction)?;
            sender.send(value).map_err(|_| StoreError::Closed)
        }))
        .await?;
        receiver.try_recv().map_err(|_| StoreError::Closed)
    }
}
