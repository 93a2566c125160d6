//! The outbox's way out, and the server's answers' way in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_lite::future::zip;
use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::{Cursor, ProgrammeRole, ScopeCursor};
use keruen_domain::sync::{Outgoing, SavePlan};
use keruen_domain::{ChangeId, Record, RecordKey, ScopeId, page};

use super::schema::{
    AttentionEntry, DeviceMeta, OutboxEntry, ROLES_KEY, Table, change_key, page_key, page_prefix,
    position_key, row_key, row_prefix, scope_key, seal, unseal,
};
use super::{
    Committed, Durability, Place, Store, StoreError, Transaction, outbox, reached, reread, restamp,
    snapshot,
};

/// From this many records of a scope in one answer, they are stored as sealed pages: much quicker
/// to write and to read than a row each.
const SEAL_FROM: usize = 64;
/// Records of a sealed page.
pub(super) const PAGE_RECORDS: usize = 250;

impl Store {
    /// Reads the head of the outbox and freezes it: what is read here never changes any more, and
    /// that is on disk before it is sent. Also how far each scope was read.
    ///
    /// Who does not know the time yet freezes nothing, unless there are cursors: whoever has one was told
    /// the time with it.
    pub async fn outgoing(
        &self,
        max_changes: usize,
        knows_time: bool,
    ) -> Result<Outgoing, StoreError> {
        const TABLES: [Table; 6] = [
            Table::Meta,
            Table::Outbox,
            Table::Cursors,
            Table::Snapshots,
            Table::Pages,
            Table::Rereads,
        ];
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        // All at once: a browser takes a while for each question.
        let (cursors, (missing, (rereading, (frozen_below, head)))) = zip(
            transaction.all(Table::Cursors),
            zip(
                snapshot::missing(&transaction),
                zip(
                    reread::under_way(&transaction),
                    zip(
                        outbox::frozen_below(&transaction),
                        outbox::head(&transaction, max_changes.saturating_add(1)),
                    ),
                ),
            ),
        )
        .await;
        let (missing, rereading, frozen_below) = (missing?, rereading?, frozen_below?);
        let mut head = head?;
        let mut outgoing = Outgoing {
            cursors: cursors?
                .iter()
                .filter_map(|bytes| unseal::<ScopeCursor>(bytes).ok())
                .collect(),
            ..Outgoing::default()
        };
        outgoing.cursors.extend(missing.cursors);
        outgoing.missing = missing.chunks;
        let max_changes = if knows_time || !outgoing.cursors.is_empty() {
            max_changes
        } else {
            0
        };
        let mut positions = HashMap::new();
        let mut freeze_below = None;
        outgoing.more = head.len() > max_changes;
        head.truncate(max_changes);
        if mutation::is(Mutation::DropWhenRead) {
            let read = head.iter().map(|entry| entry.position);
            outbox::take(&transaction, &read.collect()).await?;
        }
        for mut entry in head {
            if !entry.is_frozen(frozen_below) && !mutation::is(Mutation::NotFrozen) {
                freeze_below = freeze_below.max(Some(entry.position + 1));
            }
            if mutation::is(Mutation::NewIdWhenSent) {
                entry.change.id = ChangeId::new(0, (self.random)());
            }
            positions.insert(entry.change.id, entry.position);
            outgoing.changes.push(entry.change);
        }
        if let Some(position) = freeze_below {
            outbox::freeze(&transaction, position)?;
            transaction.commit().await?;
        }
        // An earlier reading may still be answered.
        self.positions.borrow_mut().extend(positions);
        self.rereading.replace(rereading);
        Ok(outgoing)
    }

