//! A person's edits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::restamp::latest_own;
use keruen_domain::{Author, Change, ChangeId, Clock, Edit, Record, RecordKey, Stamp};

use super::outbox::{self, Bundle};
use super::schema::{AttentionEntry, DeviceMeta, EntryState, OutboxEntry, Table, row_key, unseal};
use super::{Committed, Durability, Store, StoreError, Transaction};

/// One edit of one record: what it does is said to an [`Edit`] that knows what stands there.
pub struct Write {
    key: RecordKey,
    author: Author,
    seen: Seen,
    apply: Box<dyn FnOnce(&mut Edit<'_>)>,
}

/// What the writer had in front of them. What they had not seen, they do not replace: it stays
/// beside what they write.
enum Seen {
    /// Whatever stands there when the edit is made.
    Everything,
    /// This, although something else may have arrived since.
    This(Option<Arc<Record>>),
}

impl Write {
    /// An edit of the record at `key` as it stands.
    pub fn new(key: RecordKey, apply: impl FnOnce(&mut Edit<'_>) + 'static) -> Self {
        Self {
            key,
            author: Author::Person,
            seen: Seen::Everything,
            apply: Box::new(apply),
        }
    }

    /// An edit by somebody who has been looking at `seen` while they wrote.
    pub fn having_seen(
        key: RecordKey,
        seen: Option<Arc<Record>>,
        apply: impl FnOnce(&mut Edit<'_>) + 'static,
    ) -> Self {
        Self {
            key,
            author: Author::Person,
            seen: Seen::This(seen),
            apply: Box::new(apply),
        }
    }

    /// What a program wrote, not the person who had it do so.
    #[must_use]
    pub fn by_program(self) -> Self {
        Self {
            author: Author::Machine,
            ..self
        }
    }

    /// Of which record.
    pub(super) const fn key(&self) -> RecordKey {
        self.key
    }

    /// What the writer knows to have written, and what is to be stored and sent; `None` if the
    /// edit says nothing new.
    pub(super) fn finish(self, standing: &Standing, stamp: Stamp) -> Option<(Record, Record)> {
        let current = standing.current.as_deref();
        let edit = |before| {
            let edit = Edit::new(self.key, before, stamp, self.author);
            edit.on(current, &standing.set_aside)
        };
        match self.seen {
            Seen::Everything => {
                let mut edit = edit(current);
                (self.apply)(&mut edit);
                let written = edit.finish()?;
                Some((written.clone(), written))
            }
            Seen::This(seen) => {
                let mut edit = edit(seen.as_deref());
                (self.apply)(&mut edit);
                let nothing = Record::new(self.key);
                let finished = edit.finish_beside(current.unwrap_or(&nothing))?;
                if mutation::is(Mutation::NotBeside) {
                    return Some((finished.seen.clone(), finished.seen));
                }
                Some((finished.seen, finished.change))
            }
        }
    }
}

impl Store {
    /// What somebody had in front of them, with the stamps that it has by now.
    pub fn corrected(&self, seen: &Record) -> Record {
        let mut seen = seen.clone();
        let restamps = self.restamps.borrow();
        if !restamps.is_empty() {
            let standing = self.replica.borrow().get(&seen.key);
            let latest = standing.map(|standing| latest_own(&standing, self.device));
            for restamp in restamps.iter() {
                restamp.apply_to_seen(&mut seen, latest);
            }
        }
        seen
    }

    /// Makes edits, all or none, in one transaction; they are on disk when this returns.
    ///
    /// `phone_ms` is the phone's clock. An edit that says nothing new leaves no trace. A change that
    /// was not sent yet takes in later edits of its record, so that typing for an hour makes one
    /// change and not a thousand.
    ///
    /// Returns what each writer knows to have written: merged into what they had in front of them, as it
    /// is [`Self::corrected`], it is what they have in front of them now.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        phone_ms: u64,
    ) -> Result<Vec<Record>, StoreError> {
        const TABLES: [Table; 7] = [
            Table::Meta,
            Table::Pages,
            Table::Replaced,
            Table::Rows,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
        ];
        let durability = match mutation::is(Mutation::EditNotOnDisk) {
            true => Durability::Relaxed,
            false => Durability::Strict,
        };
        let mut transaction = self.begin(&TABLES, durability).await?;
        let mut meta = DeviceMeta::load(&transaction).await?;
        let frozen_below = outbox::frozen_below(&transaction).await?;
        let keys: BTreeSet<RecordKey> = writes.iter().map(|write| write.key).collect();
        let (mut standing, bundles) = self.standing(&transaction, keys).await?;

        let mut clock = Clock::new(self.device, meta.last_reading, meta.clock_offset_ms);
        let mut written = Vec::new();
        let mut queued: BTreeMap<u64, OutboxEntry> = BTreeMap::new();
        let mut last_id = None;
        for mut write in writes {
            let key = write.key;
            if let Seen::This(Some(seen)) = &mut write.seen
                && !self.restamps.borrow().is_empty()
            {
                *seen = Arc::new(self.corrected(seen));
            }
            let standing = standing.entry(key).or_default();
            // What was written to it a moment ago, in this very commit.
            let earlier = standing.position.and_then(|at| queued.get(&at));
            if let Some(earlier) = earlier {
                merge_into(&mut standing.current, earlier.change.record.clone());
            }
            if let Some(current) = &standing.current {
                clock.observe(current.latest_reading(self.device));
            }
            let stamp = clock.stamp(phone_ms);
            let Some((seen, mut change)) = write.finish(standing, stamp) else {
                continue;
            };
            if self.replica.borrow().has_received(&key) {
                let nothing = Record::new(key);
                let known = standing.current.as_deref().unwrap_or(&nothing);
                change.claim_no_more_than(known, self.device);
            }
            let last = match standing.position {
                Some(position) => queued.remove(&position),
                None => standing.last.take(),
            };
            let entry = match last {
                Some(mut entry)
                    if !entry.is_frozen(frozen_below)
                        || mutation::is(Mutation::JoinsSentChange) =>
                {
                    entry.change.record.merge(change);
                    entry
                }
                _ => {
                    let position = meta.take_position();
                    // Changes of one moment bear numbers in a row, which take little room on
                    // their way.
                    let id = last_id.map_or_else(
                        || ChangeId::new(stamp.time.unix_ms(), (self.random)()),
                        ChangeId::following,
                    );
                    last_id = Some(id);
                    let id = match mutation::is(Mutation::ReusedChangeId) {
                        true => ChangeId::new(0, [0; 10]),
                        false => id,
                    };
                    let change = Change { id, record: change };
                    OutboxEntry {
                        position,
                        state: EntryState::Unsent,
                        change,
                    }
                }
            };
            meta.last_reading = stamp.time;
            standing.position = Some(entry.position);
            queued.insert(entry.position, entry);
            written.push(seen);
        }
        if queued.is_empty() {
            return Ok(written);
        }
        outbox::replace(&transaction, bundles, &queued)?;
        if mutation::is(Mutation::EditInTwoSteps) {
            transaction.commit().await?;
            transaction = self.begin(&TABLES, durability).await?;
        }
        let edition = meta.next_edition();
        meta.save(&transaction)?;
        transaction.commit().await?;
        self.publish(&Committed {
            edition,
            queued: queued
                .into_iter()
                .map(|(position, entry)| (position, entry.change.record))
                .collect(),
            by_person: true,
            ..Committed::default()
        });
        Ok(written)
    }

    /// All that stands in these records: the image in memory, with what another tab may have
    /// written a moment ago, whatever has become of it since. An edit that did not know of it would
    /// count as its successor, being of the same device, and it would be gone.
    ///
    /// Also the bundles of the outbox that hold their last changes.
    pub(super) async fn standing(
        &self,
        transaction: &Transaction<'_>,
        keys: BTreeSet<RecordKey>,
    ) -> Result<(BTreeMap<RecordKey, Standing>, Vec<Bundle>), StoreError> {
        let row_keys: Vec<String> = keys.iter().map(row_key).collect();
        let rows = transaction.get_many(Table::Rows, &row_keys).await?;
        let mut moved = self.moved_unheard(transaction, &keys).await?;
        let mut contents = self.outbox.take();
        let bundles = outbox::last_of(transaction, &mut contents, &keys).await?;
        self.outbox.replace(contents);
        let set_aside = changes_set_aside(transaction).await?;
        let mut last: BTreeMap<RecordKey, &OutboxEntry> = BTreeMap::new();
        let mut entries: Vec<&OutboxEntry> = bundles.iter().flatten().collect();
        entries.sort_by_key(|entry| entry.position);
        last.extend(
            entries
                .into_iter()
                .map(|entry| (entry.change.record.key, entry)),
        );
        let mut waiting: Option<Vec<Bundle>> = None;
        let mut standing = BTreeMap::new();
        for (key, row) in keys.into_iter().zip(rows) {
            // What packs say is shown, and nothing is made on it: nobody knows who said it.
            let mut current = self.replica.borrow().without_received(&key);
            let row = row.filter(|_| !mutation::is(Mutation::BlindToOtherPages));
            if let Some(row) = row.and_then(|bytes| unseal(&bytes).ok()) {
                merge_into(&mut current, row);
            }
            for record in moved.extract_if(.., |record| record.key == key) {
                merge_into(&mut current, record);
            }
            let last = last.get(&key).map(|entry| (*entry).clone());
            if let Some(entry) = &last
                && !mutation::is(Mutation::BlindToOtherPages)
            {
                if !self.replica.borrow().has_change(&key, entry.position) {
                    // This tab has not heard of it yet, nor maybe of others before it.
                    let all = match waiting.take() {
                        Some(all) => all,
                        None => outbox::all(transaction).await?,
                    };
                    for earlier in all.iter().flatten() {
                        if earlier.change.record.key == key {
                            merge_into(&mut current, earlier.change.record.clone());
                        }
                    }
                    waiting = Some(all);
                }
                merge_into(&mut current, entry.change.record.clone());
            }
            let of_record = set_aside.iter().filter(|change| change.key == key);
            let set_aside = of_record.cloned().collect();
            standing.insert(
                key,
                Standing {
                    current,
                    last,
                    position: None,
                    set_aside,
                },
            );
        }
        Ok((standing, bundles))
    }
}

/// What an edit of a record is made on.
#[derive(Default)]
pub(super) struct Standing {
    /// All that stands in it.
    current: Option<Arc<Record>>,
    /// The record's last change in the outbox.
    last: Option<OutboxEntry>,
    /// Where it is written now, by the very commit that looks here.
    position: Option<u64>,
    /// Its changes that the server did not take, and that may be offered again.
    set_aside: Vec<Record>,
}

/// The changes that the server has refused or not understood: seldom any.
async fn changes_set_aside(transaction: &Transaction<'_>) -> Result<Vec<Record>, StoreError> {
    let refused = transaction.all(Table::Attention).await?;
    let postponed = transaction.all(Table::Postponed).await?;
    let refused = refused
        .iter()
        .filter_map(|bytes| Some(unseal::<AttentionEntry>(bytes).ok()?.change));
    let postponed = postponed
        .iter()
        .filter_map(|bytes| Some(unseal::<OutboxEntry>(bytes).ok()?.change));
    Ok(refused
        .chain(postponed)
        .map(|change| change.record)
        .collect())
}

impl Standing {
    /// This, and nothing on its way.
    pub(super) fn of(current: Option<Record>) -> Self {
        Self {
            current: current.map(Arc::new),
            ..Self::default()
        }
    }

    /// All that stands there.
    pub(super) fn into_current(self) -> Option<Record> {
        self.current.map(Arc::unwrap_or_clone)
    }
}

fn merge_into(current: &mut Option<Arc<Record>>, more: Record) {
    match current {
        Some(current) => Arc::make_mut(current).merge(more),
        none => *none = Some(Arc::new(more)),
    }
}
