//! What every store must do: one function per promise, run by the tests of each implementation.
//!
//! The functions panic when a promise is broken. They open the store themselves, in a folder or a
//! database of their own, through [`Backend::open`]; opening again shows what was durable.

use std::ops::ControlFlow;
use std::sync::Arc;

use keruen_domain::model::fields;
use keruen_domain::{
    Author, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, ProgrammeId,
    Record, RecordId, RecordKey, ScopeId,
};

use super::{Identity, Merged, Row, Sha256, Store, StoreError, WriteTransaction, merge};

/// An implementation of [`Store`], with some place for its data.
pub(super) trait Backend {
    /// Opens the store; the first time with this identity.
    fn open(&self, fresh: Identity) -> Arc<dyn Store>;
}

const RANDOM: [u8; 10] = [7; 10];
const NOW_MS: u64 = 1_750_000_000_000;

fn identity(epoch: u32) -> Identity {
    Identity {
        epoch,
        organiser: PersonId::new(1, RANDOM),
    }
}

fn programme(number: u64) -> ScopeId {
    ScopeId::Programme(ProgrammeId::new(number, RANDOM))
}

fn key(scope: ScopeId, number: u64) -> RecordKey {
    RecordKey {
        scope,
        collection: Collection::NOTE,
        id: RecordId::new(number, RANDOM),
    }
}

/// A write of one field by the device of this number, which had seen nothing.
fn delta(key: RecordKey, device: u64, field: &str, text: &str) -> Record {
    let stamp = Clock::new(DeviceId(device), Hlc::default(), 0).stamp(NOW_MS + device);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register(field), text);
    edit.finish().expect("a text is an edit")
}

async fn write(store: &Arc<dyn Store>, delta: Record) -> Merged {
    store
        .write(move |transaction| {
            let before = transaction.row(&delta.key)?;
            merge(transaction, before, delta)
        })
        .await
        .expect("the store works")
}

async fn rows_after(store: &Arc<dyn Store>, scope: ScopeId, sequence: u64) -> Vec<Row> {
    store
        .read(move |transaction| {
            let mut rows = Vec::new();
            transaction.rows_after(scope, sequence, &mut |row| {
                rows.push(row);
                ControlFlow::Continue(())
            })?;
            Ok(rows)
        })
        .await
        .expect("the store works")
}

fn sequences(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.sequence).collect()
}

/// Sequence numbers count from 1 within each scope, without gaps, and a changed row moves to the end.
pub(super) async fn sequences_have_no_gaps_and_follow_the_changes(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let (first, second) = (programme(1), programme(2));
    for number in 1..=3 {
        write(&store, delta(key(first, number), 1, "title", "a")).await;
        write(&store, delta(key(second, number), 1, "title", "b")).await;
    }
    let changed = write(&store, delta(key(first, 1), 2, "room", "Hall 2")).await;
    let expected = Merged::Changed {
        previous_sequence: 1,
        sequence: 4,
    };
    assert_eq!(changed, expected);
    let rows = rows_after(&store, first, 0).await;
    assert_eq!(sequences(&rows), [2, 3, 4]);
    assert_eq!(rows[2].record.key, key(first, 1));
    assert_eq!(rows[2].record.value("room").as_text(), Some("Hall 2"));
    assert_eq!(rows[2].record.value("title").as_text(), Some("a"));
    assert_eq!(sequences(&rows_after(&store, first, 2).await), [3, 4]);
    assert!(rows_after(&store, first, 4).await.is_empty());
    assert_eq!(sequences(&rows_after(&store, second, 0).await), [1, 2, 3]);
    assert!(rows_after(&store, programme(3), 0).await.is_empty());
}

/// Merging what is known already writes nothing and takes no sequence number.
pub(super) async fn the_same_change_twice_is_one(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let change = delta(key(programme(1), 1), 1, "title", "a");
    write(&store, change.clone()).await;
    assert_eq!(write(&store, change).await, Merged::Unchanged);
    let nothing = Record::new(key(programme(1), 2));
    assert_eq!(write(&store, nothing).await, Merged::Unchanged);
    assert_eq!(sequences(&rows_after(&store, programme(1), 0).await), [1]);
}

