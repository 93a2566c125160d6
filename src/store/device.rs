//! What the device knows of itself, and the numbering of its outbox.

use keruen_domain::Change;

use super::backend::Transaction;
use super::error::StoreError;
use super::schema::{
    DEVICE_KEY, DeviceMeta, EntryState, OutboxEntry, Table, position_key, seal, unseal,
};

impl DeviceMeta {
    /// [`StoreError::Damaged`] if it is not there or cannot be read.
    pub(super) async fn load(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let bytes = transaction.get(Table::Meta, DEVICE_KEY).await?;
        unseal(&bytes.ok_or(StoreError::Damaged)?).map_err(|_| StoreError::Damaged)
    }

    pub(super) fn save(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction.put(Table::Meta, DEVICE_KEY, &seal(self))
    }

    /// The place of one more entry in the outbox.
    pub(super) const fn take_position(&mut self) -> u64 {
        let position = self.next_position;
        self.next_position += 1;
        position
    }

    /// Puts a change at the end of the outbox that is complete as it is: no later edit joins it.
    pub(super) fn append_frozen(
        &mut self,
        transaction: &Transaction<'_>,
        change: Change,
    ) -> Result<OutboxEntry, StoreError> {
        let entry = OutboxEntry {
            position: self.take_position(),
            state: EntryState::Frozen,
            change,
        };
        transaction.put(Table::Outbox, &position_key(entry.position), &seal(&entry))?;
        Ok(entry)
    }
}

/// The position behind all that waits.
pub(super) async fn next_position(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let mut next = 0;
    for table in [Table::Outbox, Table::Postponed] {
        for key in transaction.keys(table).await? {
            let position = u64::from_str_radix(&key, 16).unwrap_or_default();
            next = next.max(position.saturating_add(1));
        }
    }
    Ok(next)
}