    /// Commits an answer: what the server has leaves the outbox, news come in, cursors move; all
    /// of it or nothing. [`StoreError::Outdated`] if it goes on from where the device is not any more.
    pub async fn save(&self, plan: SavePlan, phone_ms: u64) -> Result<(), StoreError> {
        const TABLES: [Table; 11] = [
            Table::Snapshots,
            Table::Rereads,
            Table::Replaced,
            Table::Meta,
            Table::Pages,
            Table::Rows,
            Table::SetAside,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
            Table::Cursors,
        ];
        let finished = self.read_anew(&plan);
        let roles = self.roles_after(&plan);
        if self.says_nothing(&plan) && roles.is_none() {
            return self.finish_rereads(finished, phone_ms).await;
        }
        let mut plan = plan;
        if !plan.revoked.is_empty() {
            self.before_loss(&mut plan.revoked, phone_ms).await?;
        }
        let mut transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        reached::expect(&transaction, &plan).await?;
        if mutation::is(Mutation::CursorsFirst) {
            for at in &plan.cursors {
                transaction.put(Table::Cursors, &scope_key(at.scope), &seal(at))?;
            }
            transaction.commit().await?;
            transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        }
        if mutation::is(Mutation::RefusedInTwoSteps) {
            let refused = plan.refused.iter();
            let refused = refused.filter_map(|(change, _)| self.position_of(*change));
            outbox::take(&transaction, &refused.collect()).await?;
            transaction.commit().await?;
            transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        }
        if let Some(roles) = &roles {
            transaction.put(Table::Meta, ROLES_KEY, &seal(roles))?;
        }
        let mut committed = Committed::default();
        let acknowledged = self
            .settle(&transaction, &plan, phone_ms, &mut committed)
            .await?;
        for scope in &plan.revoked {
            if mutation::is(Mutation::RevokedStays) {
                break;
            }
            transaction.delete_prefix(Table::Pages, &page_prefix(*scope))?;
            transaction.delete_prefix(Table::Rows, &row_prefix(*scope))?;
            transaction.delete_prefix(Table::Replaced, &page_prefix(*scope))?;
            for table in [Table::Cursors, Table::Snapshots, Table::Rereads] {
                transaction.delete(table, &scope_key(*scope))?;
            }
        }
        for reread in &plan.reread {
            reread::begin(&transaction, reread.scope, reread.reason, &BTreeSet::new()).await?;
        }
        for snapshot in &plan.snapshots {
            snapshot::begin(&transaction, snapshot, &plan.chunks).await?;
        }
        save_records(&transaction, acknowledged, &plan).await?;
        snapshot::save_cursors(&transaction, &plan.cursors).await?;
        self.save_meta(&transaction, &plan, phone_ms, &mut committed)
            .await?;
        transaction.commit().await?;
        committed.forgotten = plan.revoked;
        committed.records = plan.records;
        for (_, page) in plan.chunks {
            committed
                .collections
                .extend(snapshot::collections_of(&page));
            committed.pages.push(page);
        }
        self.clock_offset_ms.set(plan.clock_offset_ms);
        committed.roles = roles;
        self.publish(&committed);
        self.finish_rereads(finished, phone_ms).await?;
        self.catch_up().await
    }

    /// Notes the time that the server told and the latest reading that was seen.
    async fn save_meta(
        &self,
        transaction: &Transaction<'_>,
        plan: &SavePlan,
        phone_ms: u64,
        committed: &mut Committed,
    ) -> Result<(), StoreError> {
        let mut meta = DeviceMeta::load(transaction).await?;
        meta.clock_offset_ms = plan.clock_offset_ms;
        let bound = restamp::bound(&meta, phone_ms);
        let device = meta.device;
        let readings = plan.records.iter();
        let readings = readings.map(|record| record.latest_reading(device));
        let latest = readings.max();
        if meta.last_reading > bound {
            restamp::take_back(transaction, self, &mut meta, phone_ms, committed).await?;
        }
        meta.last_reading = meta.last_reading.max(latest.unwrap_or_default());
        committed.edition = meta.next_edition();
        meta.save(transaction)
    }

    /// The scopes whose new reading this answer may complete, and where the device is then: they were
    /// being read anew when it was asked for, and the server has nothing more to tell.
    fn read_anew(&self, plan: &SavePlan) -> Vec<(ScopeId, Option<Cursor>)> {
        if plan.more {
            return Vec::new();
        }
        let begins_again = |scope: &ScopeId| {
            plan.reread.iter().any(|reread| reread.scope == *scope)
                || plan.revoked.contains(scope)
                // The server tells nothing of it to somebody whom it does not know.
                || *scope == ScopeId::OWN && !plan.joined
        };
        let rereading = self.rereading.borrow();
        let finished = rereading.iter().filter(|scope| !begins_again(scope));
        finished
            .map(|scope| (*scope, reached::after(plan, *scope)))
            .collect()
    }

