//! Scopes that are read anew, because the device's copy and the server's history do not fit
//! together any more.
//!
//! What the device held moves aside (`replaced`), stays visible, and is held against the new reading
//! once that is complete. What the server no longer knows is then offered to it again, unless it
//! was deleted there. Each step is one transaction, so that a crash anywhere goes on from there.
//! The outbox is not touched: its changes lie on top of the one reading as of the other.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::{Cursor, ProgrammeRole};
use keruen_domain::protocol::v2::{RereadReason, ScopeReread};
use keruen_domain::{
    Action, Actor, Change, ChangeId, DeviceId, PersonId, Record, RecordKey, ScopeId, may, page,
};

use super::exchange::{PAGE_RECORDS, add};
use super::schema::{
    DeviceMeta, Table, page_prefix, replaced_key, row_key, row_prefix, scope_key, seal, unseal,
};
use super::{Committed, Durability, Store, StoreError, Transaction, compact, reached};

/// Moves what the device holds of a scope aside, except the pages of these keys. If it holds
/// nothing else, there is nothing to be held against the new reading.
pub(super) async fn begin(
    transaction: &Transaction<'_>,
    scope: ScopeId,
    reason: RereadReason,
    kept: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let key = scope_key(scope);
    transaction.delete(Table::Cursors, &key)?;
    transaction.delete(Table::Snapshots, &key)?;
    let mut moving = Vec::new();
    let keys = transaction
        .keys_in(Table::Pages, &page_prefix(scope))
        .await?;
    let pages = transaction
        .all_in(Table::Pages, &page_prefix(scope))
        .await?;
    for (key, page) in keys.into_iter().zip(pages) {
        if !kept.contains(&key) {
            transaction.delete(Table::Pages, &key)?;
            moving.push(page);
        }
    }
    let rows = transaction.all_in(Table::Rows, &row_prefix(scope)).await?;
    // One that cannot be read stays where it is and is set aside when the app is next opened.
    let rows: Vec<Record> = rows.iter().filter_map(|bytes| unseal(bytes).ok()).collect();
    if !rows.is_empty() {
        compact::note_move(transaction).await?;
    }
    for rows in rows.chunks(PAGE_RECORDS) {
        for row in rows {
            transaction.delete(Table::Rows, &row_key(&row.key))?;
        }
        moving.push(page::encode(scope, rows));
    }
    if moving.is_empty() {
        return Ok(());
    }
    let held = transaction
        .keys_in(Table::Replaced, &page_prefix(scope))
        .await?;
    for (number, page) in (held.len()..).zip(moving) {
        transaction.put(Table::Replaced, &replaced_key(scope, number), &page)?;
    }
    // What is offered again under one reason is not lost under another.
    let before = transaction.get(Table::Rereads, &key).await?;
    let before = before.and_then(|bytes| unseal::<ScopeReread>(&bytes).ok());
    let before = before.map(|before| before.reason);
    let reason = before.filter(|before| offers(*before)).unwrap_or(reason);
    let reread = ScopeReread { scope, reason };
    transaction.put(Table::Rereads, &key, &seal(&reread))
}

/// Whether what the server does not know any more is offered to it.
const fn offers(reason: RereadReason) -> bool {
    match reason {
        RereadReason::OtherHistory | RereadReason::Diverged => true,
        RereadReason::TooOld => false,
    }
}

/// Which scopes are being read anew.
pub(super) async fn under_way(
    transaction: &Transaction<'_>,
) -> Result<BTreeSet<ScopeId>, StoreError> {
    let rereads = transaction.all(Table::Rereads).await?;
    let rereads = rereads
        .iter()
        .filter_map(|bytes| unseal::<ScopeReread>(bytes).ok());
    Ok(rereads.map(|reread| reread.scope).collect())
}

impl Store {
    /// The server has told all that it has of these scopes, up to these places.
    pub(super) async fn finish_rereads(
        &self,
        finished: Vec<(ScopeId, Option<Cursor>)>,
        phone_ms: u64,
    ) -> Result<(), StoreError> {
        for (scope, end) in finished {
            self.finish_reread(scope, end, phone_ms).await?;
        }
        Ok(())
    }

