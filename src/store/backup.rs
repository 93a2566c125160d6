//! What this device's person wrote, into a file. [`super::restore`] is the way back.

use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::backup::{Backup, RefusedChange, Unreadable};
use keruen_domain::{Change, ChangeId, Clock, DeviceId, Record, RecordKey, ScopeId, page};

use super::commit::Standing;
use super::schema::{
    AttentionEntry, DEVICE_KEY, DeviceMeta, EntryState, OutboxEntry, Table, unseal,
};
use super::{Backend, Durability, RandomBits, Store, StoreError, Transaction, Write, outbox};

/// What is read for a backup.
const KEPT: [Table; 4] = [
    Table::Outbox,
    Table::Postponed,
    Table::Attention,
    Table::SetAside,
];

/// What the tables hold of this device's person.
#[derive(Default)]
pub(super) struct Found {
    pub(super) entries: Vec<OutboxEntry>,
    pub(super) refused: Vec<AttentionEntry>,
    unreadable: Vec<Unreadable>,
}

impl Store {
    /// Everything that would be lost with this device, and the person's own records. `unsaved` are
    /// edits that could not be saved. `made_at_ms` is the phone's clock.
    ///
    /// The changes are frozen first, so that what is in the file never means anything else under
    /// the same identifier. Where that is impossible, as on a full disk, the file's changes bear
    /// identifiers of their own; and where nothing can be read at all, the image in memory is what
    /// is saved. So this always works.
    pub async fn backup(&self, unsaved: Vec<Write>, made_at_ms: u64) -> Backup {
        let found = match self.freeze_all().await {
            Ok(found) => found,
            Err(_) => match self.backend.begin(&KEPT, Durability::ReadOnly).await {
                Ok(transaction) => match find(&transaction).await {
                    Ok(found) => found,
                    Err(_) => self.in_memory(),
                },
                Err(_) => self.in_memory(),
            },
        };
        let records = self.replica.borrow().own_records();
        let unsaved = unsaved.into_iter();
        let unsaved = unsaved.filter_map(|write| self.unsaved_edit(write, made_at_ms));
        let parts = Parts {
            device: self.device,
            found,
            records,
            unsaved: unsaved.collect(),
        };
        parts.into_backup(&self.random, made_at_ms)
    }

    async fn freeze_all(&self) -> Result<Found, StoreError> {
        let tables: Vec<Table> = KEPT.into_iter().chain([Table::Meta]).collect();
        let transaction = self.begin(&tables, Durability::Strict).await?;
        let mut found = find(&transaction).await?;
        let beyond = found.entries.last().map_or(0, |entry| entry.position + 1);
        if beyond > outbox::frozen_below(&transaction).await? {
            outbox::freeze(&transaction, beyond)?;
            transaction.commit().await?;
        }
        for entry in &mut found.entries {
            entry.state = EntryState::Frozen;
        }
        Ok(found)
    }

    /// What an edit that could not be saved would have written. It bears the stamp of a device that
    /// writes nothing else: this one may yet use the same reading for another text.
    fn unsaved_edit(&self, write: Write, phone_ms: u64) -> Option<Record> {
        let [bits @ .., _, _] = (self.random)();
        let replica = self.replica.borrow();
        let current = replica.get(&write.key()).map(Arc::unwrap_or_clone);
        let device = DeviceId(u64::from_le_bytes(bits));
        let latest = current.as_ref().map(|record| record.latest_reading(device));
        let mut clock = Clock::new(device, latest.unwrap_or_default(), 0);
        let (_, change) = write.finish(&Standing::of(current), clock.stamp(phone_ms))?;
        Some(change)
    }

    /// What the image knows, when the disk says nothing.
    fn in_memory(&self) -> Found {
        Found {
            entries: self.unacknowledged(),
            refused: self.attention.borrow().clone(),
            unreadable: Vec::new(),
        }
    }

    /// The image's changes that the server has not acknowledged, as entries with identifiers that
    /// are settled when they are needed.
    pub(super) fn unacknowledged(&self) -> Vec<OutboxEntry> {
        let replica = self.replica.borrow();
        let mut entries: Vec<OutboxEntry> = replica
            .unacknowledged()
            .map(|(position, record)| OutboxEntry {
                position,
                state: EntryState::Unsent,
                change: Change {
                    id: ChangeId::new(
                        record.latest_reading(self.device).unix_ms(),
                        (self.random)(),
                    ),
                    record: record.clone(),
                },
            })
            .collect();
        entries.sort_by_key(|entry| entry.position);
        entries
    }
}

