use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::Database;
use super::transaction::SqliteTransaction;
use crate::store::{Identity, ImportTransaction, StoreError, WriteTransaction};

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
        // Of what is erased nothing stays in the file.
        connection.pragma_update(None, "secure_delete", true)?;
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