    /// If the device is where the scope ends, and no chunk is missing, the new reading is complete:
    /// offers again what the server no longer knows, and lets go of the rest.
    async fn finish_reread(
        &self,
        scope: ScopeId,
        end: Option<Cursor>,
        phone_ms: u64,
    ) -> Result<(), StoreError> {
        const TABLES: [Table; 8] = [
            Table::Meta,
            Table::Cursors,
            Table::Snapshots,
            Table::Pages,
            Table::Rows,
            Table::Outbox,
            Table::Rereads,
            Table::Replaced,
        ];
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let key = scope_key(scope);
        // Another tab may have begun anew, and have read nothing yet.
        let is_elsewhere = reached::of(&transaction, scope).await? != end;
        if is_elsewhere || transaction.get(Table::Snapshots, &key).await?.is_some() {
            return Ok(());
        }
        let reread = transaction.get(Table::Rereads, &key).await?;
        // Another tab may have done it.
        let Some(reread) = reread.and_then(|bytes| unseal::<ScopeReread>(&bytes).ok()) else {
            return Ok(());
        };
        let prefix = page_prefix(scope);
        let replaced = transaction.all_in(Table::Replaced, &prefix).await?;
        let pages = transaction.all_in(Table::Pages, &prefix).await?;
        let rows = transaction.all_in(Table::Rows, &row_prefix(scope)).await?;
        let rows: Vec<Record> = rows.iter().filter_map(|bytes| unseal(bytes).ok()).collect();
        let mut queued = Vec::new();
        let mut meta = DeviceMeta::load(&transaction).await?;
        if offers(reread.reason) && !mutation::is(Mutation::LostNotOffered) {
            let before = merged(&replaced, Vec::new());
            let now = merged(&pages, rows.clone());
            let lost = before
                .into_values()
                .filter(|record| is_lost(record, now.get(&record.key), reread.reason))
                .filter(|record| self.offers_again(record));
            for record in lost {
                let id = ChangeId::new(phone_ms, (self.random)());
                // It is what was acknowledged, and takes in nothing else.
                let entry = meta.append_frozen(&transaction, Change { id, record })?;
                queued.push((entry.position, entry.change.record));
            }
        }
        let edition = meta.next_edition();
        meta.save(&transaction)?;
        transaction.delete(Table::Rereads, &key)?;
        transaction.delete_prefix(Table::Replaced, &prefix)?;
        transaction.commit().await?;
        self.rereading.borrow_mut().remove(&scope);
        self.publish(&Committed {
            forgotten: vec![scope],
            pages,
            records: rows,
            by_person: !queued.is_empty(),
            edition,
            queued,
            ..Committed::default()
        });
        Ok(())
    }

    /// Whether this device may offer a record that the server has lost, as far as it knows. What
    /// was written here is always offered: if the server refuses it, its writer sees that.
    fn offers_again(&self, record: &Record) -> bool {
        record.key.scope == ScopeId::OWN
            || is_written_by(record, self.device)
            || may_write(&self.roles.borrow(), record)
    }
}

fn may_write(roles: &[ProgrammeRole], record: &Record) -> bool {
    let roles = roles.iter().map(|known| (known.programme, known.role));
    let actor = Actor {
        person: Some(PersonId::SELF),
        roles: roles.collect(),
        ..Actor::default()
    };
    let action = Action::Write {
        before: None,
        change: record,
    };
    may(&actor, action, &record.key).is_ok()
}

fn is_written_by(record: &Record, device: DeviceId) -> bool {
    let mut versions = record
        .fields()
        .flat_map(|(_, register)| register.winner().into_iter().chain(register.others()));
    versions.any(|version| version.stamp.device == device)
}

/// Whether the server does not know all of a record that it had acknowledged. In the same history, one
/// that was deleted and is not there any more is what it should be; a server that was put back may not
/// know of the deletion, and be told of the record by somebody who does not either.
fn is_lost(before: &Record, now: Option<&Record>, reason: RereadReason) -> bool {
    match now {
        Some(now) => !now.includes(before),
        None => reason == RereadReason::OtherHistory || !before.is_deleted(),
    }
}

fn merged(pages: &[Vec<u8>], rows: Vec<Record>) -> BTreeMap<RecordKey, Record> {
    let mut records = BTreeMap::new();
    let pages = pages.iter().filter_map(|page| page::decode(page).ok());
    for record in pages.flatten().chain(rows) {
        add(&mut records, record);
    }
    records
}