/// A record that grows over the limits stays as it was.
pub(super) async fn a_record_that_grows_too_large_stays_as_it_was(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let key = key(programme(1), 1);
    let half = "к".repeat(150 * 1024);
    write(&store, delta(key, 1, "body", &half)).await;
    assert_eq!(
        write(&store, delta(key, 2, "body", &half)).await,
        Merged::TooLarge
    );
    let rows = rows_after(&store, programme(1), 0).await;
    assert_eq!(sequences(&rows), [1]);
    assert_eq!(rows[0].record.contested().count(), 0);
}

/// Work that fails, or panics, leaves nothing behind and does not disturb the work beside it.
pub(super) async fn failed_work_leaves_nothing(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let put = |number: u64| {
        move |transaction: &mut dyn WriteTransaction| {
            transaction.put(&delta(key(programme(1), number), 1, "title", "a"))
        }
    };
    let failed = store.write(move |transaction| {
        put(1)(transaction)?;
        Err::<(), _>(StoreError::Damaged { what: "a test" })
    });
    let panicked = store.write(move |transaction| {
        put(2)(transaction)?;
        // Unlike `panic!`, this does not fill the test's output.
        std::panic::resume_unwind(Box::new("a test"));
        #[expect(unreachable_code, reason = "gives the closure its type")]
        Ok(())
    });
    let good = store.write(put(3));
    let also_good = store.write(put(4));
    let (failed, panicked, good, also_good) = tokio::join!(failed, panicked, good, also_good);
    assert!(matches!(failed, Err(StoreError::Damaged { .. })));
    assert!(panicked.is_err());
    assert_eq!((good.ok(), also_good.ok()), (Some(1), Some(2)));
    let rows = rows_after(&store, programme(1), 0).await;
    assert_eq!(sequences(&rows), [1, 2]);
    assert_eq!(rows[0].record.key, key(programme(1), 3));
}

/// Whatever many devices write at once is all there, in one order without gaps.
pub(super) async fn many_writers_at_once_lose_nothing(backend: &impl Backend) {
    const WRITERS: u64 = 300;
    let store = backend.open(identity(1));
    let mut tasks = Vec::new();
    for number in 1..=WRITERS {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            write(
                &store,
                delta(key(programme(1), number), number, "title", "a"),
            )
            .await
        }));
    }
    let mut given = Vec::new();
    for task in tasks {
        match task.await.expect("no writer panics") {
            Merged::Changed { sequence, .. } => given.push(sequence),
            other => panic!("not written: {other:?}"),
        }
    }
    given.sort_unstable();
    let all: Vec<u64> = (1..=WRITERS).collect();
    assert_eq!(given, all);
    assert_eq!(sequences(&rows_after(&store, programme(1), 0).await), all);
}

/// A view does not change while it is being read.
pub(super) async fn a_view_is_of_one_moment(backend: &impl Backend) {
    let store = backend.open(identity(1));
    write(&store, delta(key(programme(1), 1), 1, "title", "a")).await;
    let (looked, wait_for_look) = std::sync::mpsc::channel();
    let (wrote, wait_for_write) = std::sync::mpsc::channel();
    let reading = store.read(move |transaction| {
        let before = transaction.last_sequence(programme(1))?;
        looked.send(()).expect("the test waits");
        wait_for_write.recv().expect("the test writes");
        Ok((before, transaction.last_sequence(programme(1))?))
    });
    let writing = async {
        tokio::task::spawn_blocking(move || wait_for_look.recv().expect("the reader looks"))
            .await
            .expect("waiting does not panic");
        write(&store, delta(key(programme(1), 2), 1, "title", "a")).await;
        wrote.send(()).expect("the reader waits");
    };
    let (seen, ()) = tokio::join!(reading, writing);
    assert_eq!(seen.expect("the store works"), (1, 1));
    let after = store.read(|transaction| transaction.last_sequence(programme(1)));
    assert_eq!(after.await.expect("the store works"), 2);
}

