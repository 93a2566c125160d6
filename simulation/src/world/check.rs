//! What must hold.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::{ChangeId, FieldKey, Record, RecordKey, Register, ScopeId, Value};

use super::World;
use crate::device::Tab;
use crate::ledger::real_key;
use crate::now::now;

impl World {
    /// What is shown is what is on disk, wherever a page could know it.
    pub(super) fn check_images(&mut self) {
        let keys = self.told_keys();
        for device in &self.devices {
            let disk = device.on_disk();
            let tabs = device.tabs.iter().flatten();
            for tab in tabs.filter(|tab| !tab.missed) {
                assert_eq!(tab.unheard, 0, "all messages arrived");
                for key in &keys {
                    let (shown, stored) = (words(tab, key), words(&disk, key));
                    assert_eq!(shown, stored, "{key:?} is shown as it is on disk");
                }
                let (shown, stored) = (tab.store.replica(), disk.store.replica());
                assert_eq!(
                    shown.waiting(),
                    stored.waiting(),
                    "what waits is what waits"
                );
            }
        }
    }

    /// What must hold in the end.
    pub(super) fn check(&mut self) {
        let refused = self.refused();
        self.check_changes(&refused);
        let keys = self.told_keys();
        for (number, device) in self.devices.iter().enumerate() {
            let person = (!device.is_visitor).then_some(device.owner);
            let mut expected = self.server.readable(person);
            let disk = device.on_disk();
            let waiting = disk.store.replica().waiting();
            if device.is_visitor {
                // What a visitor writes stays on the phone, and is shown there.
                let own = image(&disk, &keys).into_iter();
                expected.extend(own.filter(|(key, _)| key.scope == ScopeId::OWN));
            } else {
                assert_eq!(waiting, 0, "everything of device {number} has arrived");
            }
            let mut stored = image(&disk, &keys);
            assert_eq!(
                disk.store.replica().len(),
                stored.len(),
                "device {number} has nothing else"
            );
            for tab in device.tabs.iter().flatten() {
                assert_same(&image(tab, &keys), &stored, "what is shown in the end");
            }
            // Snapshots hold no tombstones: who begins with one never knew the record.
            expected.retain(|key, row| !row.is_deleted() || stored.contains_key(key));
            // Nor what was written beside a deletion: who had deleted the record too need not know it.
            for (key, row) in stored.iter_mut().filter(|(_, row)| row.is_deleted()) {
                let told = expected.get(key).filter(|told| told.is_deleted());
                let told = told.filter(|told| told.includes(row));
                if let Some(told) = told.filter(|_| self.is_in_snapshot(number, key)) {
                    *row = told.clone();
                }
            }
            // Who knew of a deletion may remember it longer than the server.
            let is_remembered = |key: &RecordKey| !self.pruned.contains(&self.real(number, *key));
            stored.retain(|key, row| {
                !row.is_deleted() || expected.contains_key(key) || is_remembered(key)
            });
            // Of a deletion that was forgotten once, some may know more than others.
            for (key, row) in stored.iter_mut().filter(|(key, _)| !is_remembered(key)) {
                let told = expected.get(key).filter(|told| told.is_deleted());
                if let Some(told) = told.filter(|_| row.is_deleted()) {
                    *row = told.clone();
                }
            }
            assert_same(&stored, &expected, "what a device has and the server's");
        }
        self.check_writes(&refused);
        self.count_endings();
        let rows = keys.len() as u64;
        let changes = (self.ledger.changes().len() + self.texts.changes().len()) as u64;
        let most = self.devices.len() as u64 * (30 + 2 * rows) + 2 * changes;
        assert!(
            self.requests_after_healing <= most,
            "{} requests after all was well, at most {most} expected",
            self.requests_after_healing
        );
    }

    /// A key of a device as the server knows it.
    fn real(&self, device: usize, key: RecordKey) -> RecordKey {
        real_key(key, self.devices[device].owner)
    }

    /// Whether the snapshot by which a device has read this record's scope is of after its last change.
    fn is_in_snapshot(&self, device: usize, key: &RecordKey) -> bool {
        let snapshot = self.begun_with.get(&(device, key.scope));
        snapshot.is_some_and(|at| self.server.is_before(key, *at))
    }

    /// All keys that anything was ever written to.
    pub(super) fn written_keys(&self) -> BTreeSet<RecordKey> {
        &self.ledger.keys() | &self.texts.keys()
    }

