//! What is forgotten: by a server that is put back from a backup, or to which old deletions do not
//! matter any more, and by a disk.

use std::collections::BTreeMap;

use keruen_app::store::{Backend, Durability, Table};
use keruen_domain::{Record, RecordKey, ScopeId};

use super::World;
use crate::device::{Device, Tab};
use crate::ledger::real_key;
use crate::now::now;
use crate::server::person;

impl World {
    /// Whether no device has an old app.
    pub(crate) fn all_are_new(&self) -> bool {
        !self.devices.iter().any(|device| device.speaks_version_1)
    }

    /// The server is put back, if there is a backup. What was acknowledged since must come back from
    /// the devices that hold it and may write it; what none of them holds any more is gone.
    pub(crate) fn put_back(&mut self) {
        if !self.server.restore() {
            return;
        }
        self.told.count("backup put back");
        self.restored = true;
        if self.forgive_what_nobody_holds() > 0 {
            self.told
                .count("backup put back that nobody could make up for");
        }
        self.hint_all();
    }

    /// After a server was put back: what neither it holds nor a device that may write it need not come
    /// back. Gives how much that is.
    pub(super) fn forgive_what_nobody_holds(&mut self) -> usize {
        let mut held: BTreeMap<RecordKey, Vec<Record>> = BTreeMap::new();
        for key in self.written_keys() {
            held.entry(key).or_default().extend(self.server.row(&key));
        }
        let keys = self.told_keys();
        for device in &self.devices {
            let disk = device.on_disk();
            for record in keys.iter().filter_map(|key| disk.shown(key)) {
                if offers(device, &disk, &record) {
                    let key = real_key(record.key, device.owner);
                    held.entry(key).or_default().push(Record::clone(&record));
                }
            }
        }
        let of = |key: &RecordKey| held.get(key).map_or(&[][..], Vec::as_slice);
        self.ledger.forgive(of) + self.texts.forgive(of)
    }

    /// The server forgets deletions, and which changes it accepted, from before so many milliseconds.
    pub(crate) fn prune(&mut self, kept_ms: u64) {
        let keys = self.written_keys();
        let held = |world: &Self| {
            let keys = keys.iter().copied();
            keys.filter(|key| world.server.row(key).is_some())
                .collect::<Vec<_>>()
        };
        let before = held(self);
        self.server.prune(kept_ms, self.now_ms);
        let after = held(self);
        for key in before.into_iter().filter(|key| !after.contains(key)) {
            self.told.count("deletions forgotten");
            self.pruned.insert(key);
            // With the mark goes what was written beside it.
            let accepted = &self.server.accepted;
            self.ledger
                .forget(&key, |change| accepted.contains(&change));
            self.texts.forget(&key, |change| accepted.contains(&change));
        }
    }

    /// Whether there is a reason for a device to hold something else than the server. Who knew a record
    /// as deleted does so still when it has come back where that was forgotten.
    pub(crate) fn may_have_diverged(&self) -> bool {
        self.damaged || self.restored || !self.pruned.is_empty()
    }

    /// A disk loses a row that it had from the server, of those that its device did not write.
    pub(crate) fn forget_row(&mut self, device: usize, number: u8) {
        let phone = &self.devices[device];
        // Organisers write in all scopes; of others' changes to shared ones none is ever accepted.
        if phone.owner == person(0) || phone.speaks_version_1 || self.restored {
            return;
        }
        let backend = Backend::Memory(phone.memory.clone());
        let forgotten = now(async {
            let transaction = backend.begin(&[Table::Rows], Durability::Strict).await?;
            let mut rows = transaction.keys(Table::Rows).await?;
            rows.retain(|row| row.starts_with("programme/"));
            let Some(row) = rows.get(usize::from(number) % rows.len().max(1)) else {
                return Ok(false);
            };
            transaction.delete(Table::Rows, row)?;
            transaction.commit().await?;
            Ok::<_, keruen_app::store::StoreError>(true)
        });
        if forgotten.expect("a store in memory works") {
            self.told.count("row vanished from the disk");
            self.damaged = true;
            for tab in self.devices[device].tabs.iter_mut().flatten() {
                tab.missed = true;
            }
        }
    }
}

/// Whether a device will offer this record to a server that does not know it any more.
fn offers(device: &Device, disk: &Tab, record: &Record) -> bool {
    match record.key.scope {
        ScopeId::Person(_) => !device.is_visitor,
        // Who organises is told so with the first answer.
        _ => device.owner == person(0) && disk.store.token().is_some(),
    }
}
