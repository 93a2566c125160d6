//! Files of materials: kept by choice, found by their SHA-256.

use super::{Committed, Durability, Store, StoreError, Table};

impl Store {
    /// Keeps a file. The caller has compared it with its SHA-256.
    pub async fn keep_file(&self, sha256: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Files], Durability::Relaxed).await?;
        transaction.put(Table::Files, sha256, bytes)?;
        transaction.commit().await?;
        self.publish(&Committed {
            files_kept: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(())
    }

    /// A file, if it is on the device.
    pub async fn file(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin(&[Table::Files], Durability::ReadOnly).await?;
        transaction.get(Table::Files, sha256).await
    }

    /// Removes a file from the device; it can be fetched again.
    pub async fn remove_file(&self, sha256: &str) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Files], Durability::Relaxed).await?;
        transaction.delete(Table::Files, sha256)?;
        transaction.commit().await?;
        self.publish(&Committed {
            files_removed: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(())
    }
}
