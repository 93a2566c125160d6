use std::collections::BTreeMap;
use std::ops::ControlFlow;

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::limits;
use keruen_domain::protocol::v1::{Cursor, ProgrammeRole, ScopeCursor, ScopePage};
use keruen_domain::protocol::v2::{RereadReason, ScopeReread, ScopeSnapshot, ScopeSum};
use keruen_domain::{Action, Actor, Record, ScopeId, Sum, may, page};

use super::Asker;
use super::apply::{Applied, Written};
use super::place::Place;
use super::scopes::{Scopes, roles};
use crate::snapshot;
use crate::store::{Chunks, ReadTransaction, Row, ScopeState, Snapshot, StoreError};

/// Bytes of records in one answer, before compression: a slow link should bring something to show
/// within a minute.
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// What a device does not know yet.
#[derive(Debug, Default)]
pub struct News {
    /// What the asker is in which programme.
    pub roles: Vec<ProgrammeRole>,
    /// Rows, a page for each scope that has any.
    pub pages: Vec<ScopePage>,
    /// Scopes that the device named and may not read.
    pub revoked: Vec<ScopeId>,
    /// Whether there is more than fitted.
    pub more: bool,
    /// Scopes that the device is to read from their beginning.
    pub reread: Vec<ScopeReread>,
    /// Scopes that it can read in chunks.
    pub snapshots: Vec<ScopeSnapshot>,
}

/// What a device holds, and how much it wants to be told.
#[derive(Debug)]
pub struct Question {
    /// How far it has read each scope.
    pub cursors: Vec<ScopeCursor>,
    /// The most rows that it takes at once.
    pub page_records: u32,
    /// Whether it takes snapshots, and is told to read a scope anew.
    pub takes_snapshots: bool,
    /// What it holds at these cursors, where it wants that compared.
    pub sums: Vec<ScopeSum>,
}

/// Reads what comes after the cursors. Rows that tell the device only what it has just said
/// (`applied`) are left out.
pub fn news(
    transaction: &dyn ReadTransaction,
    chunks: &dyn Chunks,
    asker: &Asker,
    question: &Question,
    applied: &Applied,
) -> Result<News, StoreError> {
    let actor = asker.actor(transaction)?;
    let scopes = Scopes::of(transaction, asker, &actor, &question.cursors)?;
    let mut reader = Reader {
        transaction,
        chunks,
        asker,
        actor: &actor,
        applied,
        takes_snapshots: question.takes_snapshots,
        sums: asker.real_sums(&question.sums),
        epoch: transaction.epoch()?,
        records_left: question.page_records.min(limits::MAX_PAGE_RECORDS),
        bytes: 0,
        news: News {
            roles: roles(&scopes, &actor),
            revoked: scopes.revoked,
            ..News::default()
        },
    };
    for (scope, named) in scopes.readable {
        reader.read(scope, named)?;
    }
    Ok(reader.news)
}

struct Reader<'a> {
    transaction: &'a dyn ReadTransaction,
    chunks: &'a dyn Chunks,
    asker: &'a Asker,
    actor: &'a Actor,
    applied: &'a Applied,
    takes_snapshots: bool,
    sums: BTreeMap<ScopeId, Sum>,
    epoch: u32,
    records_left: u32,
    bytes: usize,
    news: News,
}

