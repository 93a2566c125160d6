//! Invitations: making, listing, showing, taking back.

use keruen_domain::model::fields;
use keruen_domain::protocol::people::{
    Invitation, InvitationFace, Invite, NewSecret, Texts, limits,
};
use keruen_domain::{InvitationId, Language, ProgrammeId, Record, Role, Translated};

use super::{Denial, Failed, Writing, cards, programme_record, with_role};
use crate::exchange::Asker;
use crate::regions;
use crate::secrets::SecretHash;
use crate::store::{KeptInvitation, ReadTransaction};

/// For how long an invitation can be used at most: a programme of a year, with some days to spare.
const LONGEST_MS: u64 = 400 * 24 * 60 * 60 * 1_000;
/// The code of texts whose language is not known (BCP 47).
const UNKNOWN_LANGUAGE: &str = "und";

/// What an invitation is to.
pub fn face(
    transaction: &dyn ReadTransaction,
    secret: &str,
    now_ms: u64,
) -> Result<InvitationFace, Failed> {
    let found = transaction.invitation(&SecretHash::of(secret))?;
    let invitation = found
        .filter(|invitation| invitation.is_open(now_ms))
        .ok_or(Denial::NotFound)?;
    let record = match invitation.programme {
        Some(id) => Some(programme_record(transaction, id)?.ok_or(Denial::NotFound)?),
        None => None,
    };
    Ok(InvitationFace {
        programme: invitation.programme,
        title: record
            .as_ref()
            .map(|record| shown(record, fields::TITLE))
            .unwrap_or_default(),
        role: invitation.role,
        regions: record
            .as_ref()
            .map(|record| regions::of_countries(record.members(fields::REGIONS)))
            .unwrap_or_default(),
    })
}

/// A translated text of a record in all languages that it is in.
pub fn shown(record: &Record, field: &str) -> Texts {
    let translated = Translated::read(record, field);
    let languages = [Language::Kazakh, Language::Russian, Language::English];
    let mut texts: Texts = languages
        .into_iter()
        .filter_map(|language| {
            let text = translated.exactly(language)?;
            Some((language.code().to_owned(), text.to_owned()))
        })
        .collect();
    if let Some(text) = record
        .value(field)
        .as_text()
        .filter(|text| !text.is_empty())
    {
        texts.insert(UNKNOWN_LANGUAGE.to_owned(), text.to_owned());
    }
    texts
}

/// Makes an invitation with this secret.
pub fn invite(
    transaction: Writing<'_>,
    asker: &Asker,
    question: &Invite,
    id: InvitationId,
    secret: String,
    now_ms: u64,
) -> Result<NewSecret, Failed> {
    let person = with_role(transaction, asker, question.programme, Role::Organiser)?;
    let note = cards::valid_text(&question.note).ok_or(Denial::Malformed)?;
    if programme_record(transaction, question.programme)?.is_none() {
        return Err(Denial::NotFound.into());
    }
    let open = transaction.invitations(Some(question.programme))?;
    let open = open.iter().filter(|made| made.is_open(now_ms)).count();
    if open >= limits::MAX_INVITATIONS {
        return Err(Denial::TooManyInvitations.into());
    }
    let invitation = KeptInvitation {
        id,
        programme: Some(question.programme),
        role: question.role,
        made_by: person,
        made_ms: now_ms,
        expires_ms: now_ms.saturating_add(question.valid_ms),
        max_uses: question.max_uses,
        uses: 0,
        note,
        is_revoked: false,
    };
    invite_to(transaction, invitation, secret)
}

/// Makes this invitation, whoever asks for it.
pub fn invite_to(
    transaction: Writing<'_>,
    invitation: KeptInvitation,
    secret: String,
) -> Result<NewSecret, Failed> {
    let valid_ms = invitation.expires_ms.saturating_sub(invitation.made_ms);
    let is_valid = (1..=LONGEST_MS).contains(&valid_ms)
        && (1..=limits::MAX_USES).contains(&invitation.max_uses);
    if !is_valid {
        return Err(Denial::Malformed.into());
    }
    transaction.add_invitation(&SecretHash::of(&secret), &invitation)?;
    let (id, by) = (invitation.id, invitation.made_by);
    tracing::info!(invitation = %id, %by, role = ?invitation.role, "an invitation was made");
    Ok(NewSecret {
        secret,
        expires_ms: Some(invitation.expires_ms),
    })
}

/// The invitations to a programme, the newest first, for its organisers.
pub fn invitations(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
) -> Result<Vec<Invitation>, Failed> {
    with_role(transaction, asker, programme, Role::Organiser)?;
    let kept = transaction.invitations(Some(programme))?.into_iter();
    let told = kept.map(|kept| Invitation {
        id: kept.id,
        role: kept.role,
        made_ms: kept.made_ms,
        expires_ms: kept.expires_ms,
        max_uses: kept.max_uses,
        uses: kept.uses,
        note: kept.note,
        is_revoked: kept.is_revoked,
    });
    Ok(told.collect())
}

/// Takes an invitation back. Those who came in by it stay.
pub fn revoke_invitation(
    transaction: Writing<'_>,
    asker: &Asker,
    id: InvitationId,
) -> Result<(), Failed> {
    asker.person.ok_or(Denial::NotAuthorised)?;
    let found = transaction.invitation_named(id)?;
    let programme = found.and_then(|found| found.programme);
    let programme = programme.ok_or(Denial::NotFound)?;
    match with_role(transaction, asker, programme, Role::Organiser) {
        // They hear what they hear of one that is not there.
        Err(Failed::Denied(Denial::NotAllowed)) => return Err(Denial::NotFound.into()),
        allowed => allowed?,
    };
    transaction.revoke_invitation(id)?;
    tracing::info!(invitation = %id, "an invitation was taken back");
    Ok(())
}
