//! A device's storage in memory. Each method is one transaction.
//!
//! While changes of a record wait, the record as the server knows it is kept beside the one that
//! people see, so that a refused change can be taken out of what they see: a merge has no undo.

use std::collections::BTreeMap;

use keruen_domain::access::Refusal;
use keruen_domain::protocol::v1::{Cursor, ScopeCursor};
use keruen_domain::sync::{Outgoing, SavePlan};
use keruen_domain::testing::history::{Write, writes_of};
use keruen_domain::{
    Author, Change, ChangeId, Clock, DeviceId, Edit, Hlc, Record, RecordKey, ScopeId,
};

struct Waiting {
    change: Change,
    frozen: bool,
}

pub(crate) struct Store {
    pub(crate) clock: Clock,
    pub(crate) rows: BTreeMap<RecordKey, Record>,
    confirmed: BTreeMap<RecordKey, Record>,
    outbox: Vec<Waiting>,
    pub(crate) needs_attention: Vec<(Change, Refusal)>,
    cursors: BTreeMap<ScopeId, Cursor>,
}

impl Store {
    pub(crate) fn new(device: DeviceId) -> Self {
        Self {
            clock: Clock::new(device, Hlc::default(), 0),
            rows: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            outbox: Vec::new(),
            needs_attention: Vec::new(),
            cursors: BTreeMap::new(),
        }
    }

    /// Row, outbox and clock together. Edits of one record share a change until it is first sent.
    pub(crate) fn edit(
        &mut self,
        key: RecordKey,
        phone_ms: u64,
        new_id: ChangeId,
        write: impl FnOnce(&mut Edit<'_>),
    ) -> Option<(ChangeId, Vec<Write>)> {
        let before = self.rows.get(&key).cloned().unwrap_or(Record::new(key));
        let stamp = self.clock.stamp(phone_ms);
        let mut edit = Edit::new(key, Some(&before), stamp, Author::Person);
        write(&mut edit);
        let delta = edit.finish()?;
        let writes = writes_of(&delta, &before, stamp, Author::Person);
        if !self.waits(&key) {
            self.confirmed.insert(key, before.clone());
        }
        let mut after = before;
        after.merge(delta.clone());
        self.rows.insert(key, after);
        let last = self
            .outbox
            .iter_mut()
            .rev()
            .find(|waiting| waiting.change.record.key == key);
        let id = match last {
            Some(waiting) if !waiting.frozen => {
                waiting.change.record.merge(delta);
                waiting.change.id
            }
            _ => {
                let change = Change {
                    id: new_id,
                    record: delta,
                };
                self.outbox.push(Waiting {
                    change,
                    frozen: false,
                });
                new_id
            }
        };
        Some((id, writes))
    }

    pub(crate) fn read(&mut self, max_changes: usize) -> Outgoing {
        let head = self.outbox.iter_mut().take(max_changes);
        let changes: Vec<Change> = head
            .map(|waiting| {
                waiting.frozen = true;
                waiting.change.clone()
            })
            .collect();
        Outgoing {
            more: changes.len() < self.outbox.len(),
            changes,
            cursors: self
                .cursors
                .iter()
                .map(|(scope, cursor)| ScopeCursor {
                    scope: *scope,
                    cursor: *cursor,
                })
                .collect(),
            ..Outgoing::default()
        }
    }

    pub(crate) fn save(&mut self, plan: SavePlan) {
        for id in plan.settled {
            if let Some(change) = self.take(id) {
                let key = change.record.key;
                self.confirm(&change.record);
                self.forget_confirmed(&key);
            }
        }
        for (id, refusal) in plan.refused {
            if let Some(change) = self.take(id) {
                let key = change.record.key;
                self.needs_attention.push((change, refusal));
                let mut row = self
                    .confirmed
                    .get(&key)
                    .cloned()
                    .unwrap_or(Record::new(key));
                for waiting in self
                    .outbox
                    .iter()
                    .filter(|waiting| waiting.change.record.key == key)
                {
                    row.merge(waiting.change.record.clone());
                }
                self.rows.insert(key, row);
                self.forget_confirmed(&key);
            }
        }
        for record in plan.records {
            self.clock
                .observe(record.latest_reading(self.clock.device()));
            self.confirm(&record);
            let row = self
                .rows
                .entry(record.key)
                .or_insert(Record::new(record.key));
            row.merge(record);
        }
        for known in plan.cursors {
            self.cursors.insert(known.scope, known.cursor);
        }
        self.clock.set_offset(plan.clock_offset_ms);
        // A row of which nothing is left but a refused change was never there for others.
        self.rows.retain(|_, row| row.fields().next().is_some());
    }

    fn take(&mut self, id: ChangeId) -> Option<Change> {
        let position = self
            .outbox
            .iter()
            .position(|waiting| waiting.change.id == id)?;
        Some(self.outbox.remove(position).change)
    }

    fn waits(&self, key: &RecordKey) -> bool {
        self.outbox
            .iter()
            .any(|waiting| waiting.change.record.key == *key)
    }

    fn confirm(&mut self, record: &Record) {
        if let Some(confirmed) = self.confirmed.get_mut(&record.key) {
            confirmed.merge(record.clone());
        }
    }

    fn forget_confirmed(&mut self, key: &RecordKey) {
        if !self.waits(key) {
            self.confirmed.remove(key);
        }
    }

    pub(crate) fn outbox_length(&self) -> usize {
        self.outbox.len()
    }
}
