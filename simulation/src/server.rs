//! The server: the released exchange on a store in memory, and what surrounds it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use keruen_domain::protocol::v1::{Cursor, Outcome, Problem, ScopeCursor};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::sync::ChunkName;
use keruen_domain::{
    Actor, Author, ChangeId, Clock, DeviceId, Edit, Hlc, PersonId, ProgrammeId, Record, RecordKey,
    ScopeId,
};
use keruen_server::exchange::{self, Asker};
use keruen_server::store::{Backup, Identity, MemoryStore, Store as _, merge};
use keruen_server::{live, pruning, snapshot};

use crate::now::now;

/// A server with two programmes, one that everybody may read and one that only organisers may.
pub(crate) struct Server {
    pub(crate) store: MemoryStore,
    /// To whom a token belongs.
    pub(crate) tokens: BTreeMap<String, PersonId>,
    /// The changes that it ever answered as accepted.
    pub(crate) accepted: BTreeSet<ChangeId>,
    backup: Option<Backup>,
    epoch: u32,
    imports: u64,
}

/// The person with this number; the first one organises everything.
pub(crate) fn person(number: usize) -> PersonId {
    PersonId::new(1, [number as u8 + 1; 10])
}

/// The programmes: the first is read by everybody, unless it is hidden.
pub(crate) fn programme(number: u64) -> ProgrammeId {
    ProgrammeId::new(1 + number, [7; 10])
}

impl Server {
    pub(crate) fn new() -> Self {
        let identity = Identity {
            epoch: 1,
            organiser: person(0),
        };
        Self {
            store: MemoryStore::new(identity, PathBuf::new()),
            tokens: BTreeMap::new(),
            accepted: BTreeSet::new(),
            backup: None,
            epoch: 1,
            imports: 0,
        }
    }

    /// Answers a request.
    pub(crate) fn answer(
        &mut self,
        device: DeviceId,
        token: Option<&str>,
        request: SyncRequest,
        now_ms: u64,
    ) -> Result<SyncResponse, Problem> {
        let asker = self.asker(device, token)?;
        let person = asker.person;
        let tell_time = move || now_ms;
        let answered = exchange::answer(&self.store, asker, request, &tell_time);
        let response = now(answered).map_err(|_| Problem::Unavailable)?;
        for result in &response.results {
            if matches!(result.outcome, Outcome::Accepted | Outcome::Bounded) {
                self.accepted.insert(result.change);
            }
        }
        let foreign = response.pages.iter().flat_map(|page| &page.records);
        for record in foreign {
            assert!(
                self.may_read(person, record.key.scope),
                "{:?} was sent to {person:?}",
                record.key
            );
        }
        Ok(response)
    }

    fn asker(&self, device: DeviceId, token: Option<&str>) -> Result<Asker, Problem> {
        let person = match token {
            Some(token) => Some(*self.tokens.get(token).ok_or(Problem::NotAuthorised)?),
            None => None,
        };
        Ok(Asker {
            person,
            organises_everything: person == Some(crate::server::person(0)),
            device,
        })
    }

    /// Makes snapshots that are due, of scopes however small, in chunks of a few records.
    pub(crate) fn make_snapshots(&self, now_ms: u64) -> usize {
        let rules = snapshot::Rules {
            least_rows: 2,
            first_chunk_bytes: 100,
            chunk_bytes: 200,
            least_age_ms: 1_000,
            kept_ms: 60_000,
        };
        now(snapshot::renew(&self.store, &rules, now_ms)).expect("a store in memory works")
    }

    /// The content of a chunk, for who may read its scope.
    pub(crate) fn chunk(&self, token: Option<&str>, chunk: ChunkName) -> Option<Vec<u8>> {
        let person = token.and_then(|token| self.tokens.get(token).copied());
        if !self.may_read(person, chunk.scope) {
            return None;
        }
        let compressed = self.store.chunks().get(&chunk.sha256);
        let compressed = compressed.expect("a store in memory works");
        snapshot::decompress(&compressed?)
    }

