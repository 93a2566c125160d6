//! The outbox: changes that the server has not acknowledged.
//!
//! Changes that were made at once lie together in one value, a *bundle*, under the position of its
//! first one: to the browser's database, a hundred changes in one value are as quick as one. A
//! bundle takes in no other changes later, so that its key tells which may be in it.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::encoding::{self, DecodeError};
use keruen_domain::{Record, RecordKey};

use super::schema::{FROZEN_KEY, OutboxEntry, Table, position_key, seal, unseal};
use super::{StoreError, Transaction};

/// The form of several entries in one value, each as long as it says; a single one has a form of
/// its own.
const MANY: u8 = 2;
/// Not more changes than these in a bundle, so that a later edit of one of them writes little.
const BUNDLE_CHANGES: usize = 128;
/// Nor more bytes, unless one change has more.
const BUNDLE_BYTES: usize = 64 * 1024;
/// Bundles that are read at once.
const READ_AT_ONCE: usize = 128;

/// The changes in one value of the table, by their positions; never none.
pub(super) type Bundle = Vec<OutboxEntry>;

/// Which changes are in which bundle, by its key, as it was last looked at.
pub(super) type Contents = BTreeMap<String, Vec<(u64, RecordKey)>>;

/// What is in a value of the table.
pub(super) fn read(bytes: &[u8]) -> Result<Bundle, DecodeError> {
    match bytes {
        [MANY, entries @ ..] => encoding::decode(entries),
        one => unseal(one).map(|entry| vec![entry]),
    }
}

/// Adds changes, whose positions are new.
pub(super) fn add(
    transaction: &Transaction<'_>,
    entries: &[&OutboxEntry],
) -> Result<(), StoreError> {
    let mut rest = entries;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take(BUNDLE_CHANGES).take_while(|entry| {
            bytes += size(&entry.change.record);
            bytes <= BUNDLE_BYTES
        });
        let (bundle, others) = rest.split_at(fitting.count().max(1));
        put(transaction, bundle)?;
        rest = others;
    }
    Ok(())
}

/// About how many bytes it takes.
fn size(record: &Record) -> usize {
    const FIELD: usize = 32;
    let fields = record
        .fields()
        .flat_map(|(_, register)| register.versions());
    fields
        .map(|version| FIELD + version.value.as_text().map_or(0, str::len))
        .sum()
}

fn put(transaction: &Transaction<'_>, bundle: &[&OutboxEntry]) -> Result<(), StoreError> {
    let Some(first) = bundle.first() else {
        return Ok(());
    };
    let bytes = match bundle {
        [entry] => seal(entry),
        many => [&[MANY][..], &encoding::encode(&many)].concat(),
    };
    transaction.put(Table::Outbox, &position_key(first.position), &bytes)
}

/// Writes these changes in the place of what stood at their positions in these bundles, and adds
/// those that stood nowhere.
pub(super) fn replace(
    transaction: &Transaction<'_>,
    bundles: Vec<Bundle>,
    entries: &BTreeMap<u64, OutboxEntry>,
) -> Result<(), StoreError> {
    let mut added: BTreeMap<u64, &OutboxEntry> = entries
        .iter()
        .map(|(position, entry)| (*position, entry))
        .collect();
    for bundle in &bundles {
        let mut is_other = false;
        let entries: Vec<&OutboxEntry> = bundle
            .iter()
            .map(|entry| match entries.get(&entry.position) {
                Some(other) => {
                    added.remove(&entry.position);
                    is_other = true;
                    other
                }
                None => entry,
            })
            .collect();
        if is_other {
            put(transaction, &entries)?;
        }
    }
    add(transaction, &added.into_values().collect::<Vec<_>>())
}

