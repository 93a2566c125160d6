//! Taking up an invitation.

use keruen_domain::protocol::people::{Join, Joined, TokenId, limits};
use keruen_domain::{DeviceId, PersonId, ProgrammeId, Role};

use super::{Denial, Failed, Writing, cards, includes, programme_record};
use crate::exchange::Asker;
use crate::secrets::SecretHash;
use crate::store::{DeviceToken, KeptInvitation, Membership, Person, StoreError};

/// Who takes up an invitation.
pub struct Newcomer<'a> {
    /// What they say, with a label that was found valid; of who is new, a card too.
    pub join: &'a Join,
    /// Who they are, if the request has a bearer token.
    pub asker: Option<Asker>,
    /// The device that asks.
    pub device: DeviceId,
    /// The identifier for somebody who is new.
    pub fresh: PersonId,
    /// By which the card is stamped: 64 random bits.
    pub stamping: DeviceId,
}

/// Whether a text has the form of a device's token: 32 bytes in base64url.
pub fn is_token(text: &str) -> bool {
    let is_symbol = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == limits::TOKEN_CHARACTERS && text.bytes().all(is_symbol)
}

/// Lets somebody in. Repeated by the same person, it changes nothing and gives the same answer.
pub fn join(
    transaction: Writing<'_>,
    newcomer: &Newcomer<'_>,
    now_ms: u64,
) -> Result<Joined, Failed> {
    let join = newcomer.join;
    let known = known_person(transaction, newcomer)?;
    let invitation = transaction
        .invitation(&SecretHash::of(&join.secret))?
        .ok_or(Denial::NotFound)?;
    let joined = |person| Joined {
        person,
        programme: invitation.programme,
    };
    if let Some(person) = known
        && transaction.has_used(invitation.id, person)?
        && is_in(transaction, person, &invitation)?
    {
        return Ok(joined(person));
    }
    let is_there = match invitation.programme {
        Some(id) => programme_record(transaction, id)?.is_some(),
        None => true,
    };
    if !invitation.is_open(now_ms) || !is_there {
        return Err(Denial::NotFound.into());
    }
    if let (Some(person), Some(programme)) = (known, invitation.programme)
        && let Some(removed_ms) = transaction.removed_ms(person, programme)?
        && invitation.made_ms <= removed_ms
    {
        return Err(Denial::TakenOut.into());
    }
    // The holder of the operator's token organises this programme already, and is nobody else.
    let is_operator = newcomer
        .asker
        .is_some_and(|asker| asker.organises_everything);
    if let Some(person) = known.filter(|_| is_operator) {
        return Ok(joined(person));
    }

    let person = known.unwrap_or(newcomer.fresh);
    let before = transaction.person(person)?;
    // Who is known has said who they are, and is not asked again.
    let card = match &before {
        Some(before) if newcomer.asker.is_some() => before.card.clone(),
        None if newcomer.asker.is_some() => return Err(Denial::Malformed.into()),
        _ => join.card.clone(),
    };
    transaction.put_person(&Person {
        id: person,
        card: card.clone(),
        organises_everything: invitation.programme.is_none()
            || before
                .as_ref()
                .is_some_and(|before| before.organises_everything),
        joined_ms: before.map_or(now_ms, |before| before.joined_ms),
    })?;
    if let Some(programme) = invitation.programme {
        become_member(transaction, person, programme, invitation.role, now_ms)?;
        if card.is_listed {
            let stamping = newcomer.stamping;
            cards::write_card(transaction, programme, person, &card, stamping, now_ms)?;
        }
    }
    if known.is_none() {
        let token = DeviceToken {
            id: TokenId(0),
            person,
            device: newcomer.device,
            label: join.label.clone(),
            added_ms: now_ms,
            seen_ms: now_ms,
            is_revoked: false,
        };
        transaction.add_token(&SecretHash::of(&join.token), &token)?;
    }
    transaction.note_use(invitation.id, person)?;
    tracing::info!(%person, invitation = %invitation.id, device = %newcomer.device, "joined");
    Ok(joined(person))
}

/// Who asks: known by the bearer token, or by the token that an earlier attempt has made known.
fn known_person(
    transaction: Writing<'_>,
    newcomer: &Newcomer<'_>,
) -> Result<Option<PersonId>, Failed> {
    if let Some(asker) = newcomer.asker {
        return Ok(asker.person);
    }
    match transaction.token(&SecretHash::of(&newcomer.join.token))? {
        None => Ok(None),
        Some(token) if token.is_revoked => Err(Denial::NotAuthorised.into()),
        Some(token) => Ok(Some(token.person)),
    }
}

/// Whether somebody is where the invitation leads, as that or more.
fn is_in(
    transaction: Writing<'_>,
    person: PersonId,
    invitation: &KeptInvitation,
) -> Result<bool, StoreError> {
    let Some(programme) = invitation.programme else {
        let person = transaction.person(person)?;
        return Ok(person.is_some_and(|person| person.organises_everything));
    };
    let memberships = transaction.memberships(person)?;
    Ok(memberships
        .iter()
        .any(|member| member.programme == programme))
}

/// Makes somebody a member; who is one already keeps the higher role.
fn become_member(
    transaction: Writing<'_>,
    person: PersonId,
    programme: ProgrammeId,
    role: Role,
    now_ms: u64,
) -> Result<(), StoreError> {
    let memberships = transaction.memberships(person)?;
    let before = memberships
        .iter()
        .find(|member| member.programme == programme);
    if before.is_some_and(|before| includes(before.role, role)) {
        return Ok(());
    }
    transaction.put_membership(&Membership {
        person,
        programme,
        role,
        joined_ms: before.map_or(now_ms, |before| before.joined_ms),
    })
}
