use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::Database;
use super::transaction::SqliteTransaction;
use crate::store::{Identity, ImportTransaction, StoreError};

/// A store opened for imports from the command line, beside a server that may be running on it.
pub struct Importer {
    database: Database,
    connection: Connection,
}

impl Importer {
    /// Opens the store in this folder; see [`super::SqliteStore::open`].
    pub fn open(folder: &Path, fresh: Identity) -> Result<Self, StoreError> {
        let database = Database::new(folder);
        let (connection, _) = database.open_writing(fresh)?;
        Ok(Self {
            database,
            connection,
        })
    }

    /// Runs work in one transaction: durable when this returns `Ok`, undone on `Err`.
    pub fn import<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut dyn ImportTransaction) -> Result<T, E>,
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
