//! Which scopes a request can be told about.

use std::collections::BTreeMap;

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::{Cursor, ProgrammeRole, ScopeCursor};
use keruen_domain::{Action, Actor, Collection, RecordId, RecordKey, ScopeId, may};

use super::Asker;
use crate::store::{ReadTransaction, StoreError};

/// What a request can be told about.
pub(super) struct Scopes {
    /// Own scope first, then what others share; each with the cursor that the device named.
    pub(super) readable: Vec<(ScopeId, Option<Cursor>)>,
    /// Those that the device named and may not read.
    pub(super) revoked: Vec<ScopeId>,
}

impl Scopes {
    pub(super) fn of(
        transaction: &dyn ReadTransaction,
        asker: &Asker,
        actor: &Actor,
        cursors: &[ScopeCursor],
    ) -> Result<Self, StoreError> {
        // The own scope of somebody without a token is not revoked: its notes wait on the device
        // for the token.
        let mut named: BTreeMap<ScopeId, Cursor> = cursors
            .iter()
            .filter_map(|named| Some((asker.real_scope(named.scope)?, named.cursor)))
            .collect();
        let mut readable = Vec::new();
        let own = asker.person.map(ScopeId::Person);
        let shared = transaction.shared_scopes()?;
        let known = own
            .into_iter()
            .chain(shared.iter().map(|shared| shared.scope));
        for scope in known {
            if may(actor, Action::Read, &some_record_of(scope)).is_ok()
                || mutation::is(Mutation::ShowsEverything)
            {
                readable.push((scope, named.remove(&scope)));
            }
        }
        let mut revoked = Vec::new();
        for (scope, cursor) in named {
            if may(actor, Action::Read, &some_record_of(scope)).is_ok() {
                readable.push((scope, Some(cursor)));
            } else {
                revoked.push(scope);
            }
        }
        Ok(Self { readable, revoked })
    }
}

/// Reading is decided per scope; the rule is asked about rows all the same.
pub(crate) fn some_record_of(scope: ScopeId) -> RecordKey {
    let (collection, id) = match scope {
        ScopeId::Programme(programme) => (Collection::PROGRAMME, programme.into()),
        ScopeId::Group(group) => (Collection::NOTE, RecordId::from_uuid(group.uuid())),
        ScopeId::Person(person) => (Collection::NOTE, person.into()),
    };
    RecordKey {
        scope,
        collection,
        id,
    }
}

pub(super) fn roles(scopes: &Scopes, actor: &Actor) -> Vec<ProgrammeRole> {
    let programmes = scopes.readable.iter().filter_map(|(scope, _)| match scope {
        ScopeId::Programme(programme) => Some(*programme),
        ScopeId::Group(_) | ScopeId::Person(_) => None,
    });
    programmes
        .filter_map(|programme| {
            let role = actor.role_in(programme)?;
            Some(ProgrammeRole { programme, role })
        })
        .collect()
}
