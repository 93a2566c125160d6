//! What is in a backup file, into the device again.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::backup::Backup;
use keruen_domain::{Change, ChangeId, Record, RecordKey};

use super::backup::find;
use super::schema::{AttentionEntry, DeviceMeta, Table, change_key, seal};
use super::{Committed, Durability, Store, StoreError, Transaction};

/// What a restoration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Changes that are in the outbox now and were not known here.
    pub changes: usize,
    /// Changes that are in *needs attention* again.
    pub refused: usize,
}

impl Store {
    /// Merges a backup into what is here, in one transaction. What this device knows already is
    /// left alone, so that restoring a second time does nothing.
    pub async fn restore(&self, backup: &Backup, phone_ms: u64) -> Result<Restored, StoreError> {
        const TABLES: [Table; 8] = [
            Table::Meta,
            Table::Pages,
            Table::Replaced,
            Table::Rows,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
            Table::SetAside,
        ];
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let mut meta = DeviceMeta::load(&transaction).await?;
        let known = known_changes(&transaction).await?;
        let mut standing = self.standing_of(&transaction, backup).await?;

        // The changes first, under their own identifiers; what the records say beyond them follows.
        let own = backup.records.iter().map(|record| Change {
            id: ChangeId::new(phone_ms, (self.random)()),
            record: record.clone(),
        });
        let mut queued = Vec::new();
        for change in backup.changes.iter().cloned().chain(own) {
            let key = change.record.key;
            let current = standing.entry(key).or_insert_with(|| Record::new(key));
            if known.contains(&change.id) || current.includes(&change.record) {
                continue;
            }
            current.merge(change.record.clone());
            meta.last_reading = meta
                .last_reading
                .max(change.record.latest_reading(self.device));
            let entry = meta.append_frozen(&transaction, change)?;
            queued.push((entry.position, entry.change.record));
        }
        let mut refused = 0;
        for entry in &backup.refused {
            let id = entry.change.id;
            let is_here = standing
                .get(&entry.change.record.key)
                .is_some_and(|current| current.includes(&entry.change.record));
            if known.contains(&id) || is_here {
                continue;
            }
            let entry = AttentionEntry {
                change: entry.change.clone(),
                refusal: entry.refusal,
                refused_at_ms: entry.refused_at_ms,
            };
            transaction.put(Table::Attention, &change_key(id), &seal(&entry))?;
            refused += 1;
        }
        for piece in &backup.unreadable {
            if transaction
                .get(Table::SetAside, &piece.place)
                .await?
                .is_none()
            {
                transaction.put(Table::SetAside, &piece.place, &piece.bytes)?;
            }
        }
        let edition = match queued.is_empty() {
            true => 0,
            false => meta.next_edition(),
        };
        meta.save(&transaction)?;
        transaction.commit().await?;
        let restored = Restored {
            changes: queued.len(),
            refused,
        };
        self.publish(&Committed {
            edition,
            queued,
            attention: refused > 0,
            by_person: true,
            ..Committed::default()
        });
        Ok(restored)
    }

    /// What stands in the records that a backup speaks of.
    async fn standing_of(
        &self,
        transaction: &Transaction<'_>,
        backup: &Backup,
    ) -> Result<BTreeMap<RecordKey, Record>, StoreError> {
        let changes = backup.changes.iter().map(|change| change.record.key);
        let refused = backup.refused.iter().map(|entry| entry.change.record.key);
        let records = backup.records.iter().map(|record| record.key);
        let keys: BTreeSet<RecordKey> = changes.chain(refused).chain(records).collect();
        let (standing, _) = self.standing(transaction, keys).await?;
        let current = standing
            .into_iter()
            .filter_map(|(key, standing)| Some((key, standing.into_current()?)));
        Ok(current.collect())
    }
}

/// The changes that wait on this device, in whatever table.
async fn known_changes(transaction: &Transaction<'_>) -> Result<BTreeSet<ChangeId>, StoreError> {
    let found = find(transaction).await?;
    let waiting = found.entries.iter().map(|entry| entry.change.id);
    let refused = found.refused.iter().map(|entry| entry.change.id);
    Ok(waiting.chain(refused).collect())
}