/// Takes the changes at these positions out, where they are there, and returns them.
pub(super) async fn take(
    transaction: &Transaction<'_>,
    positions: &BTreeSet<u64>,
) -> Result<Vec<OutboxEntry>, StoreError> {
    let (Some(least), Some(last)) = (positions.first(), positions.last()) else {
        return Ok(Vec::new());
    };
    // A change is in a bundle that begins at its position or before it.
    let (least, last) = (position_key(*least), position_key(*last));
    let keys = transaction.keys(Table::Outbox).await?;
    let first = keys.iter().rev().find(|key| **key <= least);
    let first = first.unwrap_or(&least);
    let values = transaction.within(Table::Outbox, first, &last).await?;
    let (mut taken, mut gone, mut shorter) = (Vec::new(), Vec::new(), Vec::new());
    for bundle in values.iter().filter_map(|bytes| read(bytes).ok()) {
        let key = bundle.first().map(|entry| position_key(entry.position));
        let is_taken = |entry: &OutboxEntry| positions.contains(&entry.position);
        let (leaving, staying): (Bundle, Bundle) = bundle.into_iter().partition(is_taken);
        if !leaving.is_empty() {
            gone.extend(key);
            shorter.push(staying);
            taken.extend(leaving);
        }
    }
    transaction.delete_many(Table::Outbox, &gone).await?;
    // Under another key, if the first one went.
    shorter
        .iter()
        .try_for_each(|bundle| put(transaction, &bundle.iter().collect::<Vec<_>>()))?;
    Ok(taken)
}

/// All changes. Those that cannot be read are set aside when the app is next opened.
pub(super) async fn all(transaction: &Transaction<'_>) -> Result<Vec<Bundle>, StoreError> {
    let values = transaction.all(Table::Outbox).await?;
    Ok(values.iter().filter_map(|bytes| read(bytes).ok()).collect())
}

/// The first changes, at least `most` if there are as many.
pub(super) async fn head(
    transaction: &Transaction<'_>,
    most: usize,
) -> Result<Vec<OutboxEntry>, StoreError> {
    let keys = transaction.keys(Table::Outbox).await?;
    let mut entries = Vec::new();
    for keys in keys.chunks(READ_AT_ONCE) {
        if let [first, ..] = keys
            && let [.., last] = keys
            && entries.len() < most
        {
            let values = transaction.within(Table::Outbox, first, last).await?;
            entries.extend(values.iter().filter_map(|bytes| read(bytes).ok()).flatten());
        }
    }
    Ok(entries)
}

/// Brings what is known of the table up to date, and reads the bundles that hold the last changes
/// of these records.
pub(super) async fn last_of(
    transaction: &Transaction<'_>,
    contents: &mut Contents,
    records: &BTreeSet<RecordKey>,
) -> Result<Vec<Bundle>, StoreError> {
    let keys: BTreeSet<String> = transaction.keys(Table::Outbox).await?.into_iter().collect();
    contents.retain(|key, _| keys.contains(key));
    loop {
        let new = keys.iter().filter(|key| !contents.contains_key(*key));
        let new: Vec<String> = new.cloned().collect();
        let values = transaction.get_many(Table::Outbox, &new).await?;
        for (key, bytes) in new.into_iter().zip(values) {
            let places = bytes.as_deref().map(places_in).unwrap_or_default();
            contents.insert(key, places);
        }
        let mut last: BTreeMap<&RecordKey, (u64, &String)> = BTreeMap::new();
        for (key, places) in &*contents {
            for (position, record) in places.iter().filter(|(_, of)| records.contains(of)) {
                let last = last.entry(record).or_insert((*position, key));
                *last = (*last).max((*position, key));
            }
        }
        let holding: BTreeSet<String> = last.into_values().map(|(_, key)| key.clone()).collect();
        let holding: Vec<String> = holding.into_iter().collect();
        let values = transaction.get_many(Table::Outbox, &holding).await?;
        let known = contents.len();
        for (key, bytes) in holding.iter().zip(&values) {
            // Some of its changes were answered, and the first of them may be back.
            if contents.get(key) != bytes.as_deref().map(places_in).as_ref() {
                contents.remove(key);
            }
        }
        if contents.len() == known {
            let values = values.iter().flatten();
            return Ok(values.filter_map(|bytes| read(bytes).ok()).collect());
        }
    }
}

/// Which changes are in a value; none if it cannot be read.
fn places_in(bytes: &[u8]) -> Vec<(u64, RecordKey)> {
    let bundle = read(bytes).unwrap_or_default();
    let places = bundle.iter();
    places
        .map(|entry| (entry.position, entry.change.record.key))
        .collect()
}

/// Below which position the changes were sent at least once.
pub(super) async fn frozen_below(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    match transaction.get(Table::Meta, FROZEN_KEY).await? {
        Some(bytes) => unseal(&bytes).map_err(|_| StoreError::Damaged),
        None => Ok(0),
    }
}

/// From now on all changes below this position count as sent.
pub(super) fn freeze(transaction: &Transaction<'_>, position: u64) -> Result<(), StoreError> {
    transaction.put(Table::Meta, FROZEN_KEY, &seal(&position))
}
