//! What is kept of people.

use keruen_domain::protocol::people::{Card, TokenId};
use keruen_domain::{GroupId, InvitationId, Role};

use super::*;
use crate::secrets::SecretHash;
use crate::store::{
    DeviceKey, DeviceKeyKind, DeviceToken, KeptGroup, KeptInvitation, Membership, Person,
    ReadTransaction,
};

fn person_id(number: u64) -> PersonId {
    PersonId::new(number, RANDOM)
}

fn programme_id(number: u64) -> ProgrammeId {
    ProgrammeId::new(number, RANDOM)
}

fn person(number: u64) -> Person {
    Person {
        id: person_id(number),
        card: Card {
            name: format!("Айгерім <{number}>"),
            organisation: "Акимат".to_owned(),
            region: "KZ-47".to_owned(),
            language: "kk".to_owned(),
            is_listed: number % 2 == 1,
        },
        organises_everything: number == 3,
        joined_ms: number,
    }
}

const fn membership(person: PersonId, programme: ProgrammeId, role: Role) -> Membership {
    Membership {
        person,
        programme,
        role,
        joined_ms: NOW_MS,
    }
}

fn token(person: PersonId, seen_ms: u64) -> DeviceToken {
    DeviceToken {
        id: TokenId(0),
        person,
        device: DeviceId(seen_ms),
        label: "Chrome".to_owned(),
        added_ms: 1,
        seen_ms,
        is_revoked: false,
    }
}

fn invitation(number: u64, programme: Option<ProgrammeId>) -> KeptInvitation {
    KeptInvitation {
        id: InvitationId::new(number, RANDOM),
        programme,
        role: Role::Trainer,
        made_by: person_id(1),
        made_ms: number,
        expires_ms: 100 * number,
        max_uses: 2,
        uses: 0,
        note: "the wall".to_owned(),
        is_revoked: false,
    }
}

fn secret(number: u64) -> SecretHash {
    SecretHash::of(&number.to_string())
}

/// Runs work that changes the store, which works.
async fn change<T: Send + 'static>(
    store: &Arc<dyn Store>,
    work: impl FnOnce(&mut dyn WriteTransaction) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(work).await.expect("the store works")
}

async fn look<T: Send + 'static>(
    store: &Arc<dyn Store>,
    work: impl FnOnce(&dyn ReadTransaction) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.read(work).await.expect("the store works")
}

/// Persons, memberships and tokens are found as they were put last; tokens by their secret's hash.
pub(in crate::store) async fn people_are_what_was_put(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let (first, second) = (person_id(1), person_id(2));
    let ids = change(&store, move |write| {
        for number in [2, 1, 3] {
            write.put_person(&person(number))?;
        }
        for (person, programme, role) in [
            (first, 1, Role::Participant),
            (first, 2, Role::Trainer),
            (second, 1, Role::Organiser),
            (first, 1, Role::Organiser),
        ] {
            write.put_membership(&membership(person, programme_id(programme), role))?;
        }
        let ids = [
            write.add_token(&secret(1), &token(first, 5))?,
            write.add_token(&secret(2), &token(first, 9))?,
            write.add_token(&secret(3), &token(second, 7))?,
        ];
        write.note_seen(ids[0], DeviceId(77), 11)?;
        write.revoke_token(ids[1])?;
        write.remove_membership(second, programme_id(1))?;
        for removed_ms in [5, 6] {
            write.note_removal(second, programme_id(1), removed_ms)?;
        }
        write.note_removal(person_id(3), programme_id(1), 7)?;
        write.erase_person(person_id(3))?;
        write.put_person(&person(3))?;
        Ok(ids)
    })
    .await;
    look(&store, move |read| {
        assert_eq!(read.person(first)?, Some(person(1)));
        assert_eq!(read.person(person_id(9))?, None);
        assert_eq!(read.persons()?, [person(1), person(2), person(3)]);
        let organiser = membership(first, programme_id(1), Role::Organiser);
        let trainer = membership(first, programme_id(2), Role::Trainer);
        assert_eq!(read.memberships(first)?, [organiser, trainer]);
        assert_eq!(read.members(programme_id(1))?, [organiser]);
        assert!(read.memberships(second)?.is_empty());
        assert_eq!(read.removed_ms(second, programme_id(1))?, Some(6));
        assert_eq!(read.removed_ms(second, programme_id(2))?, None);
        assert_eq!(read.removed_ms(first, programme_id(1))?, None);
        assert_eq!(read.removed_ms(person_id(3), programme_id(1))?, None);
        let held = DeviceToken {
            id: ids[0],
            device: DeviceId(77),
            seen_ms: 11,
            ..token(first, 5)
        };
        assert_eq!(read.token(&secret(1))?, Some(held.clone()));
        assert_eq!(read.tokens(first)?, [held]);
        assert!(
            read.token(&secret(2))?
                .is_some_and(|token| token.is_revoked)
        );
        assert_eq!(read.token(&secret(4))?, None);
        assert_eq!(read.tokens(second)?.len(), 1);
        Ok(())
    })
    .await;
}

