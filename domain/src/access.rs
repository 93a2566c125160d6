//! Who may read and write what: one pure function.
//!
//! The server asks it for every change and every row that it sends; the client asks it to hide what
//! is not allowed. What no rule allows is refused.
//!
//! | scope | may read | may write |
//! |---|---|---|
//! | programme | members; anyone, if the programme is public | organisers; trainers: sessions they lead, materials; everybody: their own card |
//! | group | the group's members, trainers and organisers | the group's members; trainers |
//! | person | that person | that person |

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, PersonId, ProgrammeId, RecordId};
use crate::model::fields;
use crate::record::{Collection, Record, RecordKey, ScopeId};

/// What somebody is in a programme.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Builds the programme and answers for it.
    Organiser,
    /// Leads sessions and prepares materials.
    Trainer,
    /// Takes part.
    Participant,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Who it is; `None` for somebody who has not joined anything.
    pub person: Option<PersonId>,
    /// Whether they are an organiser of every programme: the operator's own token.
    pub organises_everything: bool,
    /// Their role in each programme that they have joined.
    pub roles: BTreeMap<ProgrammeId, Role>,
    /// The groups that they belong to, each with its programme.
    pub groups: BTreeSet<GroupId>,
    /// The programmes of the groups known to the asker, for the trainers' and organisers' rights.
    pub programme_of_group: BTreeMap<GroupId, ProgrammeId>,
    /// The programmes that anyone may read.
    pub public_programmes: BTreeSet<ProgrammeId>,
}

impl Actor {
    /// Their role in this programme.
    pub fn role_in(&self, programme: ProgrammeId) -> Option<Role> {
        if self.organises_everything {
            return Some(Role::Organiser);
        }
        self.roles.get(&programme).copied()
    }

    fn role_over_group(&self, group: GroupId) -> Option<Role> {
        if self.organises_everything {
            return Some(Role::Organiser);
        }
        self.role_in(*self.programme_of_group.get(&group)?)
    }
}

/// What somebody wants to do with a record.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// See it.
    Read,
    /// Merge this change into it; its content before is given, if there is one.
    Write {
        /// The record as the asker of the rule has it.
        before: Option<&'a Record>,
        /// The fields to be written.
        change: &'a Record,
    },
}

/// Why something is not allowed. The words for people are the interface's.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Refusal {
    /// The device belongs to nobody yet: join first. The edit can be offered again afterwards.
    NotJoined,
    /// The scope is not this person's to see.
    NotAMember,
    /// The person may read this but not write it.
    RoleDoesNotAllow,
    /// The change breaks a limit on size or count.
    TooLarge,
    /// The change contradicts itself, such as a programme in another programme's scope.
    Malformed,
}

/// Whether `actor` may do `action` with the record at `key`.
pub fn may(actor: &Actor, action: Action<'_>, key: &RecordKey) -> Result<(), Refusal> {
    match (key.scope, action) {
        (ScopeId::Programme(programme), Action::Read) => may_read_programme(actor, programme),
        (ScopeId::Programme(programme), Action::Write { before, .. }) => {
            may_write_in_programme(actor, programme, key, before)
        }
        (ScopeId::Group(group), Action::Read) => match actor.role_over_group(group) {
            _ if actor.groups.contains(&group) => Ok(()),
            Some(Role::Organiser | Role::Trainer) => Ok(()),
            _ => Err(Refusal::NotAMember),
        },
        (ScopeId::Group(group), Action::Write { .. }) => match actor.role_over_group(group) {
            _ if actor.groups.contains(&group) => Ok(()),
            Some(Role::Trainer) => Ok(()),
            Some(Role::Organiser) => Err(Refusal::RoleDoesNotAllow),
            _ => Err(Refusal::NotAMember),
        },
        (ScopeId::Person(owner), _) => match actor.person {
            Some(person) if person == owner => Ok(()),
            Some(_) => Err(Refusal::NotAMember),
            None => Err(Refusal::NotJoined),
        },
    }
}

