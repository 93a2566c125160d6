//! The records of the comparison with other sync engines (`bench/peers/`), as Keruen keeps them:
//! the materials of one public programme, a register for each field.
//!
//! Shared by the server that loads them and the page that reads them.

mod digest;
mod ulid;

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Collection, Edit, FieldKey, ProgrammeId, Record, RecordId, RecordKey, ScopeId, Stamp,
    Value,
};
use serde::Deserialize;
use uuid::Uuid;

pub use digest::{Digest, digest};

/// Whoever opens the bench page is an organiser by this token, on a server of the bench only.
pub const TOKEN: &str = "whoever-opens-the-bench-page";

const PROGRAMME: ProgrammeId =
    ProgrammeId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
/// The scope of all records.
pub const ALL_RECORDS: ScopeId = ScopeId::Programme(PROGRAMME);
const SCOPE: &str = "scope";
const UPDATED: &str = "updated";
const TAGS: &str = "tags";
const FLAG: &str = "flag";
/// Between two tags; none contains it.
const TAG_SEPARATOR: &str = ",";

/// A record as the comparison describes it (`harness/dataset/dataset.mjs`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// 26 digits, sortable by time: a ULID.
    pub id: String,
    /// What it belongs to.
    pub scope: String,
    /// A word.
    pub kind: String,
    /// Some words.
    pub title: String,
    /// A sentence.
    pub body: String,
    /// Local time with offset.
    pub start: String,
    /// Milliseconds since 1970 (UTC).
    pub updated: i64,
    /// In their order, perhaps with repetitions.
    pub tags: Vec<String>,
    /// Yes or no.
    pub flag: bool,
}

/// A new title or a new body for one record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Revision {
    /// Of which record.
    pub id: String,
    /// Its new title, if it has one.
    pub title: Option<String>,
    /// Its new body, if it has one.
    pub body: Option<String>,
    /// Milliseconds since 1970 (UTC).
    pub updated: i64,
}

impl Revision {
    /// Writes what is new.
    pub fn write(&self, edit: &mut Edit<'_>) {
        let texts = [(fields::TITLE, &self.title), (fields::BODY, &self.body)];
        for (name, text) in texts {
            if let Some(text) = text {
                edit.set(FieldKey::register(name), text.as_str());
            }
        }
        edit.set(FieldKey::register(UPDATED), self.updated);
    }

    /// Whether all of it stands in the record.
    pub fn is_in(&self, record: &Record) -> bool {
        let holds = |name: &str, text: &Option<String>| {
            text.is_none() || record.value(name).as_text() == text.as_deref()
        };
        holds(fields::TITLE, &self.title)
            && holds(fields::BODY, &self.body)
            && record.value(UPDATED) == &Value::Number(self.updated)
    }
}

/// Where the record with this identifier is; `None` if it is no ULID.
pub fn key_of(id: &str) -> Option<RecordKey> {
    Some(RecordKey {
        scope: ALL_RECORDS,
        collection: Collection::MATERIAL,
        id: RecordId::from_uuid(ulid::parse(id)?),
    })
}

/// The programme that holds the records: anyone may read it.
pub fn programme(stamp: Stamp) -> Record {
    let key = RecordKey {
        scope: ALL_RECORDS,
        collection: Collection::PROGRAMME,
        id: PROGRAMME.into(),
    };
    written(key, stamp, |edit| {
        edit.set(FieldKey::register(fields::PUBLIC), true);
    })
}

impl Item {
    /// The item as an import writes it; `None` if its identifier is no ULID.
    pub fn record(&self, stamp: Stamp) -> Option<Record> {
        let key = key_of(&self.id)?;
        Some(written(key, stamp, |edit| {
            for (name, text) in [
                (SCOPE, self.scope.as_str()),
                (fields::KIND, &self.kind),
                (fields::TITLE, &self.title),
                (fields::BODY, &self.body),
                (fields::START, &self.start),
                (TAGS, &self.tags.join(TAG_SEPARATOR)),
            ] {
                edit.set(FieldKey::register(name), text);
            }
            edit.set(FieldKey::register(UPDATED), self.updated);
            edit.set(FieldKey::register(FLAG), self.flag);
        }))
    }
}

fn written(key: RecordKey, stamp: Stamp, write: impl FnOnce(&mut Edit<'_>)) -> Record {
    let mut edit = Edit::new(key, None, stamp, Author::Machine);
    write(&mut edit);
    // Whatever is written is news to nobody's record.
    edit.finish().unwrap_or_else(|| Record::new(key))
}

#[cfg(test)]
mod tests {
    use keruen_domain::{Clock, DeviceId, Hlc};

    use super::*;

    fn item() -> Item {
        Item {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
            scope: "programme-07".into(),
            kind: "note".into(),
            title: "Шеберхана".into(),
            body: "Бюджет 2026".into(),
            start: "2026-09-14T09:35+05:00".into(),
            updated: 1_757_000_000_000,
            tags: vec!["ауыл".into(), "музей".into(), "ауыл".into()],
            flag: true,
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_harness() {
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
        let record = item().record(stamp).unwrap();
        // By harness/dataset/digest.mjs.
        let expected = Digest {
            records: 1,
            checksum: 87_946_787,
        };
        assert_eq!(digest([&record].into_iter()), expected);
    }

    #[test]
    fn a_revision_is_in_a_record_once_it_was_written() {
        let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
        let mut record = item().record(clock.stamp(1)).unwrap();
        let revision = Revision {
            id: item().id,
            title: None,
            body: Some("Бюджет 2027".into()),
            updated: 1_758_000_000_000,
        };
        assert!(!revision.is_in(&record));
        let stamp = clock.stamp(2);
        let mut edit = Edit::new(record.key, Some(&record), stamp, Author::Person);
        revision.write(&mut edit);
        let change = edit.finish().unwrap();
        record.merge(change);
        assert!(revision.is_in(&record));
    }
}
