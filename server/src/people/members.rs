//! Who is in a programme, and as what.

use keruen_domain::protocol::people::{ChangeRole, Member};
use keruen_domain::{PersonId, ProgrammeId, Role};

use super::{Denial, Failed, Writing, groups, programme_record, with_role};
use crate::exchange::Asker;
use crate::regions;
use crate::store::{Membership, ReadTransaction};

/// The members of a programme, for its organisers and trainers.
pub fn members(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
) -> Result<Vec<Member>, Failed> {
    with_role(transaction, asker, programme, Role::Trainer)?;
    let mut members = Vec::new();
    for member in transaction.members(programme)? {
        let Some(person) = transaction.person(member.person)? else {
            continue;
        };
        members.push(Member {
            person: member.person,
            name: person.card.name,
            organisation: person.card.organisation,
            region: regions::name_of(&person.card.region),
            role: member.role,
            joined_ms: member.joined_ms,
        });
    }
    Ok(members)
}

/// Gives a member another role, or takes them out; who is taken out by somebody else comes back only by an
/// invitation that is made afterwards. `has_operator` says whether somebody organises
/// everything by the operator's token.
///
/// The programme's own row gets another number, so that whoever listens asks, and hears of the role.
pub fn change_role(
    transaction: Writing<'_>,
    asker: &Asker,
    question: &ChangeRole,
    has_operator: bool,
    now_ms: u64,
) -> Result<(), Failed> {
    with_role(transaction, asker, question.programme, Role::Organiser)?;
    put_role(
        transaction,
        question.programme,
        question.person,
        question.role,
        has_operator,
    )?;
    if question.role.is_none() && asker.person != Some(question.person) {
        transaction.note_removal(question.person, question.programme, now_ms)?;
    }
    tell(transaction, question.programme, now_ms)
}

/// Takes the asker out of a programme. Their other devices hear of it as of any role.
pub fn leave(
    transaction: Writing<'_>,
    asker: &Asker,
    programme: ProgrammeId,
    has_operator: bool,
    now_ms: u64,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    put_role(transaction, programme, person, None, has_operator)?;
    tell(transaction, programme, now_ms)
}

/// Gives the programme's own row another number, so that whoever listens asks.
fn tell(transaction: Writing<'_>, programme: ProgrammeId, now_ms: u64) -> Result<(), Failed> {
    if let Some(record) = programme_record(transaction, programme)? {
        transaction.put(&record, now_ms)?;
    }
    Ok(())
}

fn put_role(
    transaction: Writing<'_>,
    programme: ProgrammeId,
    person: PersonId,
    role: Option<Role>,
    has_operator: bool,
) -> Result<(), Failed> {
    let members = transaction.members(programme)?;
    let before = members.iter().find(|member| member.person == person);
    let before = before.ok_or(Denial::NotFound)?;
    if role == Some(before.role) {
        return Ok(());
    }
    let is_last = before.role == Role::Organiser
        && !members
            .iter()
            .any(|other| other.role == Role::Organiser && other.person != person);
    if is_last && !has_operator && !somebody_organises_everything(transaction)? {
        return Err(Denial::LastOrganiser.into());
    }
    match role {
        Some(role) => transaction.put_membership(&Membership { role, ..*before })?,
        None => {
            transaction.remove_membership(person, programme)?;
            groups::leave_groups(transaction, person, programme)?;
        }
    }
    tracing::info!(%programme, %person, ?role, "a role changed");
    Ok(())
}

fn somebody_organises_everything(transaction: Writing<'_>) -> Result<bool, Failed> {
    let persons = transaction.persons()?;
    Ok(persons.iter().any(|person| person.organises_everything))
}