/// Whether `actor` may make links by which anybody can read something of this programme.
pub fn may_share(actor: &Actor, programme: ProgrammeId) -> Result<(), Refusal> {
    if actor.person.is_none() {
        return Err(Refusal::NotJoined);
    }
    match actor.role_in(programme) {
        Some(Role::Organiser | Role::Trainer) => Ok(()),
        Some(Role::Participant) => Err(Refusal::RoleDoesNotAllow),
        None => Err(may_read_programme(actor, programme)
            .err()
            .unwrap_or(Refusal::RoleDoesNotAllow)),
    }
}

fn may_read_programme(actor: &Actor, programme: ProgrammeId) -> Result<(), Refusal> {
    let reads = actor.role_in(programme).is_some() || actor.public_programmes.contains(&programme);
    if reads {
        Ok(())
    } else {
        Err(Refusal::NotAMember)
    }
}

fn may_write_in_programme(
    actor: &Actor,
    programme: ProgrammeId,
    key: &RecordKey,
    before: Option<&Record>,
) -> Result<(), Refusal> {
    if key.collection == Collection::PROGRAMME && key.id.uuid() != programme.uuid() {
        return Err(Refusal::Malformed);
    }
    let Some(person) = actor.person else {
        return Err(Refusal::NotJoined);
    };
    let role = actor.role_in(programme).ok_or_else(|| {
        may_read_programme(actor, programme)
            .err()
            .unwrap_or(Refusal::RoleDoesNotAllow)
    })?;
    let own_card = key.collection == Collection::PERSON && key.id == RecordId::from(person);
    let allowed = match role {
        Role::Organiser => true,
        Role::Trainer => {
            own_card
                || key.collection == Collection::MATERIAL
                || key.collection == Collection::SESSION && leads(person, before)
        }
        Role::Participant => own_card,
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::RoleDoesNotAllow)
    }
}

