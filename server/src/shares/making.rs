//! Making shares, listing them, taking them back. Each function works within one transaction and refuses
//! before it writes anything.

use keruen_domain::protocol::people::{Texts, limits::MAX_CHARACTERS};
use keruen_domain::protocol::shares::limits::{MAX_SHARES, MIN_PASSPHRASE_CHARACTERS};
use keruen_domain::protocol::shares::{NewShare, Share};
use keruen_domain::{Language, PersonId, Refusal, ShareId, Translated, may_share};

use super::passphrase;
use crate::exchange::Asker;
use crate::pages::Content;
use crate::people::{Denial, Failed};
use crate::secrets::SecretHash;
use crate::store::{KeptShare, ReadTransaction, StoreError, WriteTransaction};

/// For how long a share can be opened at most, if not until it is revoked: ten years.
const LONGEST_MS: u64 = 10 * 366 * 24 * 60 * 60 * 1_000;
/// The language of a text of which none is known (ISO 639-2).
const UNKNOWN_LANGUAGE: &str = "und";

/// Whether a question for a new share is one.
pub fn is_valid(new: &NewShare) -> bool {
    let passphrase = passphrase::typed(&new.passphrase).chars().count();
    new.note.chars().count() <= MAX_CHARACTERS
        && new.passphrase.chars().count() <= MAX_CHARACTERS
        && (passphrase == 0 || passphrase >= MIN_PASSPHRASE_CHARACTERS)
        && new
            .valid_ms
            .is_none_or(|valid_ms| (1..=LONGEST_MS).contains(&valid_ms))
}

/// What of a new share is made outside of the transaction.
pub struct Made {
    /// Its name.
    pub id: ShareId,
    /// Of its secret.
    pub hash: SecretHash,
    /// Of its passphrase.
    pub passphrase: Option<Vec<u8>>,
}

/// Makes a share.
pub fn make(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    new: NewShare,
    made: Made,
    now_ms: u64,
) -> Result<KeptShare, Failed> {
    let maker = may_make(transaction, asker, &new)?;
    let own = transaction.shares(maker)?;
    let open = own.iter().filter(|share| share.is_open(now_ms));
    if open.count() >= MAX_SHARES {
        return Err(Denial::TooManyShares.into());
    }
    let share = KeptShare {
        id: made.id,
        programme: new.programme,
        shared: new.shared,
        made_by: maker,
        made_ms: now_ms,
        expires_ms: new.valid_ms.map(|valid_ms| now_ms.saturating_add(valid_ms)),
        passphrase: made.passphrase,
        note: new.note,
        openings: 0,
        revoked_ms: None,
    };
    transaction.add_share(&made.hash, &share)?;
    Ok(share)
}

/// Who would make this share, if they may and there is what they want to share.
pub fn may_make(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    new: &NewShare,
) -> Result<PersonId, Failed> {
    let actor = asker.actor(transaction)?;
    may_share(&actor, new.programme).map_err(|refusal| match refusal {
        Refusal::NotJoined => Denial::NotAuthorised,
        Refusal::NotAMember => Denial::NotFound,
        Refusal::RoleDoesNotAllow | Refusal::TooLarge | Refusal::Malformed => Denial::NotAllowed,
    })?;
    let content = Content::read(transaction, new.programme, new.shared)?;
    content.ok_or(Denial::NotFound)?;
    asker.person.ok_or(Failed::Denied(Denial::NotAuthorised))
}

/// Whether the maker of this share may still give links away; nobody else can see it, so it ends with
/// that.
pub(super) fn is_backed(
    transaction: &dyn ReadTransaction,
    share: &KeptShare,
    operator: PersonId,
) -> Result<bool, StoreError> {
    let maker = Asker {
        person: Some(share.made_by),
        organises_everything: share.made_by == operator,
        ..Asker::visitor(keruen_domain::DeviceId(0))
    };
    Ok(may_share(&maker.member(transaction)?, share.programme).is_ok())
}

/// Somebody's shares, the newest first.
pub fn list(transaction: &dyn ReadTransaction, asker: &Asker) -> Result<Vec<Share>, Failed> {
    let maker = asker.person.ok_or(Denial::NotAuthorised)?;
    let mut shares = Vec::new();
    for kept in transaction.shares(maker)? {
        let content = Content::read(transaction, kept.programme, kept.shared)?;
        shares.push(Share {
            id: kept.id,
            programme: kept.programme,
            shared: kept.shared,
            title: content
                .map(|content| texts(&content.title()))
                .unwrap_or_default(),
            made_ms: kept.made_ms,
            expires_ms: kept.expires_ms,
            openings: kept.openings,
            has_passphrase: kept.passphrase.is_some(),
            note: kept.note,
            is_revoked: kept.revoked_ms.is_some(),
        });
    }
    Ok(shares)
}

/// Takes a share back; again, it stays so. For its maker and the programme's organisers.
pub fn revoke(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    id: ShareId,
    now_ms: u64,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let share = transaction.share_named(id)?.ok_or(Denial::NotFound)?;
    let role = asker.actor(transaction)?.role_in(share.programme);
    if share.made_by != person && role != Some(keruen_domain::Role::Organiser) {
        return Err(Denial::NotFound.into());
    }
    transaction.revoke_share(id, now_ms)?;
    Ok(())
}

fn texts(text: &Translated) -> Texts {
    let known = Language::ALL.iter().filter_map(|language| {
        let text = text.exactly(*language)?;
        Some((language.code().to_owned(), text.to_owned()))
    });
    let mut texts: Texts = known.collect();
    if let (true, Some((text, None))) = (texts.is_empty(), text.best(Language::Russian)) {
        texts.insert(UNKNOWN_LANGUAGE.to_owned(), text.to_owned());
    }
    texts
}