/// What was answered is there after the store was closed and opened again; its identity is the first.
pub(super) async fn all_is_there_after_opening_again(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let change = ChangeId::new(1, RANDOM);
    let content = Sha256::of(b"content");
    let person = identity(1).organiser;
    let device = DeviceId(u64::MAX);
    let record = delta(key(programme(1), 1), 1, "title", "a");
    let kept = record.clone();
    let written = store.write(move |transaction| {
        transaction.put(&record)?;
        transaction.note_accepted(change, &content, NOW_MS)?;
        transaction.note_device(device, person, NOW_MS)?;
        transaction.put_file(
            programme(1),
            b"bytes",
            &Sha256::of(b"bytes"),
            "text/plain",
            "a.txt",
        )
    });
    written.await.expect("the store works");
    drop(store);

    let store = backend.open(identity(2));
    assert_eq!(store.identity(), identity(1));
    let rows = rows_after(&store, programme(1), 0).await;
    assert_eq!(rows[0].record, kept);
    assert_eq!(
        rows[0].size_bytes,
        keruen_domain::encoding::encode(&kept).len()
    );
    let checked = store.read(move |transaction| {
        assert_eq!(transaction.epoch()?, 1);
        assert_eq!(transaction.accepted_change(change)?, Some(content));
        let unknown = transaction.accepted_change(ChangeId::new(2, RANDOM))?;
        assert_eq!(unknown, None);
        assert_eq!(transaction.device_seen_ms(device, person)?, Some(NOW_MS));
        let files = transaction.files(&Sha256::of(b"bytes"))?;
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].scope, programme(1));
        assert_eq!((files[0].size_bytes, &*files[0].name), (5, "a.txt"));
        assert_eq!(
            std::fs::read(&files[0].path).expect("the file is there"),
            b"bytes"
        );
        Ok(())
    });
    checked.await.expect("the store works");
}

/// A file belongs to every scope that stored it, and only to those.
pub(super) async fn a_file_may_be_in_several_scopes(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let hash = Sha256::of(b"bytes");
    let stored = store.write(move |transaction| {
        for (number, name) in [(1, "a.txt"), (2, "b.txt"), (2, "c.txt")] {
            transaction.put_file(programme(number), b"bytes", &hash, "text/plain", name)?;
        }
        Ok(())
    });
    stored.await.expect("the store works");
    let files = store.read(move |transaction| transaction.files(&hash));
    let files = files.await.expect("the store works");
    let places: Vec<_> = files.iter().map(|file| (file.scope, &*file.name)).collect();
    assert_eq!(places, [(programme(1), "a.txt"), (programme(2), "c.txt")]);
    let other = store.read(|transaction| transaction.files(&Sha256::of(b"other")));
    assert!(other.await.expect("the store works").is_empty());
}

/// A programme is public from when its record says so until it says otherwise; personal scopes are
/// never listed.
pub(super) async fn shared_scopes_know_what_is_public(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let id = ProgrammeId::new(1, RANDOM);
    let scope = ScopeId::Programme(id);
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut before = None;
    for public in [true, false, true] {
        let key = RecordKey {
            scope,
            collection: Collection::PROGRAMME,
            id: id.into(),
        };
        let mut edit = Edit::new(key, before.as_ref(), clock.stamp(NOW_MS), Author::Person);
        edit.set(FieldKey::register(fields::PUBLIC), public);
        let change = edit.finish().expect("the flag is new");
        write(&store, change.clone()).await;
        let own = ScopeId::Person(identity(1).organiser);
        write(&store, delta(key_in(own), 1, "title", "a")).await;
        let shared = store.read(|transaction| transaction.shared_scopes());
        let shared = shared.await.expect("the store works");
        assert_eq!(shared.len(), 1);
        assert_eq!((shared[0].scope, shared[0].is_public), (scope, public));
        before = Some(change);
    }
}

fn key_in(scope: ScopeId) -> RecordKey {
    key(scope, 1)
}
