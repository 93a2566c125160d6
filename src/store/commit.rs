//! A person's edits.

use std::sync::Arc;

use keruen_domain::{Author, Change, ChangeId, Clock, Edit, Record, RecordKey};

use super::schema::{
    DEVICE_KEY, DeviceMeta, EntryState, OutboxEntry, Table, position_key, row_key, seal, unseal,
};
use super::{Committed, Durability, Store, StoreError};
use crate::platform::random_bytes;

/// One edit of one record: what it does is said to an [`Edit`] that knows what stands there.
pub struct Write {
    key: RecordKey,
    seen: Seen,
    apply: Box<dyn FnOnce(&mut Edit<'_>)>,
}

/// What the writer had in front of them. What they had not seen, they do not replace: it stays
/// beside what they write.
enum Seen {
    /// Whatever stands there when the edit is made.
    Everything,
    /// This, although something else may have arrived since.
    This(Option<Arc<Record>>),
}

impl Write {
    /// An edit of the record at `key` as it stands.
    pub fn new(key: RecordKey, apply: impl FnOnce(&mut Edit<'_>) + 'static) -> Self {
        Self {
            key,
            seen: Seen::Everything,
            apply: Box::new(apply),
        }
    }

    /// An edit by somebody who has been looking at `seen` while they wrote.
    pub fn having_seen(
        key: RecordKey,
        seen: Option<Arc<Record>>,
        apply: impl FnOnce(&mut Edit<'_>) + 'static,
    ) -> Self {
        Self {
            key,
            seen: Seen::This(seen),
            apply: Box::new(apply),
        }
    }
}

impl Store {
    /// Makes edits, all or none: rows and outbox in one transaction, on disk when this returns.
    ///
    /// `phone_ms` is the phone's clock. An edit that changes nothing leaves no trace. A change that
    /// was not sent yet takes in later edits of its record, so that typing for an hour makes one
    /// change and not a thousand.
    ///
    /// Returns what was written.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        phone_ms: u64,
    ) -> Result<Vec<Record>, StoreError> {
        const TABLES: [Table; 4] = [Table::Meta, Table::Rows, Table::Outbox, Table::Unsent];
        let transaction = self.backend.begin(&TABLES, Durability::Strict).await?;
        let meta = transaction
            .get(Table::Meta, DEVICE_KEY)
            .await?
            .ok_or(StoreError::Damaged)?;
        let mut meta: DeviceMeta = unseal(&meta).map_err(|_| StoreError::Damaged)?;
        let mut clock = Clock::new(self.device, meta.last_reading, meta.clock_offset_ms);
        let stamp = clock.stamp(phone_ms);
        meta.last_reading = stamp.time;

        let row_keys: Vec<_> = writes.iter().map(|write| row_key(&write.key)).collect();
        let rows = transaction.get_many(Table::Rows, &row_keys).await?;
        let unsent = self.unsent_entries(&transaction, &row_keys).await?;

        let mut committed = Committed {
            by_person: true,
            ..Committed::default()
        };
        for (((write, row_key), row), entry) in
            writes.into_iter().zip(row_keys).zip(rows).zip(unsent)
        {
            let row = row.map(|bytes| unseal::<Record>(&bytes)).transpose();
            let row = row.map_err(|_| StoreError::Damaged)?;
            let before = match write.seen {
                Seen::Everything => self.before(&write.key, row.as_ref()),
                Seen::This(seen) => seen.map(|seen| Record::clone(&seen)),
            };
            let mut edit = Edit::new(write.key, before.as_ref(), stamp, Author::Person);
            (write.apply)(&mut edit);
            let Some(delta) = edit.finish() else {
                continue;
            };
            transaction.put(Table::Rows, &row_key, &seal(&joined(row, &delta)))?;
            let entry = match entry {
                Some(mut entry) => {
                    entry.change.record.merge(delta.clone());
                    entry
                }
                None => {
                    let position = meta.next_position;
                    meta.next_position += 1;
                    transaction.put(Table::Unsent, &row_key, &seal(&position))?;
                    committed.queued.push(write.key);
                    let id = ChangeId::new(stamp.time.unix_ms(), random_bytes());
                    let change = Change {
                        id,
                        record: delta.clone(),
                    };
                    OutboxEntry {
                        position,
                        state: EntryState::Unsent,
                        change,
                    }
                }
            };
            transaction.put(Table::Outbox, &position_key(entry.position), &seal(&entry))?;
            committed.records.push(delta);
        }
        if committed.records.is_empty() {
            return Ok(Vec::new());
        }
        transaction.put(Table::Meta, DEVICE_KEY, &seal(&meta))?;
        transaction.commit().await?;
        let written = committed.records.clone();
        self.publish(committed);
        Ok(written)
    }

    /// For each row, the entry of the outbox that may still grow.
    async fn unsent_entries(
        &self,
        transaction: &super::Transaction<'_>,
        row_keys: &[String],
    ) -> Result<Vec<Option<OutboxEntry>>, StoreError> {
        let positions: Vec<Option<u64>> = transaction
            .get_many(Table::Unsent, row_keys)
            .await?
            .into_iter()
            .map(|bytes| bytes.and_then(|bytes| unseal(&bytes).ok()))
            .collect();
        let wanted: Vec<String> = positions
            .iter()
            .flatten()
            .map(|at| position_key(*at))
            .collect();
        let mut found = transaction
            .get_many(Table::Outbox, &wanted)
            .await?
            .into_iter();
        let mut entry_at = |_position| {
            let entry: OutboxEntry = unseal(&found.next()??).ok()?;
            (entry.state == EntryState::Unsent).then_some(entry)
        };
        Ok(positions
            .into_iter()
            .map(|position| position.and_then(&mut entry_at))
            .collect())
    }

    /// What the writer had in front of them: the image in memory, with what another tab may have
    /// written a moment ago.
    fn before(&self, key: &RecordKey, row: Option<&Record>) -> Option<Record> {
        let known = self
            .replica
            .borrow()
            .get(key)
            .map(|record| Record::clone(record));
        match (known, row) {
            (Some(mut known), Some(row)) => {
                known.merge(row.clone());
                Some(known)
            }
            (known, row) => known.or_else(|| row.cloned()),
        }
    }
}

pub(super) fn joined(row: Option<Record>, delta: &Record) -> Record {
    match row {
        Some(mut row) => {
            row.merge(delta.clone());
            row
        }
        None => delta.clone(),
    }
}