    /// What the owner is in which programme, if this answer changes it. What is being read anew may
    /// be unknown to a server that was restored from a backup; what it said before still counts.
    fn roles_after(&self, plan: &SavePlan) -> Option<Vec<ProgrammeRole>> {
        let before = self.roles.borrow();
        let rereading = self.rereading.borrow();
        let is_reread = |scope: ScopeId| {
            rereading.contains(&scope) || plan.reread.iter().any(|reread| reread.scope == scope)
        };
        let mut roles = plan.roles.clone();
        for role in before.iter() {
            let is_told = roles.iter().any(|told| told.programme == role.programme);
            if !is_told && is_reread(ScopeId::Programme(role.programme)) {
                roles.push(*role);
            }
        }
        (roles != *before).then_some(roles)
    }

    /// Whether an answer brings nothing worth a write. A clock's drift below a second is none.
    fn says_nothing(&self, plan: &SavePlan) -> bool {
        const DRIFT_MS: u64 = 1_000;
        let SavePlan {
            settled,
            refused,
            not_understood,
            records,
            cursors,
            revoked,
            snapshots,
            reread,
            ..
        } = plan;
        let nothing = settled.is_empty()
            && refused.is_empty()
            && not_understood.is_empty()
            && records.is_empty()
            && cursors.is_empty()
            && revoked.is_empty()
            && snapshots.is_empty()
            && reread.is_empty();
        nothing && self.clock_offset_ms.get().abs_diff(plan.clock_offset_ms) < DRIFT_MS
    }

    /// Takes the answered changes out of the outbox. Returns those that the server has, to be kept
    /// with what it had before.
    async fn settle(
        &self,
        transaction: &Transaction<'_>,
        plan: &SavePlan,
        phone_ms: u64,
        committed: &mut Committed,
    ) -> Result<Vec<Record>, StoreError> {
        #[derive(Clone, Copy)]
        enum Fate {
            Settled,
            Refused(keruen_domain::Refusal),
            Postponed,
        }
        let settled = plan.settled.iter().map(|change| (*change, Fate::Settled));
        let refused = plan
            .refused
            .iter()
            .map(|(change, why)| (*change, Fate::Refused(*why)));
        let postponed = plan
            .not_understood
            .iter()
            .map(|change| (*change, Fate::Postponed));
        let leaving: BTreeMap<u64, Fate> = settled
            .chain(refused)
            .chain(postponed)
            .filter_map(|(change, fate)| Some((self.position_of(change)?, fate)))
            .collect();
        let mut acknowledged = Vec::new();
        let mut entries = outbox::take(transaction, &leaving.keys().copied().collect()).await?;
        let taken: BTreeSet<u64> = entries.iter().map(|entry| entry.position).collect();
        for (position, fate) in &leaving {
            // Another tab may have been told meanwhile that it was not understood. If it is not
            // there either, it is gone already: this answer was saved before.
            if !taken.contains(position) && !matches!(fate, Fate::Postponed) {
                let key = position_key(*position);
                let postponed = transaction.get(Table::Postponed, &key).await?;
                transaction.delete(Table::Postponed, &key)?;
                entries.extend(postponed.and_then(|bytes| unseal::<OutboxEntry>(&bytes).ok()));
            }
        }
        for entry in entries {
            let place = Place {
                key: entry.change.record.key,
                position: entry.position,
            };
            let fate = leaving.get(&entry.position).copied();
            match fate.unwrap_or(Fate::Postponed) {
                Fate::Settled => {
                    committed.settled.push(place);
                    if !mutation::is(Mutation::AcknowledgedIsForgotten) {
                        acknowledged.push(entry.change.record);
                    }
                }
                Fate::Refused(refusal) => {
                    committed.refused.push(place);
                    committed.attention = true;
                    let key = change_key(entry.change.id);
                    let entry = AttentionEntry {
                        change: entry.change,
                        refusal,
                        refused_at_ms: phone_ms,
                    };
                    transaction.put(Table::Attention, &key, &seal(&entry))?;
                }
                // Still this device's own change, on top of what the server has.
                Fate::Postponed => {
                    let key = position_key(entry.position);
                    transaction.put(Table::Postponed, &key, &seal(&entry))?;
                }
            }
        }
        Ok(acknowledged)
    }

    fn position_of(&self, change: ChangeId) -> Option<u64> {
        self.positions.borrow().get(&change).copied()
    }

