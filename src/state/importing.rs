//! Schedules of other programs: read by the server, compared here with what is on the device, written once their
//! person has seen what that would change.

use std::sync::Arc;

use keruen_domain::model::{Moment, Session, Translated, View, fields};
use keruen_domain::protocol::schedules::{ReadFile, ReadSchedule, Reading, paths};
use keruen_domain::{
    Clock, Collection, DeviceId, EventId, FieldKey, Hlc, ProgrammeId, Record, RecordKey, Register,
    Role, ScopeId, SessionId, Value,
};
use keruen_formats::differences;
use leptos::prelude::untrack;

use super::editing::Edited;
use super::{Answer, AppState, COLLECTIONS};
use crate::platform::now_ms;
use crate::store::Write;
use crate::sync::ask;

/// What a file holds, to be compared and written.
pub struct Schedule {
    /// What the file calls its programme.
    pub title: String,
    /// The programme that the records are of.
    pub programme: ProgrammeId,
    /// Entries that were left out, and why, a line each.
    pub skipped: Vec<String>,
    /// What else should be known.
    pub warnings: Vec<String>,
    is_partial: bool,
    /// In the order of the file.
    records: Vec<Record>,
    /// What each of them is called.
    labels: Vec<String>,
}

/// What a file would change of what is on the device.
#[derive(Default)]
pub struct Comparison {
    /// What is not here.
    pub added: Vec<Entry>,
    /// What becomes otherwise.
    pub changed: Vec<Entry>,
    /// What people wrote otherwise, and what stays so unless somebody takes the file's.
    pub kept: Vec<Entry>,
    /// What an earlier file brought and this one does not have. It stays.
    pub missing: Vec<String>,
    /// How much is here just so.
    pub unchanged: usize,
    changes: Vec<Record>,
}

/// A record of a file beside the one on the device.
#[derive(Clone)]
pub struct Entry {
    /// Where it is.
    pub key: RecordKey,
    /// What it is called.
    pub title: String,
    /// What is otherwise; of one that is not here, when it is.
    pub details: Vec<Detail>,
}

/// From when until when a session is.
pub type Span = Option<(Moment, Moment)>;

/// What is one way here and another in the file.
#[derive(Clone)]
pub enum Detail {
    /// A person deleted it.
    Deleted,
    /// When it is.
    Times(Span, Span),
    /// Another field.
    Field(FieldKey, Value, Value),
}

impl Schedule {
    /// What the server read.
    pub fn new(read: ReadFile) -> Self {
        let records = read.records.into_iter();
        let (records, labels) = records.map(|of| (of.record, of.label)).unzip();
        Self {
            title: read.title,
            programme: read.programme,
            skipped: read.skipped,
            warnings: read.warnings,
            is_partial: read.is_partial,
            records,
            labels,
        }
    }

    /// Whether it describes its programme itself.
    pub fn is_whole(&self) -> bool {
        let mut keys = self.records.iter().map(|record| record.key);
        keys.any(|key| key.collection == Collection::PROGRAMME)
    }

    /// What a record of its programme is called in the file.
    pub fn name_of(&self, collection: Collection, id: &str) -> Option<&str> {
        let id = id.parse().ok()?;
        let is_it = |record: &Record| record.key.collection == collection && record.key.id == id;
        let position = self.records.iter().position(is_it)?;
        self.labels.get(position).map(String::as_str)
    }

    /// Where these records stand in the file, in whose order they are.
    fn positions(&self, keys: impl Iterator<Item = RecordKey>) -> impl Iterator<Item = usize> {
        let mut next = 0;
        keys.filter_map(move |key| {
            let rest = self.records.get(next..)?;
            next += rest.iter().position(|record| record.key == key)?;
            Some(next)
        })
    }

    fn entry(&self, position: usize, details: Vec<Detail>) -> Entry {
        Entry {
            key: self.records[position].key,
            title: self.labels[position].clone(),
            details,
        }
    }
}

impl Comparison {
    /// Whether the file says nothing new.
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty()
    }
}

impl AppState {
    /// What a record is called.
    pub fn name_of(&self, key: &RecordKey) -> Option<String> {
        let record = self.record(key)?;
        let names = [fields::TITLE, fields::NAME];
        let mut names = names
            .map(|name| Translated::read(&record, name))
            .into_iter();
        names.find_map(|name| name.texts().next().map(str::to_owned))
    }

    /// The programmes that the owner of this device organises, the latest first.
    pub fn organised_programmes(&self) -> Vec<ProgrammeId> {
        let joined = self.joined_programmes().into_iter();
        let organised = joined.filter(|(_, role)| *role == Role::Organiser);
        organised.map(|(programme, _)| programme).collect()
    }

    /// Has the server read a file. Nothing of it is kept there.
    pub async fn read_schedule(&self, question: ReadSchedule) -> Answer<Reading> {
        ask(&self.store(), paths::READ, &question).await
    }

