//! What the device knows of itself, and the numbering of its outbox.

use keruen_domain::Change;

use super::backend::Transaction;
use super::error::StoreError;
use super::outbox;
use super::schema::{DEVICE_KEY, DeviceMeta, EntryState, OutboxEntry, Table, seal, unseal};

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

    /// The number of a commit that changes what is shown: above all positions and editions of before.
    pub(super) const fn next_edition(&mut self) -> u64 {
        self.next_position += 1;
        self.next_position
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
        outbox::add(transaction, &[&entry])?;
        Ok(entry)
    }
}

/// The number of a commit that changes nothing else of what the device knows of itself.
pub(super) async fn take_edition(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let mut meta = DeviceMeta::load(transaction).await?;
    let edition = meta.next_edition();
    meta.save(transaction)?;
    Ok(edition)
}

/// The position behind all that waits.
pub(super) async fn next_position(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let waiting = outbox::all(transaction).await?;
    let waiting = waiting.iter().flatten().map(|entry| entry.position);
    let postponed = transaction.keys(Table::Postponed).await?;
    let postponed = postponed
        .iter()
        .map(|key| u64::from_str_radix(key, 16).unwrap_or_default());
    let last = waiting.chain(postponed).max();
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}
