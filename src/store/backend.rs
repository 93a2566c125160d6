//! What the store asks of a database: transactions over tables of text keys and bytes.

use indexed_db_futures::KeyRange;

use super::error::StoreError;
use super::indexed_db::{IndexedDb, IndexedDbTransaction};
use super::memory::{Memory, MemoryTransaction};
use super::schema::Table;

/// How safe a commit is to be when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Reading only.
    ReadOnly,
    /// It survives a killed browser; the server has it too.
    Relaxed,
    /// It survives an empty battery. For all that a person wrote.
    Strict,
}

/// A database.
///
/// Transactions are atomic and see no other's half; the contract suite in `tests/store/` says
/// the rest, for every backend.
pub enum Backend {
    /// The browser's.
    IndexedDb(IndexedDb),
    /// Where the browser offers none: lives as long as the page, and the interface says so.
    Memory(Memory),
}

/// One transaction. Dropped without [`Transaction::commit`], it leaves no trace.
///
/// Nothing but its own methods may be awaited while it is open: a browser commits a transaction
/// that has no request under way.
pub enum Transaction<'a> {
    /// On IndexedDB.
    IndexedDb(IndexedDbTransaction),
    /// In memory.
    Memory(MemoryTransaction<'a>),
}

/// Dispatches to whichever backend it is.
macro_rules! on_each {
    ($self:expr, $inner:ident => $body:expr) => {
        match $self {
            Transaction::IndexedDb($inner) => $body,
            Transaction::Memory($inner) => $body,
        }
    };
}

impl Backend {
    /// Opens a transaction on these tables.
    pub async fn begin(
        &self,
        tables: &[Table],
        durability: Durability,
    ) -> Result<Transaction<'_>, StoreError> {
        Ok(match self {
            Self::IndexedDb(database) => {
                Transaction::IndexedDb(database.begin(tables, durability).await?)
            }
            Self::Memory(memory) => Transaction::Memory(memory.begin(tables, durability)?),
        })
    }
}

impl Transaction<'_> {
    /// The values of these keys, in their order. All are asked for at once.
    pub async fn get_many(
        &self,
        table: Table,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.get_many(table, keys).await,
            Self::Memory(transaction) => transaction.get_many(table, keys),
        }
    }

    /// The value of a key.
    pub async fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .get_many(table, &[key.to_owned()])
            .await?
            .pop()
            .flatten())
    }

    /// The first `limit` values, in the order of their keys.
    pub async fn first(&self, table: Table, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.first(table, limit).await,
            Self::Memory(transaction) => transaction.first(table, limit),
        }
    }

    /// All values, in the order of their keys.
    pub async fn all(&self, table: Table) -> Result<Vec<Vec<u8>>, StoreError> {
        self.first(table, u32::MAX).await
    }

    /// All values of each of these tables. All tables are asked for at once.
    pub async fn all_of<const COUNT: usize>(
        &self,
        tables: [Table; COUNT],
    ) -> Result<[Vec<Vec<u8>>; COUNT], StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.all_of(tables).await,
            Self::Memory(transaction) => {
                let mut found = [const { Vec::new() }; COUNT];
                for (place, table) in found.iter_mut().zip(tables) {
                    *place = transaction.first(table, u32::MAX)?;
                }
                Ok(found)
            }
        }
    }

    /// All keys, in their order.
    pub async fn keys(&self, table: Table) -> Result<Vec<String>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.keys(table).await,
            Self::Memory(transaction) => transaction.keys(table),
        }
    }

    /// All keys that begin so, in their order.
    pub async fn keys_in(&self, table: Table, prefix: &str) -> Result<Vec<String>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.keys_in(table, prefix).await,
            Self::Memory(transaction) => transaction.keys_in(table, prefix),
        }
    }

    /// All values whose keys begin so, in the order of their keys.
    pub async fn all_in(&self, table: Table, prefix: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.all_in(table, prefix).await,
            Self::Memory(transaction) => transaction.all_in(table, prefix),
        }
    }

    /// All values whose keys are from the one to the other, both included, in the order of their
    /// keys.
    pub async fn within(
        &self,
        table: Table,
        first: &str,
        last: &str,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::IndexedDb(transaction) => {
                let range = KeyRange::Bound(first, false, last, false);
                transaction.values_within(table, range).await
            }
            Self::Memory(transaction) => transaction.within(table, first, last),
        }
    }

    /// Writes a value. Not waited for: [`Transaction::commit`] tells whether it worked.
    pub fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        on_each!(self, transaction => transaction.put(table, key, value))
    }

    /// Removes a value, if it is there. Not waited for.
    pub fn delete(&self, table: Table, key: &str) -> Result<(), StoreError> {
        on_each!(self, transaction => transaction.delete(table, key))
    }

    /// Removes the values of these keys, where they are there. Whether it worked,
    /// [`Transaction::commit`] tells.
    pub async fn delete_many(&self, table: Table, keys: &[String]) -> Result<(), StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.delete_many(table, keys).await,
            Self::Memory(transaction) => keys
                .iter()
                .try_for_each(|key| transaction.delete(table, key)),
        }
    }

    /// Removes all values whose keys begin so. Not waited for.
    pub fn delete_prefix(&self, table: Table, prefix: &str) -> Result<(), StoreError> {
        on_each!(self, transaction => transaction.delete_prefix(table, prefix))
    }

    /// Makes all of it so, or nothing of it.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::IndexedDb(transaction) => transaction.commit().await,
            Self::Memory(transaction) => transaction.commit(),
        }
    }
}
