//! Stamps from too far ahead, corrected as soon as a server has told the time and before they are
//! sent. What was sent already, the server bounds.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::restamp::{Restamp, is_ahead};
use keruen_domain::{Clock, DeviceId, Hlc, Record, RecordKey};

use super::schema::{AttentionEntry, DeviceMeta, OutboxEntry, Table, row_key, unseal};
use super::{Committed, Place, Store, StoreError, Transaction, outbox};

/// A stamp may be ahead of the server's time by this much, in milliseconds.
const BOUND_MS: u64 = 10 * 60 * 1_000;

/// The latest reading that is not too far ahead.
pub(super) fn bound(meta: &DeviceMeta, phone_ms: u64) -> Hlc {
    Hlc::from_unix_ms(corrected_ms(meta, phone_ms).saturating_add(BOUND_MS))
}

/// Takes the device's clock back to the server's time, and the stamps of what was not sent yet with
/// it. To be called when an answer has told the time and the clock is ahead of it.
pub(super) async fn take_back(
    transaction: &Transaction<'_>,
    store: &Store,
    meta: &mut DeviceMeta,
    phone_ms: u64,
    committed: &mut Committed,
) -> Result<Option<Restamp>, StoreError> {
    let latest = bound(meta, phone_ms);
    // Records are never stamped backwards for it: an edit looks at what stands in its record.
    meta.last_reading = Hlc::from_unix_ms(corrected_ms(meta, phone_ms));
    let clock = Clock::new(meta.device, meta.last_reading, meta.clock_offset_ms);
    let mut entries = unseen(transaction, store, meta.device, latest).await?;
    let records = entries.iter().map(|entry| &entry.change.record);
    let Some(restamp) = Restamp::of(records, latest, clock, phone_ms) else {
        return Ok(None);
    };
    for entry in &mut entries {
        let place = Place {
            key: entry.change.record.key,
            position: entry.position,
        };
        restamp.apply(&mut entry.change.record);
        let reading = entry.change.record.latest_reading(meta.device);
        meta.last_reading = meta.last_reading.max(reading.min(latest));
        committed.withdrawn.push(place);
        let change = entry.change.record.clone();
        committed.queued.push((entry.position, change));
    }
    let entries = entries.into_iter().map(|entry| (entry.position, entry));
    let bundles = outbox::all(transaction).await?;
    outbox::replace(transaction, bundles, &entries.collect())?;
    Ok(Some(restamp))
}

/// The changes that nobody else has seen, of records in which nothing of this device that somebody
/// may have seen is ahead: its successor must stay greater.
async fn unseen(
    transaction: &Transaction<'_>,
    store: &Store,
    device: DeviceId,
    latest: Hlc,
) -> Result<Vec<OutboxEntry>, StoreError> {
    let mut by_record: BTreeMap<RecordKey, Vec<OutboxEntry>> = BTreeMap::new();
    let waiting = outbox::all(transaction).await?;
    let postponed = transaction.all(Table::Postponed).await?;
    let postponed = postponed
        .iter()
        .filter_map(|bytes| unseal::<OutboxEntry>(bytes).ok());
    for entry in waiting.into_iter().flatten().chain(postponed) {
        let of_record = by_record.entry(entry.change.record.key).or_default();
        of_record.push(entry);
    }
    let frozen_below = outbox::frozen_below(transaction).await?;
    let is_seen_ahead = |key: &RecordKey, entries: &[OutboxEntry]| {
        let mut frozen = entries.iter().filter(|entry| entry.is_frozen(frozen_below));
        frozen.any(|entry| is_ahead(&entry.change.record, device, latest))
            || store
                .replica()
                .acknowledged(key)
                .is_some_and(|record| is_ahead(record, device, latest))
    };
    by_record.retain(|key, entries| !is_seen_ahead(key, entries));
    // What this very answer acknowledged has left the outbox and is in the rows only.
    let keys: BTreeSet<RecordKey> = by_record.keys().copied().collect();
    let row_keys: Vec<String> = keys.iter().map(row_key).collect();
    let rows = transaction.get_many(Table::Rows, &row_keys).await?;
    let rows = rows.into_iter().flatten();
    let mut seen: Vec<Record> = rows.filter_map(|bytes| unseal(&bytes).ok()).collect();
    seen.extend(store.moved_unheard(transaction, &keys).await?);
    for record in seen {
        if is_ahead(&record, device, latest) {
            by_record.remove(&record.key);
        }
    }
    // What was refused may be offered again as it is, and would replace a smaller successor.
    for bytes in transaction.all(Table::Attention).await? {
        if let Ok(entry) = unseal::<AttentionEntry>(&bytes)
            && is_ahead(&entry.change.record, device, latest)
        {
            by_record.remove(&entry.change.record.key);
        }
    }
    let entries = by_record.into_values().flatten();
    Ok(entries
        .filter(|entry| !entry.is_frozen(frozen_below))
        .collect())
}

const fn corrected_ms(meta: &DeviceMeta, phone_ms: u64) -> u64 {
    phone_ms.saturating_add_signed(meta.clock_offset_ms)
}
