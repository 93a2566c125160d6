//! Stamps from too far ahead, corrected as soon as a server has told the time and before they are
//! sent. What was sent already, the server bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keruen_domain::restamp::{Restamp, latest_own};
use keruen_domain::{Clock, DeviceId, Hlc, Record, RecordKey};

use super::schema::{AttentionEntry, DeviceMeta, OutboxEntry, Table, row_key, unseal};
use super::{Committed, Store, StoreError, Transaction, outbox};

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
) -> Result<(), StoreError> {
    let latest = bound(meta, phone_ms);
    // Records are never stamped backwards for it: an edit looks at what stands in its record.
    meta.last_reading = Hlc::from_unix_ms(corrected_ms(meta, phone_ms));
    let mut clock = Clock::new(meta.device, meta.last_reading, meta.clock_offset_ms);
    let bundles = outbox::all(transaction).await?;
    let waiting = bundles.iter().flatten().cloned().collect();
    let (mut entries, seen) = unseen(transaction, store, meta.device, waiting, latest).await?;
    // What is to replace it must stay later.
    clock.observe(seen);
    let records = entries.iter().map(|entry| &entry.change.record);
    let Some(restamp) = Restamp::of(records, latest, clock, phone_ms) else {
        return Ok(());
    };
    for entry in &mut entries {
        restamp.apply(&mut entry.change.record);
        let reading = entry.change.record.latest_reading(meta.device);
        meta.last_reading = meta.last_reading.max(reading.min(latest));
        let change = entry.change.record.clone();
        committed.queued.push((entry.position, change));
    }
    let entries = entries.into_iter().map(|entry| (entry.position, entry));
    outbox::replace(transaction, bundles, &entries.collect())?;
    committed.restamped = Some(restamp);
    Ok(())
}

/// The changes that nobody else has seen, of records in which nothing of this device that somebody
/// may have seen is ahead: its successor must stay greater. Also the latest reading that was seen.
async fn unseen(
    transaction: &Transaction<'_>,
    store: &Store,
    device: DeviceId,
    waiting: Vec<OutboxEntry>,
    latest: Hlc,
) -> Result<(Vec<OutboxEntry>, Hlc), StoreError> {
    let mut by_record: BTreeMap<RecordKey, Vec<OutboxEntry>> = BTreeMap::new();
    let postponed = transaction.all(Table::Postponed).await?;
    let postponed = postponed
        .iter()
        .filter_map(|bytes| unseal::<OutboxEntry>(bytes).ok());
    for entry in waiting.into_iter().chain(postponed) {
        let of_record = by_record.entry(entry.change.record.key).or_default();
        of_record.push(entry);
    }
    let frozen_below = outbox::frozen_below(transaction).await?;
    let mut seen: Vec<Record> = Vec::new();
    for (key, entries) in &by_record {
        let frozen = entries.iter().filter(|entry| entry.is_frozen(frozen_below));
        seen.extend(frozen.map(|entry| entry.change.record.clone()));
        seen.extend(store.replica().acknowledged(key).map(Arc::unwrap_or_clone));
    }
    // What this very answer acknowledged has left the outbox and is in the rows only.
    let keys: BTreeSet<RecordKey> = by_record.keys().copied().collect();
    let row_keys: Vec<String> = keys.iter().map(row_key).collect();
    let rows = transaction.get_many(Table::Rows, &row_keys).await?;
    let rows = rows.into_iter().flatten();
    seen.extend(rows.filter_map(|bytes| unseal(&bytes).ok()));
    seen.extend(store.moved_unheard(transaction, &keys).await?);
    // What was refused may be offered again as it is, and would replace a smaller successor.
    for bytes in transaction.all(Table::Attention).await? {
        seen.extend(
            unseal::<AttentionEntry>(&bytes)
                .ok()
                .map(|entry| entry.change.record),
        );
    }
    let mut latest_seen = Hlc::default();
    for record in seen {
        let reading = latest_own(&record, device);
        if reading > latest {
            by_record.remove(&record.key);
        } else {
            latest_seen = latest_seen.max(reading);
        }
    }
    let entries = by_record.into_values().flatten();
    let entries = entries.filter(|entry| !entry.is_frozen(frozen_below));
    Ok((entries.collect(), latest_seen))
}

const fn corrected_ms(meta: &DeviceMeta, phone_ms: u64) -> u64 {
    phone_ms.saturating_add_signed(meta.clock_offset_ms)
}
