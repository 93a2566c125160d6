//! What people say of themselves, and the card of it that others see.

use keruen_domain::model::fields;
use keruen_domain::protocol::people::{Card, limits};
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, Language, PersonId, ProgrammeId,
    Record, RecordKey, ScopeId,
};

use crate::store::{Merged, StoreError, WriteTransaction, merge};

/// A line of text without what surrounds it; `None` if it is too long or is no line of text.
pub fn valid_text(text: &str) -> Option<String> {
    let text = text.trim();
    let is_line = text.chars().count() <= limits::MAX_CHARACTERS
        && !text.chars().any(|character| character.is_control());
    is_line.then(|| text.to_owned())
}

/// The card as it is kept; `None` if it says what no card says.
pub fn valid_card(card: &Card) -> Option<Card> {
    let name = valid_text(&card.name).filter(|name| !name.is_empty())?;
    let region = Some(&card.region).filter(|code| code.is_empty() || is_region(code))?;
    let tag = Some(&card.language).filter(|tag| tag.chars().count() <= limits::MAX_CHARACTERS)?;
    Some(Card {
        name,
        organisation: valid_text(&card.organisation)?,
        region: region.clone(),
        language: Language::from_tag(tag)?.code().to_owned(),
        is_listed: card.is_listed,
    })
}

/// Whether it has the form of an ISO 3166-2 code.
fn is_region(code: &str) -> bool {
    let Some((country, region)) = code.split_once('-') else {
        return false;
    };
    country.len() == 2
        && country.bytes().all(|letter| letter.is_ascii_uppercase())
        && (1..=3).contains(&region.len())
        && region
            .bytes()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

fn key(programme: ProgrammeId, person: PersonId) -> RecordKey {
    RecordKey {
        scope: ScopeId::Programme(programme),
        collection: Collection::PERSON,
        id: person.into(),
    }
}

/// Writes somebody's card into a programme, under a stamp of `device`.
pub(super) fn write_card(
    transaction: &mut dyn WriteTransaction,
    programme: ProgrammeId,
    person: PersonId,
    card: &Card,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    let organisation = match Language::from_tag(&card.language) {
        Some(language) => FieldKey::translated(fields::ORGANISATION, language),
        None => FieldKey::register(fields::ORGANISATION),
    };
    edit(
        transaction,
        key(programme, person),
        device,
        now_ms,
        |edit| {
            edit.set(FieldKey::register(fields::NAME), &*card.name);
            if !card.organisation.is_empty() {
                edit.set(organisation, &*card.organisation);
            }
            if !card.region.is_empty() {
                edit.set(FieldKey::register(fields::REGION), &*card.region);
            }
        },
    )
}

/// Puts another name on a card that is there, under a stamp of `device`.
pub(super) fn rename_card(
    transaction: &mut dyn WriteTransaction,
    key: RecordKey,
    name: &str,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    edit(transaction, key, device, now_ms, |edit| {
        edit.set(FieldKey::register(fields::NAME), name);
    })
}

/// Removes a card, under a stamp of `device`.
pub(super) fn remove_card(
    transaction: &mut dyn WriteTransaction,
    key: RecordKey,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    let is_there = transaction
        .row(&key)?
        .is_some_and(|row| !row.record.is_deleted());
    if is_there {
        edit(transaction, key, device, now_ms, |edit| {
            edit.delete();
        })?;
    }
    Ok(())
}

fn edit(
    transaction: &mut dyn WriteTransaction,
    key: RecordKey,
    device: DeviceId,
    now_ms: u64,
    write: impl FnOnce(&mut Edit<'_>),
) -> Result<(), StoreError> {
    let before = transaction.row(&key)?;
    let record: Option<&Record> = before.as_ref().map(|row| &row.record);
    let mut clock = Clock::new(device, Hlc::default(), 0);
    if let Some(record) = record {
        clock.observe(record.latest_reading(device));
    }
    let mut edit = Edit::new(key, record, clock.stamp(now_ms), Author::Machine);
    if record.is_some_and(Record::is_deleted) {
        edit.set(FieldKey::deleted(), false);
    }
    write(&mut edit);
    let Some(delta) = edit.finish() else {
        return Ok(());
    };
    if merge(transaction, before, delta, now_ms)? == Merged::TooLarge {
        tracing::warn!(%key.scope, "a card has no room for what its person says");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_say_what_cards_say() {
        let card = |name: &str, region: &str, language: &str| Card {
            name: name.to_owned(),
            region: region.to_owned(),
            language: language.to_owned(),
            ..Card::default()
        };
        let kept = valid_card(&card(" <b>Айгерім</b> ", "KZ-47", "kk-KZ")).unwrap();
        assert_eq!((&*kept.name, &*kept.language), ("<b>Айгерім</b>", "kk"));
        for wrong in [
            card(" ", "", "kk"),
            card(&"ы".repeat(201), "", "kk"),
            card("a\nb", "", "kk"),
            card("a", "Mangystau", "kk"),
            card("a", "KZ-../..", "kk"),
            card("a", "", "xx"),
        ] {
            assert_eq!(valid_card(&wrong), None, "{wrong:?}");
        }
        assert!(valid_card(&card(&"ы".repeat(200), "", "ru")).is_some());
    }
}
