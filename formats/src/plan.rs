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
    Author, Clock, Collection, Edit, FieldKey, Language, Record, RecordKey, Register, Stamp, Value,
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

/// Compares a draft with all records of its programme's scope. `clock` stamps what is new, at
/// `now_ms` (milliseconds since 1970, UTC).
pub fn plan(draft: &Draft, present: &[Record], clock: &mut Clock, now_ms: u64) -> Plan {
    for record in present {
        clock.observe(record.latest_reading(clock.device()));
    }
    let stamp = clock.stamp(now_ms);
    let by_key: BTreeMap<RecordKey, &Record> =
        present.iter().map(|record| (record.key, record)).collect();

    let mut report = Report::of(draft);
    let mut changes = Vec::new();
    for wanted in &draft.records {
        let before = by_key.get(&wanted.key).copied();
        if before.is_some_and(Record::is_deleted) {
            report.kept.push(Kept {
                entry: Entry::of(wanted),
                fields: vec![FieldKey::deleted().as_str().to_owned()],
            });
            report.unchanged.count(wanted.key.collection);
            continue;
        }
        let (change, kept) = compare(wanted, before, stamp, draft.is_partial);
        let counts = match (&change, before) {
            (None, _) => &mut report.unchanged,
            (Some(_), None) => &mut report.added,
            (Some(_), Some(_)) => &mut report.changed,
        };
        counts.count(wanted.key.collection);
        if !kept.is_empty() {
            report.kept.push(Kept {
                entry: Entry::of(wanted),
                fields: kept,
            });
        }
        changes.extend(change);
    }
    if !draft.is_partial {
        report.missing = missing(draft, present);
    }
    Plan { changes, report }
}

/// The change that makes the record what the file wants, and the fields where a person decided
/// otherwise.
fn compare(
    wanted: &RecordDraft,
    before: Option<&Record>,
    stamp: Stamp,
    is_partial: bool,
) -> (Option<Record>, Vec<String>) {
    let mut edit = Edit::new(wanted.key, before, stamp, Author::Machine);
    let mut kept = Vec::new();
    let held: BTreeSet<&'static str> = before.map(held_units).unwrap_or_default();
    for (key, value) in &wanted.fields {
        let register = before.and_then(|before| before.field(key.as_str()));
        let present = register.map_or(&Value::Nothing, Register::value);
        let is_held = register.is_some_and(is_a_persons)
            || unit_of(key.as_str()).is_some_and(|unit| held.contains(unit));
        if !is_held {
            edit.set(key.clone(), value.clone());
        } else if present != value {
            kept.push(key.as_str().to_owned());
        }
    }
    // What an earlier version of the file said and this one does not.
    for (key, register) in before.into_iter().flat_map(Record::fields) {
        let is_held =
            is_a_persons(register) || unit_of(key.as_str()).is_some_and(|unit| held.contains(unit));
        let name = key.as_str();
        // Whether a programme is public is also chosen beside the file, and what the server makes is its own.
        let is_beside = name == fields::PUBLIC || fields::MADE.contains(&name);
        let is_left_alone = is_partial || key.is_deleted() || is_beside || is_held;
        if !is_left_alone && !wanted.fields.contains_key(key) {
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

fn held_units(record: &Record) -> BTreeSet<&'static str> {
    record
        .fields()
        .filter(|(_, register)| is_a_persons(register))
        .filter_map(|(key, _)| unit_of(key.as_str()))
        .collect()
}

fn missing(draft: &Draft, present: &[Record]) -> Vec<Entry> {
    let wanted: BTreeSet<RecordKey> = draft.records.iter().map(|record| record.key).collect();
    present
        .iter()
        .filter(|record| {
            record.key.collection != Collection::PROGRAMME
                && identity::is_imported(record.key.id)
                && !record.is_deleted()
                && !wanted.contains(&record.key)
        })
        .map(|record| Entry {
            collection: record.key.collection.to_string(),
            id: record.key.id.to_string(),
            title: title_of(record),
            place: None,
        })
        .collect()
}

fn title_of(record: &Record) -> String {
    let languages = [Language::English, Language::Russian, Language::Kazakh];
    let translated = languages.map(|language| FieldKey::translated(fields::TITLE, language));
    let plain = [fields::TITLE, fields::NAME].map(FieldKey::register);
    let title = translated
        .iter()
        .chain(&plain)
        .find_map(|key| record.value(key.as_str()).as_text());
    title.unwrap_or_default().to_owned()
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
