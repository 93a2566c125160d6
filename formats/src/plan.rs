//! What an import would change in the rows that are there already.
//!
//! The file is right about what it brought itself and wrong about what people changed since:
//!
//! | the field's present value | the file says | then |
//! |---|---|---|
//! | none, or written by an import | something else | it is written |
//! | written by an import | nothing any more | it is emptied |
//! | written by a person | something else | it stays; reported as *kept* |
//! | any | the same | nothing happens |
//!
//! A file that holds only some of what its records say ([`Draft::is_partial`]) empties nothing.
//!
//! A record that a person deleted stays deleted. One that an earlier import brought and that the
//! file no longer holds stays and is reported as *missing*: only a person deletes.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Clock, Collection, Edit, FieldKey, Record, RecordKey, Register, Stamp, Value,
};

use crate::draft::{Draft, RecordDraft};
use crate::identity;
use crate::problem::{Notice, Place, Reason};
use crate::report::{Entry, Kept, Report};

/// What is to be written, and the story of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Changes to be merged into the records at their places.
    pub changes: Vec<Record>,
    /// What people are told.
    pub report: Report,
}

/// A record as a file wants it, in whatever form.
pub trait Wanted {
    /// Where it is to be.
    fn key(&self) -> RecordKey;
    /// All of its fields.
    fn fields(&self) -> impl Iterator<Item = (&FieldKey, &Value)>;
    /// Whether it says something of this field.
    fn says(&self, key: &FieldKey) -> bool;
}

impl Wanted for RecordDraft {
    fn key(&self) -> RecordKey {
        self.key
    }

    fn fields(&self) -> impl Iterator<Item = (&FieldKey, &Value)> {
        self.fields.iter()
    }

    fn says(&self, key: &FieldKey) -> bool {
        self.fields.contains_key(key)
    }
}

impl Wanted for Record {
    fn key(&self) -> RecordKey {
        self.key
    }

    fn fields(&self) -> impl Iterator<Item = (&FieldKey, &Value)> {
        self.fields().map(|(key, register)| (key, register.value()))
    }

    fn says(&self, key: &FieldKey) -> bool {
        self.field(key.as_str()).is_some()
    }
}

/// How a file's records stand to those that are there.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// Changes to be merged into the records at their places, which may be new.
    pub changes: Vec<Record>,
    /// Records that stay as they are.
    pub unchanged: Vec<RecordKey>,
    /// Records in which a person's word is left standing against the file's, and in which fields.
    pub kept: Vec<(RecordKey, Vec<FieldKey>)>,
    /// Records that an earlier import brought and that the file no longer holds. They stay.
    pub missing: Vec<RecordKey>,
}

/// Compares a draft with all records of its programme's scope. `clock` stamps what is new, at
/// `now_ms` (milliseconds since 1970, UTC).
pub fn plan(draft: &Draft, present: &[Record], clock: &mut Clock, now_ms: u64) -> Plan {
    for record in present {
        clock.observe(record.latest_reading(clock.device()));
    }
    let by_key: BTreeMap<RecordKey, &Record> =
        present.iter().map(|record| (record.key, record)).collect();
    let drafts: BTreeMap<RecordKey, &RecordDraft> = draft
        .records
        .iter()
        .map(|record| (record.key, record))
        .collect();
    let found = differences(
        &draft.records,
        draft.is_partial,
        present.iter(),
        |key| by_key.get(key).copied(),
        clock.stamp(now_ms),
    );
    let mut report = Report::of(draft);
    for change in &found.changes {
        let counts = if by_key.contains_key(&change.key) {
            &mut report.changed
        } else {
            &mut report.added
        };
        counts.count(change.key.collection);
    }
    for key in &found.unchanged {
        report.unchanged.count(key.collection);
    }
    let kept = found.kept.into_iter().filter_map(|(key, fields)| {
        Some(Kept {
            entry: Entry::of(drafts.get(&key)?),
            fields: fields.iter().map(|key| key.as_str().to_owned()).collect(),
        })
    });
    report.kept = kept.collect();
    let missing = found.missing.iter().filter_map(|key| by_key.get(key));
    report.missing = missing.map(|record| Entry::missing(record)).collect();
    Plan {
        changes: found.changes,
        report,
    }
}

/// Compares what a file wants with the records that are `present` in its programme's scope, each of which `find`
/// finds. `is_partial` as in [`Draft`]; the changes bear `stamp`.
pub fn differences<'a, W: Wanted>(
    records: &[W],
    is_partial: bool,
    present: impl Iterator<Item = &'a Record>,
    find: impl Fn(&RecordKey) -> Option<&'a Record>,
    stamp: Stamp,
) -> Differences {
    let mut found = Differences::default();
    for wanted in records {
        let key = wanted.key();
        let before = find(&key);
        if before.is_some_and(Record::is_deleted) {
            found.kept.push((key, vec![FieldKey::deleted()]));
            found.unchanged.push(key);
            continue;
        }
        let (change, kept) = compare(wanted, before, stamp, is_partial);
        match change {
            Some(change) => found.changes.push(change),
            None => found.unchanged.push(key),
        }
        if !kept.is_empty() {
            found.kept.push((key, kept));
        }
    }
    if !is_partial {
        found.missing = missing(records, present);
    }
    found
}

