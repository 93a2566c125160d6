//! What is promised of shares.

use std::sync::Arc;

use keruen_domain::protocol::shares::Shared;
use keruen_domain::{MaterialId, SessionId, ShareId};

use super::*;
use crate::secrets::SecretHash;
use crate::store::KeptShare;

fn hash(number: u64) -> SecretHash {
    SecretHash::of(&number.to_string())
}

fn share(number: u64, shared: Shared) -> KeptShare {
    KeptShare {
        id: ShareId::new(number, RANDOM),
        programme: ProgrammeId::new(1, RANDOM),
        shared,
        made_by: PersonId::new(1, RANDOM),
        made_ms: NOW_MS + number,
        expires_ms: None,
        passphrase: None,
        note: String::new(),
        openings: 0,
        revoked_ms: None,
    }
}

async fn add(store: &Arc<dyn Store>, shares: Vec<(u64, KeptShare)>) {
    let added = store.write(move |transaction| {
        for (number, share) in &shares {
            transaction.add_share(&hash(*number), share)?;
        }
        Ok(())
    });
    added.await.expect("the store works");
}

async fn named(store: &Arc<dyn Store>, id: ShareId) -> Option<KeptShare> {
    let named = store.read(move |transaction| transaction.share_named(id));
    named.await.expect("the store works")
}

/// A share is found by its secret, by its name and among its maker's, and outlives the store's closing.
pub(in crate::store) async fn shares_are_found_as_they_were_made(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let material = share(1, Shared::Material(MaterialId::new(5, RANDOM)));
    let session = KeptShare {
        expires_ms: Some(NOW_MS + 100),
        passphrase: Some(vec![1, 2, 3]),
        note: "for the seminar".into(),
        ..share(2, Shared::Session(SessionId::new(6, RANDOM)))
    };
    let agenda = KeptShare {
        made_by: PersonId::new(2, RANDOM),
        openings: 7,
        revoked_ms: Some(NOW_MS),
        ..share(3, Shared::Agenda)
    };
    let materials = share(4, Shared::Materials);
    let all = [&material, &session, &agenda, &materials];
    add(&store, (1..).zip(all.into_iter().cloned()).collect()).await;
    drop(store);

    let store = backend.open(identity(2));
    for (number, expected) in (1..).zip(all) {
        let found = store.read(move |transaction| transaction.share(&hash(number)));
        assert_eq!(
            found.await.expect("the store works").as_ref(),
            Some(expected)
        );
        assert_eq!(named(&store, expected.id).await.as_ref(), Some(expected));
    }
    let unknown = store.read(|transaction| transaction.share(&hash(9)));
    assert_eq!(unknown.await.expect("the store works"), None);
    let own = store.read(|transaction| transaction.shares(PersonId::new(1, RANDOM)));
    let own = own.await.expect("the store works");
    assert_eq!(own, [materials, session, material], "the newest first");
}

/// A share that was taken back stays so from the first time on, and openings add up.
pub(in crate::store) async fn shares_are_taken_back_and_counted(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let id = ShareId::new(1, RANDOM);
    add(&store, vec![(1, share(1, Shared::Agenda))]).await;
    let work = store.write(move |transaction| {
        for (at_ms, openings) in [(NOW_MS, 2), (NOW_MS + 9, 3)] {
            transaction.count_openings(id, openings)?;
            transaction.count_openings(ShareId::new(8, RANDOM), openings)?;
            transaction.revoke_share(id, at_ms)?;
        }
        Ok(())
    });
    work.await.expect("the store works");
    let found = named(&store, id).await.expect("it is there");
    assert_eq!((found.openings, found.revoked_ms), (5, Some(NOW_MS)));
    assert!(!found.is_open(NOW_MS - 1));

    let failed = store.write(move |transaction| {
        transaction.count_openings(id, 1)?;
        transaction.add_share(&hash(2), &share(2, Shared::Agenda))?;
        transaction.prune_shares(u64::from(u32::MAX) * 1_000, 9)?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(failed.await.is_err());
    assert_eq!(named(&store, id).await, Some(found));
    assert_eq!(named(&store, ShareId::new(2, RANDOM)).await, None);
}

/// Shares go when their end is long ago, whichever end came first; those without end stay.
pub(in crate::store) async fn old_shares_are_forgotten(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let ends = [
        (None, None),
        (Some(10), None),
        (None, Some(10)),
        (Some(90), Some(10)),
        (Some(10), Some(90)),
        (Some(20), Some(20)),
    ];
    let ended = |(number, (expires_ms, revoked_ms))| {
        let share = KeptShare {
            expires_ms,
            revoked_ms,
            ..share(number, Shared::Materials)
        };
        (number, share)
    };
    add(&store, (1..).zip(ends).map(ended).collect()).await;
    let prune = |at_most| store.write(move |transaction| transaction.prune_shares(20, at_most));
    assert_eq!(prune(3).await.expect("the store works"), 3);
    assert_eq!(prune(3).await.expect("the store works"), 1);
    for (number, is_there) in [
        (1, true),
        (2, false),
        (3, false),
        (4, false),
        (5, false),
        (6, true),
    ] {
        let found = named(&store, ShareId::new(number, RANDOM)).await;
        assert_eq!(found.is_some(), is_there, "{number}");
    }
}

/// Of somebody who is erased no share stays.
pub(in crate::store) async fn who_is_erased_leaves_no_share(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let theirs = KeptShare {
        made_by: PersonId::new(2, RANDOM),
        ..share(1, Shared::Agenda)
    };
    add(&store, vec![(1, theirs), (2, share(2, Shared::Agenda))]).await;
    let erased = store.write(|transaction| transaction.erase_person(PersonId::new(2, RANDOM)));
    erased.await.expect("the store works");
    for (number, is_there) in [(1, false), (2, true)] {
        let found = named(&store, ShareId::new(number, RANDOM)).await;
        assert_eq!(found.is_some(), is_there, "{number}");
    }
}

/// A collection is what is live of it in one scope.
pub(in crate::store) async fn a_collection_is_what_is_live_of_it(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let session = RecordKey {
        collection: Collection::SESSION,
        ..key(programme(1), 3)
    };
    let kept = delta(key(programme(1), 1), 1, "title", "kept");
    let gone = delta(key(programme(1), 2), 1, "title", "gone");
    let elsewhere = delta(key(programme(2), 1), 1, "title", "elsewhere");
    for record in [&kept, &gone, &elsewhere, &delta(session, 1, "title", "a")] {
        write(&store, record.clone()).await;
    }
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(NOW_MS + 5);
    let mut edit = Edit::new(gone.key, Some(&gone), stamp, Author::Person);
    edit.delete();
    write(&store, edit.finish().expect("a deletion is an edit")).await;
    let found = store.read(|transaction| {
        let notes = transaction.collection(programme(1), Collection::NOTE)?;
        let none = transaction.collection(programme(9), Collection::NOTE)?;
        Ok((notes, none))
    });
    let (notes, none) = found.await.expect("the store works");
    assert_eq!(notes, [kept]);
    assert!(none.is_empty());
}
