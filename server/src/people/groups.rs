//! Groups: some people of a programme who write together.

use std::collections::BTreeSet;

use keruen_domain::protocol::people::{
    AddToGroup, Group, GroupPerson, NewGroup, Writer, WritersOf, limits,
};
use keruen_domain::{
    Action, Collection, GroupId, PersonId, ProgrammeId, RecordId, RecordKey, Role, ScopeId, may,
};

use super::{Denial, Failed, Writing, cards, includes, with_role};
use crate::exchange::Asker;
use crate::store::{KeptGroup, ReadTransaction, StoreError};

/// The groups of a programme: for its organisers and trainers all, for others theirs.
pub fn groups(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
) -> Result<Vec<Group>, Failed> {
    let person = with_role(transaction, asker, programme, Role::Participant)?;
    let role = asker.actor(transaction)?.role_in(programme);
    let sees_all = role.is_some_and(|role| includes(role, Role::Trainer));
    let mut told = Vec::new();
    for group in transaction.groups(programme)? {
        let people = transaction.group_people(group.id)?;
        if !sees_all && !people.contains(&person) {
            continue;
        }
        let mut shown = Vec::new();
        for member in people {
            let card = transaction.person(member)?.map(|kept| kept.card);
            let name = card.filter(|card| sees_all || card.is_listed || member == person);
            shown.push(GroupPerson {
                person: member,
                name: name.map(|card| card.name).unwrap_or_default(),
            });
        }
        told.push(Group {
            group: group.id,
            name: group.name,
            people: shown,
        });
    }
    Ok(told)
}

/// Who writes with these devices, as far as they are members of the group's programme. For whoever reads what the group
/// writes; to others it is not there.
pub fn writers(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    question: &WritersOf,
) -> Result<Vec<Writer>, Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    if question.devices.len() > limits::MAX_WRITERS {
        return Err(Denial::Malformed.into());
    }
    let group = transaction.group(question.group)?.ok_or(Denial::NotFound)?;
    let actor = asker.actor(transaction)?;
    let note = RecordKey {
        scope: ScopeId::Group(group.id),
        collection: Collection::NOTE,
        id: RecordId::from_uuid(group.id.uuid()),
    };
    if may(&actor, Action::Read, &note).is_err() {
        return Err(Denial::NotFound.into());
    }
    let role = actor.role_in(group.programme);
    let sees_all = role.is_some_and(|role| includes(role, Role::Trainer));
    let members = transaction.members(group.programme)?;
    let is_member = |writer| members.iter().any(|member| member.person == writer);
    let mut told = Vec::new();
    for device in &question.devices {
        // A name that two gave tells nothing: anybody can give another's.
        let [writer] = transaction.people_of_device(*device)?[..] else {
            continue;
        };
        let Some(kept) = transaction.person(writer)? else {
            continue;
        };
        if !is_member(writer) && !kept.organises_everything {
            continue;
        }
        let is_named = sees_all || kept.card.is_listed || writer == person;
        told.push(Writer {
            device: *device,
            person: writer,
            name: if is_named {
                kept.card.name
            } else {
                String::new()
            },
        });
    }
    Ok(told)
}

/// Makes a group under this identifier.
pub fn new_group(
    transaction: Writing<'_>,
    asker: &Asker,
    question: &NewGroup,
    id: GroupId,
    now_ms: u64,
) -> Result<GroupId, Failed> {
    let programme = question.programme;
    let person = with_role(transaction, asker, programme, Role::Participant)?;
    let name = cards::valid_text(&question.name).filter(|name| !name.is_empty());
    let name = name.ok_or(Denial::Malformed)?;
    if transaction.groups(programme)?.len() >= limits::MAX_GROUPS {
        return Err(Denial::TooManyGroups.into());
    }
    let members = members_of(transaction, programme)?;
    let mut people: BTreeSet<PersonId> = question.people.iter().copied().collect();
    if members.contains(&person) {
        people.insert(person);
    }
    check_people(&people, &members)?;
    transaction.add_group(&KeptGroup {
        id,
        programme,
        name,
        made_ms: now_ms,
    })?;
    for person in people {
        transaction.put_into_group(id, person)?;
    }
    Ok(id)
}

/// Lets more people belong to a group.
pub fn add_to_group(
    transaction: Writing<'_>,
    asker: &Asker,
    question: &AddToGroup,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let group = transaction.group(question.group)?.ok_or(Denial::NotFound)?;
    let mut people: BTreeSet<PersonId> = transaction.group_people(group.id)?.into_iter().collect();
    if !people.contains(&person) {
        match with_role(transaction, asker, group.programme, Role::Trainer) {
            // They hear what they hear of one that is not there.
            Err(Failed::Denied(Denial::NotAllowed)) => return Err(Denial::NotFound.into()),
            allowed => allowed?,
        };
    }
    let members = members_of(transaction, group.programme)?;
    let added: BTreeSet<PersonId> = question.people.iter().copied().collect();
    people.extend(&added);
    check_people(&added, &members)?;
    if people.len() > limits::MAX_GROUP_PEOPLE {
        return Err(Denial::Malformed.into());
    }
    for person in added {
        transaction.put_into_group(group.id, person)?;
    }
    Ok(())
}

/// Takes the asker out of a group.
pub fn leave_group(transaction: Writing<'_>, asker: &Asker, group: GroupId) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    if !transaction.groups_with(person)?.contains(&group) {
        return Err(Denial::NotFound.into());
    }
    Ok(transaction.take_out_of_group(group, person)?)
}

/// Takes somebody who leaves a programme out of its groups.
pub(super) fn leave_groups(
    transaction: Writing<'_>,
    person: PersonId,
    programme: ProgrammeId,
) -> Result<(), StoreError> {
    for group in transaction.groups_with(person)? {
        let kept = transaction.group(group)?;
        if kept.is_some_and(|kept| kept.programme == programme) {
            transaction.take_out_of_group(group, person)?;
        }
    }
    Ok(())
}

fn members_of(
    transaction: Writing<'_>,
    programme: ProgrammeId,
) -> Result<BTreeSet<PersonId>, StoreError> {
    let members = transaction.members(programme)?;
    Ok(members.iter().map(|member| member.person).collect())
}

/// Whether these people may be in one group: some, not too many, all of the programme.
fn check_people(people: &BTreeSet<PersonId>, members: &BTreeSet<PersonId>) -> Result<(), Denial> {
    let is_right =
        !people.is_empty() && people.len() <= limits::MAX_GROUP_PEOPLE && people.is_subset(members);
    if is_right {
        Ok(())
    } else {
        Err(Denial::Malformed)
    }
}