/// The version is another one after each change of who may do what, and the same after all else.
pub(in crate::store) async fn each_change_of_who_may_do_what_moves_the_version(
    backend: &impl Backend,
) {
    type Work = fn(&mut dyn WriteTransaction) -> Result<(), StoreError>;
    let store = backend.open(identity(1));
    let steps: [(bool, Work); 10] = [
        (true, |write| write.put_person(&person(1))),
        (true, |write| {
            let member = membership(person_id(1), programme_id(1), Role::Trainer);
            write.put_membership(&member)
        }),
        (true, |write| {
            write
                .add_token(&secret(1), &token(person_id(1), 5))
                .map(drop)
        }),
        (false, |write| write.note_seen(TokenId(1), DeviceId(1), 9)),
        (true, |write| write.revoke_token(TokenId(1))),
        (false, |write| {
            write.add_invitation(&secret(1), &invitation(1, None))
        }),
        (false, |write| {
            write.note_use(InvitationId::new(1, RANDOM), person_id(1))
        }),
        (true, |write| {
            write.remove_membership(person_id(1), programme_id(1))
        }),
        (false, |write| {
            write.note_removal(person_id(1), programme_id(1), 9)
        }),
        (true, |write| write.erase_person(person_id(1))),
    ];
    let version = async || look(&store, |read| read.people_version()).await;
    for (step, (moves, work)) in steps.into_iter().enumerate() {
        let before = version().await;
        change(&store, work).await;
        assert_eq!(version().await != before, moves, "step {step}");
    }
}

/// Of who is erased there is nothing: no place, no token, no notes. Others stay as they are.
pub(in crate::store) async fn who_is_erased_leaves_nothing_of_their_own(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let (first, second) = (person_id(1), person_id(2));
    for owner in [first, second] {
        write(
            &store,
            delta(key(ScopeId::Person(owner), 1), 1, "body", "a"),
        )
        .await;
    }
    write(&store, delta(key(programme(1), 1), 1, "title", "shared")).await;
    change(&store, move |write| {
        for (number, owner) in [(1, first), (2, second)] {
            write.put_person(&person(number))?;
            write.put_membership(&membership(owner, programme_id(1), Role::Trainer))?;
            write.add_token(&secret(number), &token(owner, 5))?;
            write.note_device(DeviceId(number), owner, NOW_MS)?;
        }
        write.erase_person(first)
    })
    .await;
    assert!(
        rows_after(&store, ScopeId::Person(first), 0)
            .await
            .is_empty()
    );
    assert_eq!(
        rows_after(&store, ScopeId::Person(second), 0).await.len(),
        1
    );
    assert_eq!(rows_after(&store, programme(1), 0).await.len(), 1);
    look(&store, move |read| {
        assert_eq!(read.person(first)?, None);
        assert_eq!(read.token(&secret(1))?, None);
        assert_eq!(read.device_seen_ms(DeviceId(1), first)?, None);
        assert_eq!(read.people_of_device(DeviceId(1))?, []);
        assert_eq!(read.people_of_device(DeviceId(2))?, [second]);
        assert_eq!(read.members(programme_id(1))?.len(), 1);
        assert!(read.token(&secret(2))?.is_some());
        let scopes = read.scopes()?;
        assert!(
            scopes
                .iter()
                .all(|(scope, _)| *scope != ScopeId::Person(first))
        );
        Ok(())
    })
    .await;
}

