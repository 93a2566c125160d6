//! The search index, as it was last kept: made of what the other tables hold, so that it may be lost and be older
//! than they are. Whoever opens it compares it with them.

use super::schema::{CHANGES_KEY, SEALED_KEY};
use super::{Durability, Store, StoreError, Table};

/// What was kept of the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptIndex {
    /// All of it, as it was at some time.
    pub sealed: Option<Vec<u8>>,
    /// What changed in that since.
    pub changes: Option<Vec<u8>>,
}

impl Store {
    /// What was kept of the index.
    pub async fn kept_index(&self) -> Result<KeptIndex, StoreError> {
        let keys = [SEALED_KEY, CHANGES_KEY].map(str::to_owned);
        let transaction = self.begin(&[Table::Search], Durability::ReadOnly).await?;
        let kept = transaction.get_many(Table::Search, &keys).await?;
        let [sealed, changes] = <[_; 2]>::try_from(kept).unwrap_or_default();
        Ok(KeptIndex { sealed, changes })
    }

    /// Keeps all of the index instead of what was kept before. Where it fails, that stays.
    pub async fn keep_index(&self, sealed: &[u8]) -> Result<(), StoreError> {
        self.keep(|transaction| {
            transaction.put(Table::Search, SEALED_KEY, sealed)?;
            transaction.delete(Table::Search, CHANGES_KEY)
        })
        .await
    }

    /// Keeps what changed in the index since all of it was kept.
    pub async fn keep_index_changes(&self, changes: &[u8]) -> Result<(), StoreError> {
        self.keep(|transaction| transaction.put(Table::Search, CHANGES_KEY, changes))
            .await
    }

    /// On a phone that belongs to somebody else by now, nothing is kept of what this tab knows.
    async fn keep(
        &self,
        put: impl FnOnce(&super::Transaction<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Search], Durability::Relaxed).await?;
        if !self.is_current() {
            return Err(StoreError::Closed);
        }
        put(&transaction)?;
        transaction.commit().await
    }
}
