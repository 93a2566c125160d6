//! The store on SQLite: one writing connection with group commit, readers beside it.
//!
//! ```text
//!  requests ──► queue ──► writer thread:  BEGIN
//!                                           work 1 (savepoint) … work n
//!                                         COMMIT  (one flush to disk for all)
//!                            answers 1 … n ◄┘
//! ```
//!
//! `synchronous=FULL`: with less, a power cut takes back what was answered.

mod calendars;
mod check;
mod connection;
mod copies;
mod groups;
mod importer;
mod migrations;
mod people;
mod pruning;
mod scopes;
mod shares;
mod snapshots;
mod transaction;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use super::files::FileFolder;
use super::{Chunks, Done, Identity, ReadWork, Store, StoreError, UnfinishedFolder, WriteWork};
use connection::Database;
use transaction::SqliteTransaction;
use writer::Writer;

pub use check::{Findings, check};
pub use copies::{CopyError, back_up, restore};
pub use importer::Importer;

/// Connections that read at the same time. More would only wait for the disk.
const READERS: usize = 4;

/// A store in a folder: a SQLite database and the bytes of files.
pub struct SqliteStore {
    database: Database,
    identity: Identity,
    writer: Writer,
    readers: Arc<Mutex<Vec<Connection>>>,
    may_read: Arc<Semaphore>,
}

impl SqliteStore {
    /// Opens the store in this folder. Makes both when they are not there, the store with the
    /// identity `fresh`.
    pub fn open(folder: &Path, fresh: Identity) -> Result<Self, StoreError> {
        let database = Database::new(folder);
        let (connection, identity) = database.open_writing(fresh)?;
        let writer = Writer::start(connection, database.files().clone())?;
        Ok(Self {
            database,
            identity,
            writer,
            readers: Arc::default(),
            may_read: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Whether there is a store in this folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(connection::DATABASE_FILE).is_file()
    }

    /// Starts a new history, after a backup was put back: devices then read everything again and
    /// offer what the backup did not hold. No server may be running on the folder.
    pub fn renew_epoch(folder: &Path, fresh: Identity) -> Result<(), StoreError> {
        let (connection, _) = Database::new(folder).open_writing(fresh)?;
        connection::set_epoch(&connection, fresh.epoch)
    }
}

impl Store for SqliteStore {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn chunks(&self) -> Arc<dyn Chunks> {
        Arc::new(self.database.chunks().clone())
    }

    fn unfinished(&self) -> &UnfinishedFolder {
        self.database.unfinished()
    }

    fn file_folder(&self) -> &FileFolder {
        self.database.files()
    }

    fn run_read(&self, work: ReadWork) -> Done<'_> {
        Box::pin(async move {
            let permit = self.may_read.clone().acquire_owned().await;
            let permit = permit.map_err(|_| StoreError::Closed)?;
            let (database, readers) = (self.database.clone(), self.readers.clone());
            let read = move || {
                let idle = lock(&readers).pop();
                let connection = idle.map_or_else(|| database.open_reading(), Ok)?;
                let result = read_at_once(&connection, database.files(), work);
                lock(&readers).push(connection);
                drop(permit);
                result
            };
            tokio::task::spawn_blocking(read)
                .await
                .map_err(|_| StoreError::Closed)?
        })
    }

    fn run_write(&self, work: WriteWork) -> Done<'_> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            self.writer.queue(work, sender)?;
            receiver.await.map_err(|_| StoreError::Closed)?
        })
    }
}

fn read_at_once(
    connection: &Connection,
    files: &FileFolder,
    work: ReadWork,
) -> Result<(), StoreError> {
    // All statements of one piece of work see the same moment.
    let view = connection.unchecked_transaction()?;
    let result = work(&SqliteTransaction::new(&view, files));
    view.rollback()?;
    result
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A list of connections is whole whatever a panicking thread did elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