/// A trainer leads a session of which they are a speaker already. Being made a speaker is an
/// organiser's gift: a change that names its own writer gives no right.
fn leads(trainer: PersonId, before: Option<&Record>) -> bool {
    let name = trainer.to_string();
    before.is_some_and(|session| {
        session
            .members(fields::SPEAKERS)
            .any(|speaker| speaker == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Edit;
    use crate::clock::{Clock, Hlc};
    use crate::id::DeviceId;
    use crate::record::Author;
    use crate::value::FieldKey;

    const RANDOM: [u8; 10] = [3; 10];

    fn programme() -> ProgrammeId {
        ProgrammeId::new(1, RANDOM)
    }

    fn person() -> PersonId {
        PersonId::new(2, RANDOM)
    }

    fn key(scope: ScopeId, collection: Collection) -> RecordKey {
        RecordKey {
            scope,
            collection,
            id: RecordId::new(3, RANDOM),
        }
    }

    fn session(speaker: Option<PersonId>) -> Record {
        let key = key(ScopeId::Programme(programme()), Collection::SESSION);
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
        let mut edit = Edit::new(key, None, stamp, Author::Machine);
        edit.set(FieldKey::register("start"), 5);
        if let Some(speaker) = speaker {
            edit.set(
                FieldKey::member(fields::SPEAKERS, &speaker.to_string()),
                true,
            );
        }
        edit.finish().expect("fields were set")
    }

    fn member(role: Role) -> Actor {
        Actor {
            person: Some(person()),
            roles: [(programme(), role)].into(),
            ..Actor::default()
        }
    }

    fn write<'a>(before: Option<&'a Record>, change: &'a Record) -> Action<'a> {
        Action::Write { before, change }
    }

    #[test]
    fn strangers_read_public_programmes_only_and_write_nothing() {
        let key = key(ScopeId::Programme(programme()), Collection::SESSION);
        let stranger = Actor::default();
        assert_eq!(may(&stranger, Action::Read, &key), Err(Refusal::NotAMember));
        let visitor = Actor {
            public_programmes: [programme()].into(),
            ..Actor::default()
        };
        assert_eq!(may(&visitor, Action::Read, &key), Ok(()));
        let change = session(None);
        assert_eq!(
            may(&visitor, write(None, &change), &key),
            Err(Refusal::NotJoined)
        );
        let joined_elsewhere = Actor {
            person: Some(person()),
            ..visitor
        };
        let refused = may(&joined_elsewhere, write(None, &change), &key);
        assert_eq!(refused, Err(Refusal::RoleDoesNotAllow));
    }

    #[test]
    fn trainers_write_the_sessions_they_lead() {
        let trainer = member(Role::Trainer);
        let own = session(Some(person()));
        let foreign = session(None);
        assert_eq!(may(&trainer, write(Some(&own), &foreign), &own.key), Ok(()));
        let refused = may(&trainer, write(Some(&foreign), &own), &foreign.key);
        assert_eq!(
            refused,
            Err(Refusal::RoleDoesNotAllow),
            "nobody makes themselves a speaker"
        );
        assert_eq!(
            may(&trainer, write(None, &own), &own.key),
            Err(Refusal::RoleDoesNotAllow)
        );
    }

    #[test]
    fn participants_write_their_own_card_only() {
        let participant = member(Role::Participant);
        let scope = ScopeId::Programme(programme());
        let card = RecordKey {
            scope,
            collection: Collection::PERSON,
            id: person().into(),
        };
        let change = Record::new(card);
        assert_eq!(may(&participant, write(None, &change), &card), Ok(()));
        let other = key(scope, Collection::PERSON);
        let refused = may(&participant, write(None, &Record::new(other)), &other);
        assert_eq!(refused, Err(Refusal::RoleDoesNotAllow));
    }

    #[test]
    fn notes_are_their_writers_alone_even_before_organisers() {
        let organiser = Actor {
            organises_everything: true,
            ..member(Role::Organiser)
        };
        let own = key(ScopeId::Person(person()), Collection::NOTE);
        let foreign = key(ScopeId::Person(PersonId::new(9, RANDOM)), Collection::NOTE);
        assert_eq!(may(&organiser, Action::Read, &own), Ok(()));
        assert_eq!(
            may(&organiser, Action::Read, &foreign),
            Err(Refusal::NotAMember)
        );
    }

    #[test]
    fn trainers_and_organisers_give_links_away() {
        for (role, allowed) in [
            (Role::Organiser, Ok(())),
            (Role::Trainer, Ok(())),
            (Role::Participant, Err(Refusal::RoleDoesNotAllow)),
        ] {
            assert_eq!(may_share(&member(role), programme()), allowed);
            let elsewhere = ProgrammeId::new(8, RANDOM);
            assert_eq!(
                may_share(&member(role), elsewhere),
                Err(Refusal::NotAMember)
            );
        }
        let operator = Actor {
            person: Some(person()),
            organises_everything: true,
            ..Actor::default()
        };
        assert_eq!(may_share(&operator, programme()), Ok(()));
        let visitor = Actor {
            public_programmes: [programme()].into(),
            ..Actor::default()
        };
        assert_eq!(may_share(&visitor, programme()), Err(Refusal::NotJoined));
    }

    #[test]
    fn a_programme_lives_in_its_own_scope() {
        let organiser = member(Role::Organiser);
        let stray = key(ScopeId::Programme(programme()), Collection::PROGRAMME);
        let refused = may(&organiser, write(None, &Record::new(stray)), &stray);
        assert_eq!(refused, Err(Refusal::Malformed));
    }

    #[test]
    fn trainers_write_with_every_group_of_their_programme_and_organisers_only_read() {
        let group = GroupId::new(5, RANDOM);
        let key = key(ScopeId::Group(group), Collection::NOTE);
        let change = Record::new(key);
        for (role, may_write) in [(Role::Trainer, true), (Role::Organiser, false)] {
            let actor = Actor {
                programme_of_group: [(group, programme())].into(),
                ..member(role)
            };
            assert_eq!(may(&actor, Action::Read, &key), Ok(()));
            assert_eq!(may(&actor, write(None, &change), &key).is_ok(), may_write);
        }
        let participant = member(Role::Participant);
        assert_eq!(
            may(&participant, Action::Read, &key),
            Err(Refusal::NotAMember)
        );
        let inside = Actor {
            groups: [group].into(),
            ..participant
        };
        assert_eq!(may(&inside, write(None, &change), &key), Ok(()));
    }
}
