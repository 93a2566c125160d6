//! What operators do with somebody: another name, and forgetting them.

use keruen_domain::{Collection, DeviceId, PersonId, RecordKey, ScopeId};

use super::Writing;
use super::cards::{remove_card, rename_card};
use crate::store::{Person, ReadTransaction, StoreError};

/// Where there is a card of somebody.
pub fn cards(
    transaction: &dyn ReadTransaction,
    person: PersonId,
) -> Result<Vec<RecordKey>, StoreError> {
    let mut cards = Vec::new();
    for shared in transaction.shared_scopes()? {
        let key = RecordKey {
            scope: shared.scope,
            collection: Collection::PERSON,
            id: person.into(),
        };
        let row = transaction.row(&key)?;
        if row.is_some_and(|row| !row.record.is_deleted()) {
            cards.push(key);
        }
    }
    Ok(cards)
}

/// Gives somebody another name, on their cards too, under stamps of `device`.
pub fn rename(
    transaction: Writing<'_>,
    mut person: Person,
    name: &str,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    name.clone_into(&mut person.card.name);
    for key in cards(transaction, person.id)? {
        rename_card(transaction, key, name, device, now_ms)?;
    }
    transaction.put_person(&person)
}

/// Forgets somebody: all that is theirs alone, and their cards, under stamps of `device`. What they wrote
/// into programmes and groups stays, and names nobody.
pub fn erase(
    transaction: Writing<'_>,
    person: PersonId,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    for key in cards(transaction, person)? {
        remove_card(transaction, key, device, now_ms)?;
        cut_anew(transaction, key.scope)?;
    }
    transaction.erase_person(person)
}

/// Lets the snapshot of a scope, which shows what was there, not be offered any more: as one of another
/// history it is replaced at once, and its chunks go with all that were replaced.
fn cut_anew(transaction: Writing<'_>, scope: ScopeId) -> Result<(), StoreError> {
    if let Some(mut newest) = transaction.snapshot(scope)? {
        newest.cursor.epoch = newest.cursor.epoch.wrapping_add(1);
        transaction.put_snapshot(scope, &newest)?;
    }
    Ok(())
}
