//! One exchange with a device: its changes in, the news of its scopes out.
//!
//! The changes are merged in one write transaction; the news is read afterwards in a view that
//! contains them, so that reading holds no writer up. Every change and every row is put before
//! [`may`].
//!
//! ```text
//!  request ──► apply: known? may? merge ──commit──► news: per scope, after the cursor ──► answer
//! ```

mod answer;
mod apply;
mod news;
mod place;
mod scopes;

use std::collections::BTreeMap;

use keruen_domain::protocol::v2::ScopeSum;
use keruen_domain::{Actor, DeviceId, PersonId, Record, Role, ScopeId, Sum};

pub use answer::answer;
pub use apply::{Applied, apply};
pub(crate) use scopes::some_record_of;

pub use news::{News, Question, news};

use crate::store::{ReadTransaction, StoreError};

/// Who asks, as far as the request shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// To whom the device belongs; `None` without a token.
    pub person: Option<PersonId>,
    /// Whether the token is the operator's.
    pub organises_everything: bool,
    /// The device.
    pub device: DeviceId,
}

impl Asker {
    /// Somebody without a token.
    pub const fn visitor(device: DeviceId) -> Self {
        Self {
            person: None,
            organises_everything: false,
            device,
        }
    }

    /// The asker before the access rule, with what the store knows.
    pub fn actor(&self, transaction: &dyn ReadTransaction) -> Result<Actor, StoreError> {
        let public_programmes = transaction
            .shared_scopes()?
            .into_iter()
            .filter(|shared| shared.is_public)
            .filter_map(|shared| match shared.scope {
                ScopeId::Programme(programme) => Some(programme),
                ScopeId::Group(_) | ScopeId::Person(_) => None,
            })
            .collect();
        Ok(Actor {
            public_programmes,
            ..self.member(transaction)?
        })
    }

    /// The same without what everybody may read.
    pub(crate) fn member(&self, transaction: &dyn ReadTransaction) -> Result<Actor, StoreError> {
        let mut actor = Actor {
            person: self.person,
            organises_everything: self.organises_everything,
            ..Actor::default()
        };
        if let Some(person) = self.person {
            let kept = transaction.person(person)?;
            actor.organises_everything |= kept.is_some_and(|kept| kept.organises_everything);
            let memberships = transaction.memberships(person)?.into_iter();
            actor.roles = memberships
                .map(|member| (member.programme, member.role))
                .collect();
            actor.groups = transaction.groups_with(person)?.into_iter().collect();
            for (programme, role) in &actor.roles {
                if matches!(role, Role::Organiser | Role::Trainer) {
                    let groups = transaction.groups(*programme)?.into_iter();
                    actor
                        .programme_of_group
                        .extend(groups.map(|group| (group.id, group.programme)));
                }
            }
        }
        Ok(actor)
    }

    /// The scope by its real name; `None` for the own scope of somebody unknown.
    fn real_scope(&self, scope: ScopeId) -> Option<ScopeId> {
        if scope == ScopeId::OWN {
            self.person.map(ScopeId::Person)
        } else {
            Some(scope)
        }
    }

    /// The sums by the real names of their scopes.
    fn real_sums(&self, sums: &[ScopeSum]) -> BTreeMap<ScopeId, Sum> {
        let named = sums.iter();
        named
            .filter_map(|named| Some((self.real_scope(named.scope)?, named.sum)))
            .collect()
    }

    /// The scope as its device calls it.
    pub(crate) fn told_scope(&self, scope: ScopeId) -> ScopeId {
        if self.person.map(ScopeId::Person) == Some(scope) {
            ScopeId::OWN
        } else {
            scope
        }
    }

    fn told_record(&self, record: Record) -> Record {
        let scope = self.told_scope(record.key.scope);
        record.moved_to(scope)
    }
}
