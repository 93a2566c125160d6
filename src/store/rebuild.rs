//! A database that was deleted while a tab was open is made anew from what the tab knows, so that
//! nothing which the server does not have yet is lost with it.

use super::schema::{DEVICE_KEY, DeviceMeta, EntryState, TOKEN_KEY, Table, change_key, seal};
use super::{Backend, Committed, Durability, Store, StoreError, Transaction, outbox};

impl Store {
    /// Opens a transaction on these tables. If the database had to be made anew for it, what this
    /// tab knows is written to it first.
    pub(super) async fn begin(
        &self,
        tables: &[Table],
        durability: Durability,
    ) -> Result<Transaction<'_>, StoreError> {
        let transaction = self.backend.begin(tables, durability).await?;
        if !self.was_made_anew() {
            return Ok(transaction);
        }
        drop(transaction);
        if !self.is_current() {
            return Err(StoreError::Closed);
        }
        self.rebuild().await?;
        self.backend.begin(tables, durability).await
    }

    fn was_made_anew(&self) -> bool {
        match &self.backend {
            Backend::IndexedDb(database) => database.was_made_anew(),
            Backend::Memory(_) => false,
        }
    }

    /// Writes who this device is, whose it is, and all changes that the server has not
    /// acknowledged. What the server has comes again, because there are no cursors.
    async fn rebuild(&self) -> Result<(), StoreError> {
        const TABLES: [Table; 3] = [Table::Meta, Table::Outbox, Table::Attention];
        let transaction = self.backend.begin(&TABLES, Durability::Strict).await?;
        // Another tab may have been quicker.
        if transaction.get(Table::Meta, DEVICE_KEY).await?.is_none() {
            // Neither a position nor an edition is used again.
            let next_position = self.replica.borrow().edition() + 1;
            let mut waiting = self.unacknowledged();
            for entry in &mut waiting {
                // Some of it may have been sent under another identifier, and be answered yet.
                entry.state = EntryState::Frozen;
            }
            outbox::add(&transaction, &waiting.iter().collect::<Vec<_>>())?;
            for entry in self.attention.borrow().iter() {
                let key = change_key(entry.change.id);
                transaction.put(Table::Attention, &key, &seal(entry))?;
            }
            let meta = DeviceMeta {
                device: self.device,
                last_reading: self.replica.borrow().latest_reading(self.device),
                clock_offset_ms: self.clock_offset_ms.get(),
                next_position,
            };
            meta.save(&transaction)?;
            if let Some(token) = &*self.token.borrow() {
                transaction.put(Table::Meta, TOKEN_KEY, &seal(token))?;
            }
            transaction.commit().await?;
        }
        if let Backend::IndexedDb(database) = &self.backend {
            database.is_filled();
        }
        let gone = self.files.borrow().iter().cloned().collect();
        self.publish(&Committed {
            files_removed: gone,
            by_person: true,
            ..Committed::default()
        });
        Ok(())
    }
}
