//! A person's edits.

use std::sync::Arc;

use keruen_domain::{Author, Change, ChangeId, Clock, Edit, Record, RecordKey, Stamp};

use super::schema::{
    DEVICE_KEY, DeviceMeta, EntryState, OutboxEntry, Table, position_key, row_key, seal, unseal,
};
use super::{Committed, Durability, Store, StoreError, Transaction};
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

    /// What the writer knows to have written, and what is to be stored and sent; `None` if the
    /// edit says nothing new. `current` is all that stands there now.
    fn finish(self, current: Option<&Record>, stamp: Stamp) -> Option<(Record, Record)> {
        match self.seen {
            Seen::Everything => {
                let mut edit = Edit::new(self.key, current, stamp, Author::Person);
                (self.apply)(&mut edit);
                let written = edit.finish()?;
                Some((written.clone(), written))
            }
            Seen::This(seen) => {
                let mut edit = Edit::new(self.key, seen.as_deref(), stamp, Author::Person);
                (self.apply)(&mut edit);
                let nothing = Record::new(self.key);
                let finished = edit.finish_beside(current.unwrap_or(&nothing))?;
                Some((finished.seen, finished.change))
            }
        }
    }
}

impl Store {
    /// Makes edits, all or none, in one transaction; they are on disk when this returns.
    ///
    /// `phone_ms` is the phone's clock. An edit that says nothing new leaves no trace. A change that
    /// was not sent yet takes in later edits of its record, so that typing for an hour makes one
    /// change and not a thousand.
    ///
    /// Returns what each writer knows to have written.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        phone_ms: u64,
    ) -> Result<Vec<Record>, StoreError> {
        const TABLES: [Table; 3] = [Table::Meta, Table::Outbox, Table::Unsent];
        let transaction = self.backend.begin(&TABLES, Durability::Strict).await?;
        let meta = transaction.get(Table::Meta, DEVICE_KEY).await?;
        let mut meta: DeviceMeta =
            unseal(&meta.ok_or(StoreError::Damaged)?).map_err(|_| StoreError::Damaged)?;
        let row_keys: Vec<_> = writes.iter().map(|write| row_key(&write.key)).collect();
        let unsent = unsent_entries(&transaction, &row_keys).await?;

        let mut clock = Clock::new(self.device, meta.last_reading, meta.clock_offset_ms);
        let mut written = Vec::new();
        let mut committed = Committed {
            by_person: true,
            ..Committed::default()
        };
        for ((write, row_key), entry) in writes.into_iter().zip(row_keys).zip(unsent) {
            let key = write.key;
            let current = self.current(&key, entry.as_ref());
            if let Some(current) = &current {
                clock.observe(current.latest_reading());
            }
            let stamp = clock.stamp(phone_ms);
            let Some((seen, change)) = write.finish(current.as_ref(), stamp) else {
                continue;
            };
            let entry = match entry {
                Some(mut entry) => {
                    entry.change.record.merge(change);
                    entry
                }
                None => {
                    let position = meta.next_position;
                    meta.next_position += 1;
                    transaction.put(Table::Unsent, &row_key, &seal(&position))?;
                    let id = ChangeId::new(stamp.time.unix_ms(), random_bytes());
                    let change = Change { id, record: change };
                    OutboxEntry {
                        position,
                        state: EntryState::Unsent,
                        change,
                    }
                }
            };
            transaction.put(Table::Outbox, &position_key(entry.position), &seal(&entry))?;
            meta.last_reading = stamp.time;
            committed.queued.push((entry.position, entry.change.record));
            written.push(seen);
        }
        if committed.queued.is_empty() {
            return Ok(written);
        }
        transaction.put(Table::Meta, DEVICE_KEY, &seal(&meta))?;
        transaction.commit().await?;
        self.publish(&committed);
        Ok(written)
    }

    /// All that stands in the record: the image in memory, with what another tab may have written
    /// a moment ago.
    fn current(&self, key: &RecordKey, unsent: Option<&OutboxEntry>) -> Option<Record> {
        let known = self.replica.borrow().get(key).cloned();
        let mut known = known.map(|record| Record::clone(&record));
        if let Some(entry) = unsent {
            match &mut known {
                Some(known) => known.merge(entry.change.record.clone()),
                none => *none = Some(entry.change.record.clone()),
            }
        }
        known
    }
}

/// For each row, the entry of the outbox that may still grow.
async fn unsent_entries(
    transaction: &Transaction<'_>,
    row_keys: &[String],
) -> Result<Vec<Option<OutboxEntry>>, StoreError> {
    let positions: Vec<Option<u64>> = transaction
        .get_many(Table::Unsent, row_keys)
        .await?
        .into_iter()
        .map(|bytes| unseal(&bytes?).ok())
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
    let mut next_entry = || {
        let entry: OutboxEntry = unseal(&found.next()??).ok()?;
        (entry.state == EntryState::Unsent).then_some(entry)
    };
    Ok(positions
        .into_iter()
        .map(|position| position.and_then(|_| next_entry()))
        .collect())
}
