use std::io;
use std::path::Path;

use keruen_domain::ContentHash;
use rusqlite::{Connection, TransactionBehavior};

use super::connection::Database;
use super::transaction::SqliteTransaction;
use crate::store::{FileFolder, Identity, ImportTransaction, StoreError, WriteTransaction};

/// A store opened for work from the command line, beside a server that may be running on it.
pub struct Importer {
    database: Database,
    connection: Connection,
    identity: Identity,
}

impl Importer {
    /// Opens the store in this folder; see [`super::SqliteStore::open`].
    pub fn open(folder: &Path, fresh: Identity) -> Result<Self, StoreError> {
        let database = Database::new(folder);
        let (connection, identity) = database.open_writing(fresh)?;
        Ok(Self {
            database,
            connection,
            identity,
        })
    }

    /// What the store is called from outside.
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// Keeps the bytes of a file that some scope is to hold: whole or not at all, even after a power cut. `fill` writes
    /// them; what it writes is kept only if it is what the hash says. Bytes that no scope holds do no harm.
    pub fn keep_file(
        &self,
        sha256: &ContentHash,
        size_bytes: u64,
        fill: impl FnOnce(&mut (dyn io::Write + Send)) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        self.database.files().fill(sha256, size_bytes, fill)
    }

    /// Where files lie that are whole.
    pub const fn file_folder(&self) -> &FileFolder {
        self.database.files()
    }

    /// Runs an import in one transaction; see [`Importer::write`].
    pub fn import<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut dyn ImportTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(|transaction| work(transaction))
    }

    /// Runs work in one transaction: durable when this returns `Ok`, undone on `Err`.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut dyn WriteTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(|transaction| work(transaction))
    }

    /// Writes the database anew, so that nothing of what was erased stays in its files. Whether that is done:
    /// somebody who is reading at the moment keeps a rest of it in the journal.
    pub fn leave_no_rests(&mut self) -> Result<bool, StoreError> {
        self.connection.execute_batch("VACUUM")?;
        let is_busy: bool =
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(!is_busy)
    }

    fn run<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut SqliteTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let mut transaction = SqliteTransaction::new(&begun, self.database.files());
        let value = work(&mut transaction)?;
        transaction.finish()?;
        begun.commit().map_err(StoreError::from)?;
        Ok(value)
    }
}
