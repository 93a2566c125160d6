//! Where the server keeps records: in order within each scope, atomically, durably.
//!
//! [`Store`] is the trait that routes and the exchange work with; [`SqliteStore`] is its
//! implementation. What a transaction offers is small on purpose, so that another database is
//! little work; `contract.rs` is the suite that each implementation passes.
//!
//! The store decides nothing about access, that is done by [`keruen_domain::may`] above it.

#[cfg(test)]
mod contract;
mod error;
mod files;
mod memory;
mod sqlite;

use std::future::Future;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::pin::Pin;

use keruen_domain::protocol::limits;
use keruen_domain::{ChangeId, DeviceId, PersonId, Record, RecordKey, ScopeId, encoding};

pub use error::StoreError;
pub use files::Sha256;
pub use memory::{Backup, MemoryStore};
pub use sqlite::{Importer, SqliteStore};

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

/// A scope that is not a single person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedScope {
    /// Which one.
    pub scope: ScopeId,
    /// Whether it is a programme that anyone may read.
    pub is_public: bool,
}

/// A file that some scope holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The scope that holds it.
    pub scope: ScopeId,
    /// Where its bytes are.
    pub path: PathBuf,
    /// How many there are.
    pub size_bytes: u64,
    /// What they are.
    pub media_type: String,
    /// Under which name to save them.
    pub name: String,
}

/// A view of the store at one moment.
pub trait ReadTransaction {
    /// The history to which sequence numbers belong at this moment.
    fn epoch(&self) -> Result<u32, StoreError>;

    /// The scopes of all programmes and groups.
    fn shared_scopes(&self) -> Result<Vec<SharedScope>, StoreError>;

    /// The last sequence number given out in this scope; 0 before the first.
    fn last_sequence(&self, scope: ScopeId) -> Result<u64, StoreError>;

    /// The record at this place.
    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError>;

    /// Gives the rows of a scope that have a greater sequence number, in its order, until told to stop.
    fn rows_after(
        &self,
        scope: ScopeId,
        sequence: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The content under which this change was accepted, if it was.
    fn accepted_change(&self, change: ChangeId) -> Result<Option<Sha256>, StoreError>;

    /// When this person's device was last noted, in milliseconds since 1970 (UTC).
    fn device_seen_ms(&self, device: DeviceId, person: PersonId)
    -> Result<Option<u64>, StoreError>;

    /// The scopes that hold the file with this content.
    fn files(&self, sha256: &Sha256) -> Result<Vec<StoredFile>, StoreError>;
}

/// Changes of the store that become durable together or not at all.
pub trait WriteTransaction: ReadTransaction {
    /// Puts a record in its place, with the next sequence number of its scope, and returns that.
    fn put(&mut self, record: &Record) -> Result<u64, StoreError>;

    /// Notes that a change with this content was accepted.
    fn note_accepted(
        &mut self,
        change: ChangeId,
        content: &Sha256,
        now_ms: u64,
    ) -> Result<(), StoreError>;

    /// Notes that this person's device was here.
    fn note_device(
        &mut self,
        device: DeviceId,
        person: PersonId,
        now_ms: u64,
    ) -> Result<(), StoreError>;

    /// Stores a file for a scope. Storing the same content again only renames it. The content must
    /// be what `sha256` says.
    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &Sha256,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError>;
}

/// What an import does with the store, all of it in one transaction.
pub trait ImportTransaction {
    /// The record at this place.
    fn record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError>;

    /// All records of a scope, deleted ones too.
    fn records(&self, scope: ScopeId) -> Result<Vec<Record>, StoreError>;

    /// Merges a change into the record at its place; see [`merge`].
    fn write(&mut self, delta: Record) -> Result<Merged, StoreError>;

    /// Stores a file for a scope; see [`WriteTransaction::put_file`].
    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &Sha256,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError>;
}

impl<T: WriteTransaction> ImportTransaction for T {
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

    fn write(&mut self, delta: Record) -> Result<Merged, StoreError> {
        let before = self.row(&delta.key)?;
        merge(self, before, delta)
    }

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &Sha256,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        WriteTransaction::put_file(self, scope, bytes, sha256, media_type, name)
    }
}

/// What became of a change that was merged into a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// The record has a new sequence number.
    Changed {
        /// Its number before; 0 for a new record.
        previous_sequence: u64,
        /// Its number now.
        sequence: u64,
    },
    /// Everything in the change was known already; nothing was written.
    Unchanged,
    /// The record would have become larger than [`limits`] allow; nothing was written.
    TooLarge,
}

/// Merges a change into the record at its place, of which `before` is the present state.
pub fn merge(
    transaction: &mut (impl WriteTransaction + ?Sized),
    before: Option<Row>,
    delta: Record,
) -> Result<Merged, StoreError> {
    let (previous_sequence, mut record) = match before {
        Some(row) => (row.sequence, row.record),
        None => (0, Record::new(delta.key)),
    };
    if record.includes(&delta) {
        return Ok(Merged::Unchanged);
    }
    record.merge(delta);
    if exceeds_limits(&record) {
        return Ok(Merged::TooLarge);
    }
    let sequence = transaction.put(&record)?;
    Ok(Merged::Changed {
        previous_sequence,
        sequence,
    })
}

/// Whether a record, or a part of one, is larger than a device may send.
pub fn exceeds_limits(record: &Record) -> bool {
    use keruen_domain::FieldKey;
    record.fields().count() > limits::MAX_FIELDS
        || record
            .fields()
            .any(|(key, _)| key.as_str().len() > FieldKey::MAX_BYTES)
        || encoding::encode(record).len() > limits::MAX_RECORD_BYTES
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