/// The change that makes the record what the file wants, and the fields where a person decided
/// otherwise.
fn compare(
    wanted: &impl Wanted,
    before: Option<&Record>,
    stamp: Stamp,
    is_partial: bool,
) -> (Option<Record>, Vec<FieldKey>) {
    let mut edit = Edit::new(wanted.key(), before, stamp, Author::Machine);
    let mut kept = Vec::new();
    let held: Vec<&'static str> = before.map(held_units).unwrap_or_default();
    for (key, value) in wanted.fields() {
        let register = before.and_then(|before| before.field(key.as_str()));
        let present = register.map_or(&Value::Nothing, Register::value);
        let is_held = register.is_some_and(is_a_persons)
            || unit_of(key.as_str()).is_some_and(|unit| held.contains(&unit));
        if !is_held {
            edit.set(key.clone(), value.clone());
        } else if present != value {
            kept.push(key.clone());
        }
    }
    // What an earlier version of the file said and this one does not.
    for (key, register) in before.into_iter().flat_map(Record::fields) {
        let is_held = is_a_persons(register)
            || unit_of(key.as_str()).is_some_and(|unit| held.contains(&unit));
        let name = key.as_str();
        // Whether a programme is public is also chosen beside the file, and what the server makes is its own.
        let is_beside = name == fields::PUBLIC || fields::MADE.contains(&name);
        let is_left_alone = is_partial || key.is_deleted() || is_beside || is_held;
        if !is_left_alone && !wanted.says(key) {
            match register.value() {
                Value::Nothing | Value::Flag(false) => {}
                Value::Flag(true) => {
                    edit.set(key.clone(), false);
                }
                Value::Number(_) | Value::Text(_) | Value::Reference(_) => {
                    edit.set(key.clone(), Value::Nothing);
                }
            }
        }
    }
    (edit.finish(), kept)
}

/// Whether a person chose what stands there, or something that lost to it and is still kept.
fn is_a_persons(register: &Register) -> bool {
    let winner = register.winner();
    winner.is_some_and(|version| version.author == Author::Person)
        || register
            .others()
            .any(|version| version.author == Author::Person)
}

/// Fields that only mean something together: who moved a session's end meant its start, too.
const UNITS: [(&str, &[&str]); 2] = [
    (
        "time",
        &[fields::START, fields::END, fields::OFFSET_MINUTES],
    ),
    (
        "file",
        &[
            fields::FILE_SHA256,
            fields::FILE_SIZE_BYTES,
            fields::FILE_TYPE,
            fields::FILE_NAME,
        ],
    ),
];

fn unit_of(field: &str) -> Option<&'static str> {
    let unit = UNITS.iter().find(|(_, members)| members.contains(&field));
    unit.map(|(name, _)| *name)
}

fn held_units(record: &Record) -> Vec<&'static str> {
    record
        .fields()
        .filter(|(_, register)| is_a_persons(register))
        .filter_map(|(key, _)| unit_of(key.as_str()))
        .collect()
}

fn missing<'a>(
    records: &[impl Wanted],
    present: impl Iterator<Item = &'a Record>,
) -> Vec<RecordKey> {
    let wanted: BTreeSet<RecordKey> = records.iter().map(Wanted::key).collect();
    let is_whole = wanted
        .iter()
        .any(|key| key.collection == Collection::PROGRAMME);
    let event_of = |record: &Record| match record.value(fields::EVENT) {
        Value::Reference(event) => Some(RecordKey {
            collection: Collection::EVENT,
            id: *event,
            ..record.key
        }),
        _ => None,
    };
    // A file that was read into a programme knows nothing of what others brought: only of its own events.
    let is_its =
        |record: &Record| is_whole || event_of(record).is_some_and(|event| wanted.contains(&event));
    let missing = present.filter(|record| {
        record.key.collection != Collection::PROGRAMME
            && is_its(record)
            && identity::is_imported(record.key.id)
            && !record.is_deleted()
            && !wanted.contains(&record.key)
    });
    missing.map(|record| record.key).collect()
}

impl Plan {
    /// A change could not be written because the record would have become too large: the report
    /// says so instead of counting it.
    pub fn note_too_large(&mut self, key: &RecordKey, was_there: bool) {
        let counts = if was_there {
            &mut self.report.changed
        } else {
            &mut self.report.added
        };
        counts.discount(key.collection);
        self.report.skipped.push(Notice {
            place: Place::File,
            entry: Some(format!("{} {}", key.collection, key.id)),
            reason: Reason::RecordTooLarge,
            more: 0,
        });
    }
}