/// Invitations and keys are found by their secrets, count who came, and go when they ended long ago.
pub(in crate::store) async fn what_opens_is_counted_and_forgotten(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let first = person_id(1);
    let everything = invitation(2, None);
    let key = move |kind, expires_ms| DeviceKey {
        person: first,
        kind,
        expires_ms,
        used_by: None,
    };
    change(&store, move |write| {
        write.put_person(&person(1))?;
        write.add_invitation(&secret(1), &invitation(1, Some(programme_id(1))))?;
        write.add_invitation(&secret(2), &everything)?;
        write.note_use(invitation(1, None).id, first)?;
        write.revoke_invitation(everything.id)?;
        write.add_device_key(&secret(3), &key(DeviceKeyKind::Link, Some(150)))?;
        write.add_device_key(&secret(4), &key(DeviceKeyKind::Recovery, None))?;
        write.add_device_key(&secret(5), &key(DeviceKeyKind::Recovery, None))?;
        write.use_device_key(&secret(4), TokenId(8))?;
        write.forget_device_keys(first, DeviceKeyKind::Recovery)
    })
    .await;
    change(&store, move |write| {
        let counted = KeptInvitation {
            uses: 1,
            ..invitation(1, Some(programme_id(1)))
        };
        let revoked = KeptInvitation {
            is_revoked: true,
            ..invitation(2, None)
        };
        assert_eq!(write.invitation(&secret(1))?, Some(counted.clone()));
        assert_eq!(write.invitation_named(revoked.id)?, Some(revoked.clone()));
        assert_eq!(write.invitations(None)?, [revoked]);
        assert_eq!(
            write.invitations(Some(programme_id(1)))?,
            std::slice::from_ref(&counted)
        );
        assert!(write.has_used(counted.id, first)?);
        assert!(!write.has_used(counted.id, person_id(2))?);
        let link = key(DeviceKeyKind::Link, Some(150));
        assert_eq!(write.device_key(&secret(3))?, Some(link));
        assert_eq!(write.device_key(&secret(5))?, None);
        let used = DeviceKey {
            used_by: Some(TokenId(8)),
            ..key(DeviceKeyKind::Recovery, None)
        };
        assert_eq!(write.device_key(&secret(4))?, Some(used));
        assert_eq!(write.device_keys(first)?.len(), 2);

        write.prune_people(150)?;
        assert_eq!(write.invitation(&secret(1))?, None);
        assert!(!write.has_used(counted.id, first)?);
        assert!(write.invitation(&secret(2))?.is_some());
        assert!(write.device_key(&secret(3))?.is_some());
        write.prune_people(151)?;
        assert_eq!(write.device_key(&secret(3))?, None);
        assert!(write.device_key(&secret(4))?.is_some());
        Ok(())
    })
    .await;
}

/// Work that fails leaves people as they were.
pub(in crate::store) async fn failed_work_changes_nobody(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let owner = person_id(1);
    write(
        &store,
        delta(key(ScopeId::Person(owner), 1), 1, "body", "a"),
    )
    .await;
    change(&store, move |write| write.put_person(&person(1))).await;
    let before = look(&store, |read| read.people_version()).await;
    let failed = store.write(move |write| {
        write.put_person(&person(2))?;
        write.add_token(&secret(1), &token(owner, 5))?;
        write.erase_person(owner)?;
        Err::<(), _>(StoreError::Damaged { what: "a test" })
    });
    assert!(failed.await.is_err());
    look(&store, move |read| {
        assert_eq!(read.people_version()?, before);
        assert_eq!(read.persons()?, [person(1)]);
        assert_eq!(read.token(&secret(1))?, None);
        Ok(())
    })
    .await;
    assert_eq!(rows_after(&store, ScopeId::Person(owner), 0).await.len(), 1);
}

/// Groups are found by programme and by person; who is erased is in none; each change moves the version.
pub(in crate::store) async fn groups_know_their_people(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let kept = |number: u64| KeptGroup {
        id: GroupId::new(number, RANDOM),
        programme: programme_id(number % 2),
        name: "Mapping".to_owned(),
        made_ms: number,
    };
    let [first, second, third] = [1, 2, 3].map(kept);
    let (one, two) = (person_id(1), person_id(2));
    change(&store, move |write| {
        for number in [1, 2] {
            write.put_person(&person(number))?;
        }
        for group in [&third, &second, &first] {
            let before = write.people_version()?;
            write.add_group(group)?;
            write.put_into_group(group.id, one)?;
            write.put_into_group(group.id, one)?;
            assert_ne!(write.people_version()?, before);
        }
        write.put_into_group(first.id, two)?;
        write.take_out_of_group(third.id, one)?;
        assert_eq!(write.group(second.id)?, Some(second.clone()));
        assert_eq!(write.group(GroupId::new(9, RANDOM))?, None);
        assert_eq!(write.groups_with(one)?, [first.id, second.id]);
        assert_eq!(write.group_people(first.id)?, [one, two]);
        assert!(write.group_people(third.id)?.is_empty());
        assert_eq!(write.groups(programme_id(1))?, [first.clone(), third]);
        write.erase_person(one)?;
        assert_eq!(write.group_people(first.id)?, [two]);
        assert!(write.groups_with(one)?.is_empty());
        Ok(())
    })
    .await;
}