impl Reader<'_> {
    fn read(&mut self, scope: ScopeId, named: Option<Cursor>) -> Result<(), StoreError> {
        let state = self.transaction.scope(scope)?;
        let last = state.last_sequence;
        let place = Place::named(named.map(|cursor| cursor.sequence), &state);
        let unusable = named.and_then(|cursor| self.why_unusable(cursor, place, &state));
        if let Some(reason) = unusable.filter(|_| self.takes_snapshots) {
            self.reread(scope, reason);
            return Ok(());
        }
        // Who does not know of rereading gets everything from the beginning.
        let known = named.filter(|_| unusable.is_none());
        let place = match known {
            Some(_) => place,
            None => Place::named(None, &state),
        };
        let after = place.sequence;
        if after == 0 && self.takes_snapshots && self.offer_snapshot(scope, known, &state)? {
            return Ok(());
        }
        let mut records = Vec::new();
        let mut reached = after;
        let mut stopped = false;
        self.transaction.rows_after(scope, after, &mut |row| {
            let sequence = row.sequence;
            if !self.is_echo(&row, after) && self.may_be_read(&row.record) {
                match self.take(row) {
                    Some(record) => records.push(record),
                    None => {
                        stopped = true;
                        return ControlFlow::Break(());
                    }
                }
            }
            reached = sequence;
            ControlFlow::Continue(())
        })?;
        self.news.more |= stopped;
        let cursor = Cursor {
            epoch: self.epoch,
            sequence: match stopped {
                true if mutation::is(Mutation::SkipsAtPageEnd) => reached + 1,
                true => place.reached(reached, &state),
                false => last,
            },
        };
        let is_news = named.map_or(cursor.sequence > 0, |named| named != cursor);
        if is_news {
            let scope = self.asker.told_scope(scope);
            self.news.pages.push(ScopePage {
                scope,
                cursor,
                records,
            });
        } else {
            self.compare(scope, &state, named);
        }
        Ok(())
    }

    /// Offers a snapshot, if there is one that can be used, to who has read nothing of the scope. Who
    /// does not even have a cursor gets the first chunk's records along with it, and the cursor 0:
    /// something to show at once.
    fn offer_snapshot(
        &mut self,
        scope: ScopeId,
        known: Option<Cursor>,
        state: &ScopeState,
    ) -> Result<bool, StoreError> {
        let newest = self.transaction.snapshot(scope)?;
        let usable = newest.filter(|newest| snapshot::is_usable(newest, self.epoch, state));
        let Some(newest) = usable else {
            return Ok(false);
        };
        let told = self.asker.told_scope(scope);
        if known.is_none() {
            let Some(first) = self.first_records(&newest)? else {
                return Ok(false);
            };
            let cursor = Cursor {
                epoch: self.epoch,
                sequence: 0,
            };
            self.news.pages.push(ScopePage {
                scope: told,
                cursor,
                records: first,
            });
        }
        self.news.snapshots.push(ScopeSnapshot {
            scope: told,
            cursor: newest.cursor,
            chunks: newest.chunks,
        });
        Ok(true)
    }

    /// As many records of the first chunk as the answer takes; `None` if its bytes are missing or
    /// damaged.
    fn first_records(&mut self, snapshot: &Snapshot) -> Result<Option<Vec<Record>>, StoreError> {
        let Some(first) = snapshot.chunks.first() else {
            return Ok(Some(Vec::new()));
        };
        let compressed = self.chunks.get(&first.sha256)?;
        let content = compressed.and_then(|bytes| snapshot::decompress(&bytes));
        let Some(records) = content.and_then(|content| page::decode(&content).ok()) else {
            tracing::error!(chunk = %first.sha256, "a chunk is missing or damaged");
            return Ok(None);
        };
        let fitting = usize::try_from(self.records_left).unwrap_or(usize::MAX);
        let readable = records.into_iter().filter(|row| self.may_be_read(row));
        let told: Vec<Record> = readable
            .take(fitting)
            .map(|record| self.asker.told_record(record))
            .collect();
        self.records_left -= u32::try_from(told.len()).unwrap_or(self.records_left);
        Ok(Some(told))
    }

    /// Why nothing can be built on what the device has read.
    fn why_unusable(
        &self,
        named: Cursor,
        place: Place,
        state: &ScopeState,
    ) -> Option<RereadReason> {
        let is_of_another =
            named.epoch != self.epoch && !mutation::is(Mutation::OtherHistoryNotSaid);
        if is_of_another || place.sequence > state.last_sequence {
            Some(RereadReason::OtherHistory)
        } else if place.sequence < state.pruned_through
            && !place.is_from_beginning
            && !mutation::is(Mutation::TooOldNotSaid)
        {
            Some(RereadReason::TooOld)
        } else {
            None
        }
    }

    /// Compares sums where the device has everything: it named the last row, and nothing of the
    /// scope is in this answer.
    fn compare(&mut self, scope: ScopeId, state: &ScopeState, named: Option<Cursor>) {
        let is_at_the_end = named.is_some_and(|cursor| cursor.sequence == state.last_sequence);
        let is_ignored =
            mutation::is(Mutation::SumsIgnored) || mutation::is(Mutation::TooOldNotSaid);
        let is_compared = is_at_the_end && !is_ignored;
        let Some(sum) = self.sums.get(&scope).filter(|_| is_compared) else {
            return;
        };
        if *sum != state.sum {
            tracing::warn!(device = %self.asker.device, %scope, "a replica diverged");
            self.reread(scope, RereadReason::Diverged);
        }
    }

    fn reread(&mut self, scope: ScopeId, reason: RereadReason) {
        let scope = self.asker.told_scope(scope);
        self.news.reread.push(ScopeReread { scope, reason });
        self.news.more = true;
    }

    /// Whether the device can work out this row by itself: it had the row as it was before its own
    /// changes of this request, and nobody else has written since.
    fn is_echo(&self, row: &Row, after: u64) -> bool {
        self.applied
            .written
            .get(&row.record.key)
            .is_some_and(|written: &Written| {
                !written.is_other
                    && written.sequence == row.sequence
                    && (written.sequence_before <= after
                        || mutation::is(Mutation::EverythingIsEcho))
            })
    }

    fn may_be_read(&self, record: &Record) -> bool {
        may(self.actor, Action::Read, &record.key).is_ok()
            || mutation::is(Mutation::ShowsEverything)
    }

    /// The row as it is sent; `None` when this answer is full. A row that alone is larger than an
    /// answer is sent all the same, else it would never arrive.
    fn take(&mut self, row: Row) -> Option<Record> {
        let too_many_bytes = self.bytes > 0 && self.bytes + row.size_bytes > MAX_PAGE_BYTES;
        if self.records_left == 0 || too_many_bytes {
            return None;
        }
        self.records_left -= 1;
        self.bytes += row.size_bytes;
        Some(self.asker.told_record(row.record))
    }
}