    /// Whether somebody may read a scope, said once more without the rule.
    fn may_read(&self, person: Option<PersonId>, scope: ScopeId) -> bool {
        let organises = person == Some(crate::server::person(0));
        match scope {
            ScopeId::OWN => person.is_some(),
            ScopeId::Programme(id) => organises || self.is_public(id),
            ScopeId::Group(_) => organises,
            ScopeId::Person(owner) => Some(owner) == person,
        }
    }

    fn is_public(&self, programme: ProgrammeId) -> bool {
        let key = RecordKey {
            scope: ScopeId::Programme(programme),
            collection: keruen_domain::Collection::PROGRAMME,
            id: programme.into(),
        };
        let row = self.row(&key);
        row.is_some_and(|row| row.value("public").is_set())
    }

    /// A program writes to a record as it stands. Gives what it wrote and what it had before it.
    pub(crate) fn import(
        &mut self,
        key: RecordKey,
        now_ms: u64,
        write: impl FnOnce(&mut Edit<'_>),
    ) -> Option<(Record, Record)> {
        self.imports += 1;
        let before = self.row(&key).unwrap_or(Record::new(key));
        let device = DeviceId(1_000_000 + self.imports);
        let mut clock = Clock::new(device, Hlc::default(), 0);
        clock.observe(before.latest_reading(device));
        let mut edit = Edit::new(key, Some(&before), clock.stamp(now_ms), Author::Machine);
        write(&mut edit);
        let written = edit.finish()?;
        let delta = written.clone();
        let merged = self.store.write_now(|transaction| {
            let row = transaction.row(&key)?;
            merge(transaction, row, delta, now_ms)
        });
        merged.expect("a store in memory works");
        Some((written, before))
    }

    /// Keeps a backup of this moment, if there is none yet.
    pub(crate) fn back_up(&mut self) {
        self.backup.get_or_insert_with(|| self.store.backup());
    }

    /// Puts the backup back. Whether there was one.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(backup) = self.backup.take() else {
            return false;
        };
        self.epoch += 1;
        self.store.restore(&backup, self.epoch);
        true
    }

    /// Forgets deletions, and which changes it accepted, from before so many milliseconds.
    pub(crate) fn prune(&self, kept_ms: u64, now_ms: u64) {
        now(pruning::prune(&self.store, kept_ms, now_ms)).expect("a store in memory works");
    }

    /// How far all scopes go that the holder of this token may read; none if it does not know them.
    pub(crate) fn hint(&self, token: Option<&str>) -> Option<Vec<ScopeCursor>> {
        let asker = self.asker(DeviceId(0), token).ok()?;
        let member = Actor {
            person: asker.person,
            organises_everything: asker.organises_everything,
            ..Actor::default()
        };
        let moves = self.store.read_now(live::standing);
        Some(
            moves
                .expect("a store in memory works")
                .told_to(&asker, &member),
        )
    }

    /// A record as it stands.
    pub(crate) fn row(&self, key: &RecordKey) -> Option<Record> {
        let row = self.store.read_now(|transaction| transaction.row(key));
        row.expect("a store in memory works").map(|row| row.record)
    }

    /// Whether a record, of a scope that is shared, was last changed at this place in its history or
    /// before it.
    pub(crate) fn is_before(&self, key: &RecordKey, at: Cursor) -> bool {
        let row = self.store.read_now(|transaction| transaction.row(key));
        let row = row.expect("a store in memory works");
        at.epoch == self.epoch && row.is_some_and(|row| row.sequence <= at.sequence)
    }

    /// All that this person may read, by the keys of their devices.
    pub(crate) fn readable(&self, person: Option<PersonId>) -> BTreeMap<RecordKey, Record> {
        let programmes = [0, 1].map(|number| ScopeId::Programme(programme(number)));
        let scopes = programmes.into_iter().chain(person.map(ScopeId::Person));
        let mut readable = BTreeMap::new();
        for scope in scopes.filter(|scope| self.may_read(person, *scope)) {
            let read = self.store.read_now(|transaction| {
                transaction.rows_after(scope, 0, &mut |row| {
                    let told = match scope {
                        ScopeId::Person(_) => ScopeId::OWN,
                        scope => scope,
                    };
                    let record = row.record.moved_to(told);
                    readable.insert(record.key, record);
                    ControlFlow::Continue(())
                })
            });
            read.expect("a store in memory works");
        }
        readable
    }
}