    /// What a file would change.
    pub fn compare(&self, schedule: &Schedule) -> Comparison {
        self.follow_programmes();
        let scope = ScopeId::Programme(schedule.programme);
        let store = self.store();
        let present: Vec<Arc<Record>> = {
            let replica = store.replica();
            let records = COLLECTIONS[..5].iter().flat_map(|of| replica.records(*of));
            records.filter(|record| record.key.scope == scope).collect()
        };
        // Only the values are wanted: each record is stamped when it is written.
        let stamp = Clock::new(DeviceId(0), Hlc::default(), 0).stamp(now_ms());
        let mut order: Vec<(RecordKey, usize)> = Vec::with_capacity(present.len());
        order.extend(
            present
                .iter()
                .enumerate()
                .map(|(at, record)| (record.key, at)),
        );
        order.sort_unstable();
        let find = |key: &RecordKey| {
            let at = order.binary_search_by(|(of, _)| of.cmp(key)).ok()?;
            Some(&present[order[at].1])
        };
        let found = differences(
            &schedule.records,
            schedule.is_partial,
            present.iter().map(|record| &**record),
            |key| find(key).map(|record| &**record),
            stamp,
        );
        let mut comparison = Comparison {
            missing: found
                .missing
                .iter()
                .map(|key| self.name_of(key).unwrap_or_default())
                .collect(),
            unchanged: found.unchanged.len(),
            ..Comparison::default()
        };
        let changed = schedule.positions(found.changes.iter().map(|change| change.key));
        for (position, change) in changed.zip(&found.changes) {
            let before = find(&change.key);
            let mut details = details(before, change, |_| true);
            if before.is_some() {
                comparison.changed.push(schedule.entry(position, details));
            } else {
                details.retain(|detail| matches!(detail, Detail::Times(..)));
                comparison.added.push(schedule.entry(position, details));
            }
        }
        let kept = schedule.positions(found.kept.iter().map(|(key, _)| *key));
        for (position, (key, fields)) in kept.zip(&found.kept) {
            let before = find(key);
            let details = match before.is_some_and(|before| before.is_deleted()) {
                true => vec![Detail::Deleted],
                false => details(before, &schedule.records[position], |of| {
                    fields.contains(of)
                }),
            };
            comparison.kept.push(schedule.entry(position, details));
        }
        comparison.changes = found.changes;
        comparison
    }

    /// Writes what the file says, and its word against people's where that was `taken`; whether that worked, else it
    /// says so. With `is_public` everybody may read the programme that it brings.
    pub fn import(
        &self,
        schedule: &Schedule,
        taken: &[RecordKey],
        is_public: bool,
    ) -> impl Future<Output = bool> + use<> {
        let comparison = untrack(|| self.compare(schedule));
        let mut writes: Vec<Write> = Vec::new();
        let mut sessions: Vec<SessionId> = Vec::new();
        let mut write = |key: RecordKey, fields: Edited| {
            if key.collection == Collection::SESSION {
                sessions.push(key.id.into());
            }
            let seen = self.store().replica().get(&key);
            let write = Write::having_seen(key, seen, move |edit| {
                for (field, value) in fields {
                    edit.set(field, value);
                }
            });
            writes.push(write.by_program());
        };
        for change in &comparison.changes {
            write(change.key, values(change));
        }
        let taken = comparison
            .kept
            .iter()
            .filter(|entry| taken.contains(&entry.key));
        let taken: Vec<&Entry> = taken.collect();
        let positions = schedule.positions(taken.iter().map(|entry| entry.key));
        for (position, entry) in positions.zip(&taken) {
            let mut fields = values(&schedule.records[position]);
            if matches!(entry.details[..], [Detail::Deleted]) {
                fields.push((FieldKey::deleted(), Value::Flag(false)));
            }
            write(entry.key, fields);
        }
        if is_public && schedule.is_whole() {
            let key = RecordKey {
                scope: ScopeId::Programme(schedule.programme),
                collection: Collection::PROGRAMME,
                id: schedule.programme.into(),
            };
            let field = FieldKey::register(fields::PUBLIC);
            write(key, vec![(field, Value::Flag(true))]);
        }
        let state = *self;
        async move {
            let is_saved = state.commit_all(writes).await;
            state.look_at_imported(&sessions);
            is_saved
        }
    }

    /// What somebody brought themselves is no news to them.
    fn look_at_imported(&self, sessions: &[SessionId]) {
        let event_of = |id: &SessionId| untrack(|| self.session(*id))?.event();
        let mut of_events: Vec<(EventId, SessionId)> = Vec::new();
        of_events.extend(sessions.iter().filter_map(|id| Some((event_of(id)?, *id))));
        of_events.sort_unstable();
        for of_event in of_events.chunk_by(|(one, _), (other, _)| one == other) {
            let sessions: Vec<SessionId> = of_event.iter().map(|(_, id)| *id).collect();
            self.look_at_own(of_event[0].0, &sessions);
        }
    }
}

/// What a record says.
fn values(record: &Record) -> Edited {
    let fields = record.fields();
    fields
        .map(|(key, register)| (key.clone(), register.value().clone()))
        .collect()
}

/// What would become otherwise in a record; its times together, since they only mean something so.
fn details(
    before: Option<&Arc<Record>>,
    written: &Record,
    concerns: impl Fn(&FieldKey) -> bool,
) -> Vec<Detail> {
    const TIMES: [&str; 3] = [fields::START, fields::END, fields::OFFSET_MINUTES];
    let stands = |name: &str| before.map_or(&Value::Nothing, |before| before.value(name));
    let mut found = Vec::new();
    let mut is_moved = false;
    for (key, register) in written.fields().filter(|(key, _)| concerns(key)) {
        let name = key.as_str();
        if TIMES.contains(&name) {
            is_moved = true;
        } else {
            let (here, in_file) = (stands(name).clone(), register.value().clone());
            found.push(Detail::Field(key.clone(), here, in_file));
        }
    }
    if is_moved {
        let here = before
            .and_then(Session::of)
            .and_then(|session| session.start().zip(session.end()));
        let number = |name: &str| {
            let written = written.field(name).map(Register::value);
            match written.unwrap_or_else(|| stands(name)) {
                Value::Number(number) => Some(*number),
                _ => None,
            }
        };
        let moment = |name| Moment::new(number(name)?, number(fields::OFFSET_MINUTES)?);
        let in_file = moment(fields::START).zip(moment(fields::END));
        found.insert(0, Detail::Times(here, in_file));
    }
    found
}
