//! A server in memory: the rules of the real one, no disk and no wire.

use std::collections::BTreeMap;

use keruen_domain::access::{Action, Actor, Role, may};
use keruen_domain::protocol::v1::{
    ChangeResult, Cursor, Outcome, Problem, ProgrammeRole, ScopePage,
};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::{
    Change, ChangeId, DeviceId, PersonId, ProgrammeId, Record, RecordKey, ScopeId, encoding,
};

#[derive(Default)]
struct Scope {
    sequence: u64,
    rows: BTreeMap<RecordKey, (u64, Record)>,
}

pub(crate) struct Server {
    pub(crate) programme: ProgrammeId,
    pub(crate) owners: BTreeMap<DeviceId, PersonId>,
    pub(crate) roles: BTreeMap<PersonId, Role>,
    /// The most records in one answer.
    pub(crate) page_limit: usize,
    scopes: BTreeMap<ScopeId, Scope>,
    /// The first form of every change that arrived, and its outcome.
    answered: BTreeMap<ChangeId, (Vec<u8>, Outcome)>,
}

impl Server {
    pub(crate) fn new(programme: ProgrammeId, page_limit: usize) -> Self {
        Self {
            programme,
            owners: BTreeMap::new(),
            roles: BTreeMap::new(),
            page_limit,
            scopes: BTreeMap::new(),
            answered: BTreeMap::new(),
        }
    }

    fn actor(&self, person: Option<PersonId>) -> Actor {
        let role = person.and_then(|person| self.roles.get(&person));
        Actor {
            person,
            roles: role
                .map(|role| (self.programme, *role))
                .into_iter()
                .collect(),
            public_programmes: [self.programme].into(),
            ..Actor::default()
        }
    }

    /// Answers a request of a device; `token` is what the device shows of whom it belongs to.
    pub(crate) fn answer(
        &mut self,
        device: DeviceId,
        token: bool,
        request: SyncRequest,
        now_ms: u64,
    ) -> Result<SyncResponse, Problem> {
        let person = self.owners.get(&device).copied().filter(|_| token);
        if token && person.is_none() {
            return Err(Problem::NotAuthorised);
        }
        let results = request
            .changes
            .into_iter()
            .map(|change| ChangeResult {
                change: change.id,
                outcome: self.take(person, change),
            })
            .collect();
        let mut readable = vec![ScopeId::Programme(self.programme)];
        readable.extend(person.map(ScopeId::Person));
        let mut left = self.page_limit.min(request.page_records as usize);
        let mut pages = Vec::new();
        let mut more = false;
        for scope in readable {
            let outside = outside(scope, person);
            let known = request
                .cursors
                .iter()
                .find(|cursor| cursor.scope == outside);
            let after = known.map(|known| known.cursor.sequence);
            let (page, rest) = self.page(scope, outside, after, left);
            more |= rest;
            left -= page.as_ref().map_or(0, |page| page.records.len());
            pages.extend(page);
        }
        let role = person.and_then(|person| self.roles.get(&person));
        let roles = role.map(|role| ProgrammeRole {
            programme: self.programme,
            role: *role,
        });
        Ok(SyncResponse {
            server_time_ms: now_ms,
            joined: person.is_some(),
            roles: roles.into_iter().collect(),
            results,
            pages,
            revoked: Vec::new(),
            more,
            ..SyncResponse::default()
        })
    }

    fn take(&mut self, person: Option<PersonId>, change: Change) -> Outcome {
        let bytes = encoding::encode(&change);
        if let Some((first, outcome)) = self.answered.get(&change.id) {
            assert_eq!(&bytes, first, "a change is frozen once it was sent");
            return *outcome;
        }
        let scope = match (change.record.key.scope, person) {
            (ScopeId::OWN, Some(person)) => ScopeId::Person(person),
            (scope, _) => scope,
        };
        let record = change.record.moved_to(scope);
        let actor = self.actor(person);
        let before = self.row(&record.key);
        let write = Action::Write {
            before,
            change: &record,
        };
        let outcome = match may(&actor, write, &record.key) {
            Ok(()) => Outcome::Accepted,
            Err(refusal) => Outcome::Refused(refusal),
        };
        if outcome == Outcome::Accepted {
            self.merge(record);
        }
        self.answered.insert(change.id, (bytes, outcome));
        outcome
    }

    /// Merges a record, as an import on the server does too.
    pub(crate) fn merge(&mut self, record: Record) {
        let scope = self.scopes.entry(record.key.scope).or_default();
        let key = record.key;
        let row = scope
            .rows
            .entry(key)
            .or_insert_with(|| (0, Record::new(key)));
        if row.0 == 0 || !row.1.includes(&record) {
            row.1.merge(record);
            scope.sequence += 1;
            row.0 = scope.sequence;
        }
    }

    fn page(
        &self,
        scope: ScopeId,
        outside: ScopeId,
        after: Option<u64>,
        limit: usize,
    ) -> (Option<ScopePage>, bool) {
        let Some(held) = self.scopes.get(&scope) else {
            return (None, false);
        };
        let mut rows: Vec<&(u64, Record)> = held
            .rows
            .values()
            .filter(|(sequence, _)| *sequence > after.unwrap_or(0))
            .collect();
        rows.sort_by_key(|(sequence, _)| *sequence);
        let rest = rows.len() > limit;
        rows.truncate(limit);
        let Some((sequence, _)) = rows.last() else {
            return (None, rest);
        };
        let page = ScopePage {
            scope: outside,
            cursor: Cursor {
                epoch: 1,
                sequence: *sequence,
            },
            records: rows
                .iter()
                .map(|(_, record)| record.clone().moved_to(outside))
                .collect(),
        };
        (Some(page), rest)
    }

    pub(crate) fn row(&self, key: &RecordKey) -> Option<&Record> {
        self.scopes.get(&key.scope)?.rows.get(key).map(|row| &row.1)
    }

    pub(crate) fn outcome(&self, change: ChangeId) -> Option<Outcome> {
        self.answered.get(&change).map(|(_, outcome)| *outcome)
    }

    /// All that this person may read, named as their devices name it.
    pub(crate) fn readable(&self, person: PersonId) -> BTreeMap<RecordKey, Record> {
        let scopes = [ScopeId::Programme(self.programme), ScopeId::Person(person)];
        let held = scopes.iter().filter_map(|scope| self.scopes.get(scope));
        let rows = held.flat_map(|scope| scope.rows.values());
        rows.map(|(_, record)| {
            let record = record.clone();
            let scope = outside(record.key.scope, Some(person));
            let record = record.moved_to(scope);
            (record.key, record)
        })
        .collect()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Record> {
        let scopes = self.scopes.values();
        scopes.flat_map(|scope| scope.rows.values().map(|row| &row.1))
    }
}

/// The name that a person's devices have for a scope.
fn outside(scope: ScopeId, person: Option<PersonId>) -> ScopeId {
    match (scope, person) {
        (ScopeId::Person(owner), Some(person)) if owner == person => ScopeId::OWN,
        _ => scope,
    }
}
