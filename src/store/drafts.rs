//! What was written into forms and is not saved yet, by the form's address. It stays on this device.

use super::{Durability, Store, StoreError, Table};

impl Store {
    /// What was written into a form, if anything was.
    pub async fn draft(&self, form: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin(&[Table::Drafts], Durability::ReadOnly).await?;
        transaction.get(Table::Drafts, form).await
    }

    /// The forms into which something was written, by their addresses.
    pub async fn drafts(&self) -> Result<Vec<String>, StoreError> {
        let transaction = self.begin(&[Table::Drafts], Durability::ReadOnly).await?;
        transaction.keys(Table::Drafts).await
    }

    /// Keeps what is written into a form; it is on disk when this returns.
    pub async fn keep_draft(&self, form: &str, content: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Drafts], Durability::Strict).await?;
        transaction.put(Table::Drafts, form, content)?;
        transaction.commit().await
    }

    /// Forgets what was written into a form.
    pub async fn drop_draft(&self, form: &str) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Drafts], Durability::Strict).await?;
        transaction.delete(Table::Drafts, form)?;
        transaction.commit().await
    }
}
