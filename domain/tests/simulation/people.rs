//! What people do: write notes, edit the agenda, delete and restore, also what they may not.

use std::collections::BTreeMap;

use keruen_domain::testing::history::{Write, shows, survivors, writes_of};
use keruen_domain::{
    Author, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, ProgrammeId,
    Record, RecordId, RecordKey, ScopeId, Value,
};

use crate::device::Device;
use crate::random::Random;
use crate::server::Server;

const RECORDS: u64 = 4;
const FIELDS: [&str; 2] = ["body", "title:kk"];

/// All that anybody ever wrote, and with which change; `None` where an import on the server wrote.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<(RecordKey, Option<ChangeId>, Write)>,
    values: i64,
}

impl Ledger {
    /// A value that nobody wrote before.
    fn value(&mut self) -> i64 {
        self.values += 1;
        self.values
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = ChangeId> {
        self.entries.iter().filter_map(|(_, change, _)| *change)
    }

    /// Each field of the server's rows shows what is left of all writes that were not refused.
    pub(crate) fn check(&self, server: &Server, was_refused: impl Fn(ChangeId) -> bool) {
        let mut fields: BTreeMap<(RecordKey, &FieldKey), Vec<&Write>> = BTreeMap::new();
        for (key, change, write) in &self.entries {
            if !change.is_some_and(&was_refused) {
                fields.entry((*key, &write.field)).or_default().push(write);
            }
        }
        for ((key, field), writes) in fields {
            let register = server.row(&key).and_then(|row| row.field(field.as_str()));
            let survivors = survivors(writes.into_iter());
            assert!(
                shows(register, &survivors),
                "{key:?} {field:?} holds {register:?} and should hold {survivors:?}"
            );
        }
    }
}

fn note(number: u64) -> RecordKey {
    key(ScopeId::OWN, Collection::NOTE, number)
}

fn session(programme: ProgrammeId, number: u64) -> RecordKey {
    key(ScopeId::Programme(programme), Collection::SESSION, number)
}

fn key(scope: ScopeId, collection: Collection, number: u64) -> RecordKey {
    RecordKey {
        scope,
        collection,
        id: RecordId::new(1 + number, [0; 10]),
    }
}

/// Somebody does something on this device. What they wrote they see at once.
pub(crate) fn act(
    device: &mut Device,
    programme: ProgrammeId,
    may_edit_sessions: bool,
    now_ms: u64,
    random: &mut Random,
    ledger: &mut Ledger,
) {
    let number = random.below(RECORDS);
    // Some try what they may not.
    let tries_a_session = random.percent(if may_edit_sessions { 50 } else { 8 });
    let key = if tries_a_session {
        session(programme, number)
    } else {
        note(number)
    };
    let held = device.store.rows.get(&key).cloned();
    let is_deleted = held.as_ref().is_some_and(Record::is_deleted);
    let choice = random.below(10);
    let field = FIELDS[random.index(FIELDS.len())];
    let value = ledger.value();
    let id = ChangeId::new(now_ms, random.ten_bytes());
    let phone_ms = device.phone_ms(now_ms);
    let edited = device.store.edit(key, phone_ms, id, |edit| match choice {
        0 if held.is_some() => {
            edit.delete();
        }
        1..4 if is_deleted => {
            edit.restore(&Record::new(key))
                .set(FieldKey::register(field), value);
        }
        _ => {
            edit.set(FieldKey::register(field), value);
        }
    });
    let Some((change, writes)) = edited else {
        return;
    };
    let scope = match key.scope {
        ScopeId::OWN => ScopeId::Person(device.owner),
        scope => scope,
    };
    for write in writes {
        let shown = device.store.rows[&key].value(write.field.as_str());
        let written = write.value.clone().unwrap_or(Value::Nothing);
        assert_eq!(shown, &written, "people see what they wrote");
        ledger
            .entries
            .push((RecordKey { scope, ..key }, Some(change), write));
    }
}

/// An import on the server writes to a session of the agenda.
pub(crate) fn import(
    server: &mut Server,
    run: u64,
    now_ms: u64,
    random: &mut Random,
    ledger: &mut Ledger,
) {
    let key = session(server.programme, random.below(RECORDS));
    let before = server.row(&key).cloned().unwrap_or(Record::new(key));
    let mut clock = Clock::new(DeviceId(1_000 + run), Hlc::default(), 0);
    clock.observe(before.latest_reading(clock.device()));
    let stamp = clock.stamp(now_ms);
    let mut edit = Edit::new(key, Some(&before), stamp, Author::Machine);
    let field = FIELDS[random.index(FIELDS.len())];
    edit.set(FieldKey::register(field), ledger.value());
    if let Some(change) = edit.finish() {
        for write in writes_of(&change, &before, stamp, Author::Machine) {
            ledger.entries.push((key, None, write));
        }
        server.merge(change);
    }
}

pub(crate) fn person(number: usize) -> PersonId {
    PersonId::new(1, [number as u8 + 1; 10])
}