    /// The same as devices know them.
    pub(super) fn told_keys(&self) -> BTreeSet<RecordKey> {
        let told = |key: RecordKey| match key.scope {
            ScopeId::Person(_) => RecordKey {
                scope: ScopeId::OWN,
                ..key
            },
            _ => key,
        };
        let mut keys: BTreeSet<RecordKey> = self.written_keys().into_iter().map(told).collect();
        for device in &self.devices {
            keys.extend(self.server.readable(Some(device.owner)).into_keys());
        }
        keys
    }

    /// The changes that were refused for good, all of which their writers can see or have seen.
    fn refused(&self) -> BTreeSet<ChangeId> {
        let mut refused = BTreeSet::new();
        for device in &self.devices {
            let disk = device.on_disk();
            let entries = now(disk.store.attention()).expect("a store in memory works");
            refused.extend(entries.iter().map(|entry| entry.change.id));
            refused.extend(&device.dismissed);
        }
        refused.retain(|change| !self.server.accepted.contains(change));
        refused
    }

    /// Each change has arrived, or its writer knows that it was refused.
    fn check_changes(&mut self, refused: &BTreeSet<ChangeId>) {
        let mut changes = self.ledger.changes();
        changes.extend(self.texts.changes());
        for (change, (device, key)) in changes {
            if self.devices[device].is_visitor {
                continue;
            }
            if self.server.accepted.contains(&change) {
                self.told.count("change accepted");
            } else {
                self.told.count("change refused");
                assert!(
                    refused.contains(&change),
                    "{change} of device {device} to {key:?} is nowhere"
                );
            }
        }
    }

    /// Of what was written and not refused, nothing is missing and nothing has come back.
    fn check_writes(&self, refused: &BTreeSet<ChangeId>) {
        let texts = self.texts.keys();
        for key in self.written_keys() {
            let visitor = self
                .devices
                .iter()
                .find(|device| device.is_visitor && key.scope == ScopeId::Person(device.owner));
            let record = match visitor {
                Some(device) => {
                    let scope = ScopeId::OWN;
                    let told = RecordKey { scope, ..key };
                    let shown = device.on_disk().shown(&told);
                    shown.map(|record| Record::clone(&record))
                }
                None => self.server.row(&key),
            };
            let counts = |change: ChangeId| !refused.contains(&change);
            let may_be_more = self.restored || self.pruned.contains(&key);
            if texts.contains(&key) {
                let record = record.as_ref();
                self.texts.check(&key, record, counts, may_be_more);
                continue;
            }
            self.ledger
                .check(&key, record.as_ref(), counts, may_be_more);
        }
    }

    fn count_endings(&mut self) {
        let keys = self.ledger.keys();
        for row in keys.iter().filter_map(|key| self.server.row(key)) {
            if row.contested().next().is_some() {
                self.told.count("versions disputed");
            }
        }
    }

    /// Somebody looks at a record in two tabs that have heard of everything: they show the same.
    pub(crate) fn compare_tabs(&mut self, device: usize, key: &RecordKey) {
        let tabs = self.devices[device].tabs.iter().flatten();
        let informed = tabs.filter(|tab| tab.unheard == 0 && !tab.missed);
        let shown: Vec<_> = informed.map(|tab| words(tab, key)).collect();
        if let [one, other] = &shown[..] {
            assert_eq!(one, other, "two tabs show {key:?} as it is");
            if one.is_some() {
                self.told.count("looked at the same record in two tabs");
            }
        }
        debug_assert_eq!(real_key(*key, self.devices[device].owner).id, key.id);
    }
}

/// What people read in a record, the values that count first. Stamps are not part of it: a tab may
/// hear of an edit after another one has corrected its stamp.
fn words(tab: &Tab, key: &RecordKey) -> Option<Vec<(FieldKey, Vec<Value>)>> {
    let record = tab.shown(key)?;
    let values = |register: &Register| {
        let versions = register.versions().iter();
        versions.map(|version| version.value.clone()).collect()
    };
    let fields = record.fields();
    Some(
        fields
            .map(|(field, register)| (field.clone(), values(register)))
            .collect(),
    )
}

fn image(tab: &Tab, keys: &BTreeSet<RecordKey>) -> BTreeMap<RecordKey, Record> {
    let shown = keys.iter().filter_map(|key| tab.shown(key));
    shown
        .map(|record| (record.key, Record::clone(&record)))
        .collect()
}

fn assert_same(one: &BTreeMap<RecordKey, Record>, other: &BTreeMap<RecordKey, Record>, what: &str) {
    for key in one.keys().chain(other.keys()) {
        let (one, other) = (one.get(key), other.get(key));
        assert!(
            one == other,
            "{what} are not the same: {key:?}\n  {one:?}\n  {other:?}"
        );
    }
}
