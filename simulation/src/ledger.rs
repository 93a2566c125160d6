//! All that anybody ever wrote, as a plain list, and what must be left of it.
//!
//! Nothing is merged here: of the writes to a field remain those that nobody who knew them has
//! replaced.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::{ChangeId, FieldKey, PersonId, Record, RecordKey, Register, ScopeId, Stamp};

/// By what a version is known again, wherever it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Its value: nobody writes a number twice. The stamp may be replaced on the way.
    Number(i64),
    /// Its stamp, for a deletion's mark, which has only two values.
    At(Stamp),
}

/// One write to one field.
#[derive(Clone, Debug)]
struct Entry {
    stamp: Option<Stamp>,
    mark: Option<Mark>,
    /// What its writer knew of the field.
    knew: BTreeSet<Mark>,
    /// With which change it travels; none where an import on the server wrote.
    change: Option<ChangeId>,
    /// By which device.
    device: Option<usize>,
    /// Nobody holds it any more, and nobody is to blame for that.
    is_forgiven: bool,
}

impl Entry {
    /// Whether this register holds what was written. A mark's stamp may be another one by now.
    fn is_held(&self, field: &FieldKey, register: Option<&Register>) -> bool {
        match self.mark {
            None => true,
            Some(Mark::At(_)) => register.is_some_and(|register| register.winner().is_some()),
            Some(mark) => marks(field, register).contains(&mark),
        }
    }
}

/// All writes so far, those to a field in the order in which they were made.
#[derive(Default)]
pub(crate) struct Ledger {
    fields: BTreeMap<(RecordKey, FieldKey), Vec<Entry>>,
    numbers: i64,
}

/// Who wrote, and with which change it travels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    /// The device; none for an import.
    pub(crate) device: Option<usize>,
    /// Whose scope is meant by "own".
    pub(crate) owner: PersonId,
    /// The change.
    pub(crate) change: Option<ChangeId>,
}

/// The versions of a register.
pub(crate) fn marks(field: &FieldKey, register: Option<&Register>) -> BTreeSet<Mark> {
    let versions = register.map(Register::versions).unwrap_or_default();
    let mark = |version: &keruen_domain::Version| {
        if field.is_deleted() {
            return Some(Mark::At(version.stamp));
        }
        version.value.as_number().map(Mark::Number)
    };
    versions.iter().filter_map(mark).collect()
}

/// A key as the server knows it.
pub(crate) fn real_key(key: RecordKey, owner: PersonId) -> RecordKey {
    let scope = match key.scope {
        ScopeId::OWN => ScopeId::Person(owner),
        scope => scope,
    };
    RecordKey { scope, ..key }
}

impl Ledger {
    /// A number that nobody wrote before.
    pub(crate) const fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    /// Notes what an edit wrote by somebody who had `before` in front of them.
    pub(crate) fn note(&mut self, written: &Record, before: Option<&Record>, writer: Writer) {
        let key = real_key(written.key, writer.owner);
        for (field, register) in written.fields() {
            let before = before.and_then(|before| before.field(field.as_str()));
            let winner = register.winner();
            let mark = winner.and_then(|version| {
                if field.is_deleted() {
                    Some(Mark::At(version.stamp))
                } else {
                    version.value.as_number().map(Mark::Number)
                }
            });
            let entry = Entry {
                stamp: winner.map(|version| version.stamp),
                mark,
                knew: marks(field, before),
                change: writer.change,
                device: writer.device,
                is_forgiven: false,
            };
            let place = (key, field.clone());
            self.fields.entry(place).or_default().push(entry);
        }
    }

    /// All records that were ever written to.
    pub(crate) fn keys(&self) -> BTreeSet<RecordKey> {
        self.fields.keys().map(|(key, _)| *key).collect()
    }

    /// All changes, each with the device that made it and the record.
    pub(crate) fn changes(&self) -> BTreeMap<ChangeId, (usize, RecordKey)> {
        let entries = self.fields.iter();
        let all = entries.flat_map(|((key, _), entries)| entries.iter().map(|entry| (*key, entry)));
        all.filter_map(|(key, entry)| Some((entry.change?, (entry.device?, key))))
            .collect()
    }

    /// After the server was put back: what none of these records holds need not come back. Gives how
    /// much that is.
    pub(crate) fn forgive<'a>(&mut self, held: impl Fn(&RecordKey) -> &'a [Record]) -> usize {
        let mut forgiven = 0;
        for ((key, field), entries) in &mut self.fields {
            for entry in entries.iter_mut().filter(|entry| !entry.is_forgiven) {
                let mut records = held(key).iter();
                entry.is_forgiven =
                    !records.any(|record| entry.is_held(field, record.field(field.as_str())));
                forgiven += usize::from(entry.is_forgiven);
            }
        }
        forgiven
    }

    /// The server has forgotten a record with what had arrived of it.
    pub(crate) fn forget(&mut self, key: &RecordKey, had_arrived: impl Fn(ChangeId) -> bool) {
        let fields = self.fields.iter_mut().filter(|((of, _), _)| of == key);
        for entry in fields.flat_map(|(_, entries)| entries) {
            entry.is_forgiven |= entry.change.is_none_or(&had_arrived);
        }
    }

    /// Each field of a record shows what is left of all writes to it that count. Some may be back if
    /// `may_be_more`.
    pub(crate) fn check(
        &self,
        key: &RecordKey,
        record: Option<&Record>,
        counts: impl Fn(ChangeId) -> bool,
        may_be_more: bool,
    ) {
        let from = (*key, FieldKey::register(""));
        for ((_, field), entries) in self
            .fields
            .range(from..)
            .take_while(|((of, _), _)| of == key)
        {
            let counting: Vec<&Entry> = entries
                .iter()
                .filter(|entry| entry.change.is_none_or(&counts))
                .collect();
            let mut left = BTreeSet::new();
            for (position, entry) in counting.iter().enumerate() {
                let Some(mark) = entry.mark else { continue };
                let is_replaced = counting[position + 1..]
                    .iter()
                    .any(|later| later.knew.contains(&mark));
                if !is_replaced && !entry.is_forgiven {
                    left.insert(mark);
                }
            }
            let register = record.and_then(|record| record.field(field.as_str()));
            let held = marks(field, register);
            // A mark's stamp may be corrected on the way: then it cannot be told from another mark.
            if field.is_deleted() {
                assert!(
                    held.is_empty() == left.is_empty() || may_be_more && left.is_empty(),
                    "{key:?} is marked as it was: {held:?}, {left:?}: {entries:#?}"
                );
                continue;
            }
            // Who goes on writing in an editor from before does not know that the server has replaced
            // the stamp of what they had before them: it may stand beside what they write.
            let stamps: BTreeSet<Stamp> = entries.iter().filter_map(|entry| entry.stamp).collect();
            let versions = register.map(Register::versions).unwrap_or_default();
            let is_bounded = versions
                .iter()
                .any(|version| !stamps.contains(&version.stamp));
            assert!(
                held == left || (may_be_more || is_bounded) && left.is_subset(&held),
                "{key:?} {field:?} holds {held:?} and should hold {left:?}: {entries:#?}"
            );
        }
    }
}