/// The same for a database that the app could not start on. Nothing is written.
pub(super) async fn rescue(
    backend: &Backend,
    random: &RandomBits,
    made_at_ms: u64,
) -> Result<Backup, StoreError> {
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
    let transaction = backend.begin(&TABLES, Durability::ReadOnly).await?;
    let found = find(&transaction).await?;
    let mut own: BTreeMap<RecordKey, Record> = BTreeMap::new();
    let rows = transaction.all(Table::Rows).await?;
    let mut pages = transaction.all(Table::Pages).await?;
    pages.extend(transaction.all(Table::Replaced).await?);
    let rows = rows.iter().filter_map(|bytes| unseal::<Record>(bytes).ok());
    let pages = pages.iter().filter_map(|bytes| page::decode(bytes).ok());
    let entries = found.entries.iter();
    let changes = entries.map(|entry| entry.change.record.clone());
    for record in rows.chain(pages.flatten()).chain(changes) {
        if record.key.scope == ScopeId::OWN {
            match own.get_mut(&record.key) {
                Some(known) => known.merge(record),
                None => drop(own.insert(record.key, record)),
            }
        }
    }
    let meta = transaction.get(Table::Meta, DEVICE_KEY).await?;
    let meta = meta.and_then(|bytes| unseal::<DeviceMeta>(&bytes).ok());
    let device = meta.map_or(DeviceId(0), |meta| meta.device);
    let parts = Parts {
        device,
        found,
        records: own.into_values().collect(),
        unsaved: Vec::new(),
    };
    Ok(parts.into_backup(random, made_at_ms))
}

pub(super) async fn find(transaction: &Transaction<'_>) -> Result<Found, StoreError> {
    let mut found = Found::default();
    for table in [Table::Outbox, Table::Postponed] {
        for (key, bytes) in read_all(transaction, table).await? {
            match outbox::read(&bytes) {
                Ok(entries) => found.entries.extend(entries),
                Err(_) => found.unreadable.push(piece(table, &key, bytes)),
            }
        }
    }
    for (key, bytes) in read_all(transaction, Table::Attention).await? {
        match unseal(&bytes) {
            Ok(entry) => found.refused.push(entry),
            Err(_) => found.unreadable.push(piece(Table::Attention, &key, bytes)),
        }
    }
    for (place, bytes) in read_all(transaction, Table::SetAside).await? {
        // What the server had it sends again.
        let is_own = KEPT.iter().any(|table| place.starts_with(table.name()));
        if is_own {
            found.unreadable.push(Unreadable { place, bytes });
        }
    }
    found.entries.sort_by_key(|entry| entry.position);
    Ok(found)
}

async fn read_all(
    transaction: &Transaction<'_>,
    table: Table,
) -> Result<impl Iterator<Item = (String, Vec<u8>)>, StoreError> {
    let keys = transaction.keys(table).await?;
    let values = transaction.all(table).await?;
    Ok(keys.into_iter().zip(values))
}

fn piece(table: Table, key: &str, bytes: Vec<u8>) -> Unreadable {
    Unreadable {
        place: format!("{}:{key}", table.name()),
        bytes,
    }
}

/// What a backup is made of.
struct Parts {
    device: DeviceId,
    found: Found,
    records: Vec<Record>,
    unsaved: Vec<Record>,
}

impl Parts {
    fn into_backup(self, random: &RandomBits, made_at_ms: u64) -> Backup {
        let Self {
            device,
            found,
            mut records,
            unsaved,
        } = self;
        let saved = found.entries.into_iter().map(|mut entry| {
            if entry.state == EntryState::Unsent {
                entry.change.id = ChangeId::new(made_at_ms, random());
            }
            entry.change
        });
        let unsaved = unsaved.into_iter().map(|record| Change {
            id: ChangeId::new(made_at_ms, random()),
            record,
        });
        let changes: Vec<Change> = saved.chain(unsaved).collect();
        // A record that the changes say whole need not be said twice.
        let mut said: BTreeMap<RecordKey, Record> = BTreeMap::new();
        for change in &changes {
            let record = &change.record;
            said.entry(record.key)
                .or_insert_with(|| Record::new(record.key))
                .merge(record.clone());
        }
        records.retain(|record| {
            let said = said.get(&record.key);
            !said.is_some_and(|said| said.includes(record))
        });
        let refused = found.refused.into_iter().map(|entry| RefusedChange {
            change: entry.change,
            refusal: entry.refusal,
            refused_at_ms: entry.refused_at_ms,
        });
        Backup {
            made_at_ms,
            device,
            changes,
            refused: refused.collect(),
            records,
            unreadable: found.unreadable,
        }
    }
}