    /// The changes that the server refused, oldest first.
    pub async fn attention(&self) -> Result<Vec<AttentionEntry>, StoreError> {
        let transaction = self
            .begin(&[Table::Attention], Durability::ReadOnly)
            .await?;
        let entries = transaction.all(Table::Attention).await?;
        let entries: Vec<AttentionEntry> = entries
            .iter()
            .filter_map(|bytes| unseal(bytes).ok())
            .collect();
        self.attention.replace(entries.clone());
        Ok(entries)
    }

    /// Offers a refused change to the server again, as it was.
    pub async fn offer_again(&self, change: ChangeId) -> Result<(), StoreError> {
        const TABLES: [Table; 3] = [Table::Meta, Table::Outbox, Table::Attention];
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let bytes = transaction
            .get(Table::Attention, &change_key(change))
            .await?;
        let Some(entry) = bytes.and_then(|bytes| unseal::<AttentionEntry>(&bytes).ok()) else {
            return Ok(());
        };
        let mut meta = DeviceMeta::load(&transaction).await?;
        let queued = meta.append_frozen(&transaction, entry.change)?;
        let edition = meta.next_edition();
        meta.save(&transaction)?;
        transaction.delete(Table::Attention, &change_key(change))?;
        transaction.commit().await?;
        self.publish(&Committed {
            edition,
            queued: vec![(queued.position, queued.change.record)],
            attention: true,
            by_person: true,
            ..Committed::default()
        });
        Ok(())
    }

    /// Removes a refused change from the list, because its writer said so.
    pub async fn dismiss(&self, change: ChangeId) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Attention], Durability::Strict).await?;
        transaction.delete(Table::Attention, &change_key(change))?;
        transaction.commit().await?;
        self.publish(&Committed {
            attention: true,
            ..Committed::default()
        });
        Ok(())
    }
}

impl Store {
    /// Puts a refused change back on the list that its writer took off it.
    pub async fn put_back(&self, entry: &AttentionEntry) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Attention], Durability::Strict).await?;
        let key = change_key(entry.change.id);
        transaction.put(Table::Attention, &key, &seal(entry))?;
        transaction.commit().await?;
        self.publish(&Committed {
            attention: true,
            ..Committed::default()
        });
        Ok(())
    }
}

/// Many records of one scope become sealed pages; the others are merged into the rows.
async fn save_records(
    transaction: &Transaction<'_>,
    acknowledged: Vec<Record>,
    plan: &SavePlan,
) -> Result<(), StoreError> {
    let mut by_scope: BTreeMap<ScopeId, Vec<&Record>> = BTreeMap::new();
    for record in &plan.records {
        by_scope.entry(record.key.scope).or_default().push(record);
    }
    let mut rows: BTreeMap<RecordKey, Record> = BTreeMap::new();
    for record in acknowledged {
        add(&mut rows, record);
    }
    for (scope, records) in by_scope {
        let at = plan.cursors.iter().find(|at| at.scope == scope).copied();
        let snapshot = plan.snapshots.iter().find(|of| of.scope == scope);
        let at = at.or_else(|| {
            let cursor = snapshot?.cursor;
            Some(ScopeCursor { scope, cursor })
        });
        match at.filter(|_| records.len() >= SEAL_FROM) {
            Some(at) => {
                for (part, page) in records.chunks(PAGE_RECORDS).enumerate() {
                    let sealed = page::encode(scope, page);
                    transaction.put(Table::Pages, &page_key(&at, part), &sealed)?;
                }
            }
            None => records
                .into_iter()
                .for_each(|record| add(&mut rows, record.clone())),
        }
    }
    let keys: Vec<String> = rows.keys().map(row_key).collect();
    let stored = transaction.get_many(Table::Rows, &keys).await?;
    for ((mut record, key), stored) in rows.into_values().zip(&keys).zip(stored) {
        if let Some(bytes) = stored {
            match unseal::<Record>(&bytes) {
                Ok(stored) => record.merge(stored),
                // Not lost under what is written in its place.
                Err(_) => {
                    transaction.put(
                        Table::SetAside,
                        &format!("{}:{key}", Table::Rows.name()),
                        &bytes,
                    )?;
                }
            }
        }
        transaction.put(Table::Rows, key, &seal(&record))?;
    }
    Ok(())
}

pub(super) fn add(rows: &mut BTreeMap<RecordKey, Record>, record: Record) {
    match rows.get_mut(&record.key) {
        Some(row) => row.merge(record),
        None => {
            rows.insert(record.key, record);
        }
    }
}
