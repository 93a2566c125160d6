//! Somebody's devices: adding one, naming them, taking one back.

use keruen_domain::protocol::people::{
    AddDevice, Joined, KnownDevice, Me, NewSecret, TokenId, limits,
};
use keruen_domain::protocol::v1::ProgrammeRole;
use keruen_domain::{DeviceId, PersonId};

use super::{Denial, Failed, Writing};
use crate::exchange::Asker;
use crate::secrets::SecretHash;
use crate::store::{DeviceKey, DeviceKeyKind, DeviceToken, Person, ReadTransaction, StoreError};

/// How a device's last visits are told: what is not in the store yet.
pub type Devices<'a> = &'a dyn Fn(TokenId) -> Option<(DeviceId, u64)>;

const MINUTE_MS: u64 = 60_000;

/// Makes a device somebody's, by a link or by a recovery code. Repeated with the same token, it changes
/// nothing and gives the same answer.
pub fn add_device(
    transaction: Writing<'_>,
    question: &AddDevice,
    device: DeviceId,
    now_ms: u64,
) -> Result<Joined, Failed> {
    let (hash, key) = find_key(transaction, &question.secret)?.ok_or(Denial::NotFound)?;
    let joined = Joined {
        person: key.person,
        programme: None,
    };
    let token_hash = SecretHash::of(&question.token);
    if let Some(token) = transaction.token(&token_hash)? {
        if token.is_revoked {
            return Err(Denial::NotAuthorised.into());
        }
        return if token.person == key.person
            && (key.used_by == Some(token.id) || key.is_open(now_ms))
        {
            Ok(joined)
        } else {
            Err(Denial::NotFound.into())
        };
    }
    if !key.is_open(now_ms) {
        return Err(Denial::NotFound.into());
    }
    check_room(transaction, key.person)?;
    let token = DeviceToken {
        id: TokenId(0),
        person: key.person,
        device,
        label: question.label.clone(),
        added_ms: now_ms,
        seen_ms: now_ms,
        is_revoked: false,
    };
    let id = transaction.add_token(&token_hash, &token)?;
    transaction.use_device_key(&hash, id)?;
    tracing::info!(person = %key.person, %device, kind = ?key.kind, "a device was added");
    Ok(joined)
}

/// What is opened by this secret of a link, or by this code as it was typed.
fn find_key(
    transaction: Writing<'_>,
    secret: &str,
) -> Result<Option<(SecretHash, DeviceKey)>, StoreError> {
    let hashes = [
        (Some(SecretHash::of(secret)), DeviceKeyKind::Link),
        (SecretHash::of_typed_code(secret), DeviceKeyKind::Recovery),
    ];
    for (hash, kind) in hashes {
        let Some(hash) = hash else { continue };
        let key = transaction.device_key(&hash)?;
        if let Some(key) = key.filter(|key| key.kind == kind) {
            return Ok(Some((hash, key)));
        }
    }
    Ok(None)
}

fn check_room(transaction: Writing<'_>, person: PersonId) -> Result<(), Failed> {
    if transaction.tokens(person)?.len() >= limits::MAX_DEVICES {
        return Err(Denial::TooManyDevices.into());
    }
    Ok(())
}

/// Makes the secret of a link by which another device becomes the asker's. The one before is void.
pub fn make_link(
    transaction: Writing<'_>,
    asker: &Asker,
    secret: String,
    now_ms: u64,
) -> Result<NewSecret, Failed> {
    let end_ms = now_ms.saturating_add(limits::DEVICE_LINK_MS);
    let hash = SecretHash::of(&secret);
    make_key(
        transaction,
        asker,
        DeviceKeyKind::Link,
        &hash,
        Some(end_ms),
        now_ms,
    )?;
    Ok(NewSecret {
        secret,
        expires_ms: Some(end_ms),
    })
}

/// Makes the code on paper by which a device becomes the asker's. The one before is void.
pub fn make_recovery_code(
    transaction: Writing<'_>,
    asker: &Asker,
    (code, hash): (String, SecretHash),
    now_ms: u64,
) -> Result<NewSecret, Failed> {
    make_key(
        transaction,
        asker,
        DeviceKeyKind::Recovery,
        &hash,
        None,
        now_ms,
    )?;
    Ok(NewSecret {
        secret: code,
        expires_ms: None,
    })
}

fn make_key(
    transaction: Writing<'_>,
    asker: &Asker,
    kind: DeviceKeyKind,
    hash: &SecretHash,
    expires_ms: Option<u64>,
    now_ms: u64,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    if kind == DeviceKeyKind::Link {
        check_room(transaction, person)?;
    }
    if transaction.person(person)?.is_none() {
        // Only the holder of the operator's token is not there yet.
        transaction.put_person(&Person {
            id: person,
            card: Default::default(),
            organises_everything: asker.organises_everything,
            joined_ms: now_ms,
        })?;
    }
    transaction.forget_device_keys(person, kind)?;
    let key = DeviceKey {
        person,
        kind,
        expires_ms,
        used_by: None,
    };
    Ok(transaction.add_device_key(hash, &key)?)
}

/// Tells somebody who they are, asking with this token.
pub fn me(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    token: Option<TokenId>,
    seen: Devices<'_>,
    now_ms: u64,
) -> Result<Me, Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let kept = transaction.person(person)?;
    let actor = asker.actor(transaction)?;
    let roles = actor.roles.iter();
    let keys = transaction.device_keys(person)?;
    let tokens = transaction.tokens(person)?.into_iter();
    let mut devices: Vec<KnownDevice> = tokens
        .map(|held| {
            let (device, seen_ms) = seen(held.id).unwrap_or((held.device, held.seen_ms));
            KnownDevice {
                token: held.id,
                device,
                label: held.label,
                is_this: token == Some(held.id),
                added_ms: held.added_ms,
                seen_ms: seen_ms - seen_ms % MINUTE_MS,
            }
        })
        .collect();
    devices.sort_by_key(|device| std::cmp::Reverse(device.seen_ms));
    Ok(Me {
        person,
        name: kept.map(|kept| kept.card.name).unwrap_or_default(),
        organises_everything: actor.organises_everything,
        roles: roles
            .map(|(programme, role)| ProgrammeRole {
                programme: *programme,
                role: *role,
            })
            .collect(),
        devices,
        has_recovery_code: keys
            .iter()
            .any(|key| key.kind == DeviceKeyKind::Recovery && key.is_open(now_ms)),
    })
}

/// Takes back a token of somebody's. With their last one ends the address of their calendar: nobody is left
/// who could see that there is one.
pub fn take_back(
    transaction: Writing<'_>,
    person: PersonId,
    token: TokenId,
) -> Result<(), StoreError> {
    transaction.revoke_token(token)?;
    if transaction.tokens(person)?.is_empty() {
        transaction.remove_calendar(person)?;
    }
    Ok(())
}

/// Takes back a token of the asker's.
pub fn revoke_device(
    transaction: Writing<'_>,
    asker: &Asker,
    token: TokenId,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let tokens = transaction.tokens(person)?;
    if tokens.iter().all(|held| held.id != token) {
        return Err(Denial::NotFound.into());
    }
    take_back(transaction, person, token)?;
    tracing::info!(%person, token = token.0, "a device was taken back");
    Ok(())
}
