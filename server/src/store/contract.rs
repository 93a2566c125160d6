//! What every store must do: one function per promise, run by the tests of each implementation.
//!
//! The functions panic when a promise is broken. They open the store themselves, in a folder or a
//! database of their own, through [`Backend::open`]; opening again shows what was durable.

mod people;
mod shares;

use std::ops::ControlFlow;
use std::sync::Arc;

use keruen_domain::model::fields;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::Chunk;
use keruen_domain::{
    Author, ChangeId, Clock, Collection, ContentHash, DeviceId, Edit, FieldKey, Hlc, PersonId,
    ProgrammeId, Record, RecordId, RecordKey, ScopeId, Sum,
};

use super::{
    Acceptance, Identity, Merged, Row, Snapshot, Store, StoreError, WriteTransaction, merge,
};

/// An implementation of [`Store`], with some place for its data.
pub(super) trait Backend {
    /// Opens the store; the first time with this identity.
    fn open(&self, fresh: Identity) -> Arc<dyn Store>;
}

/// A test per promise, in the module that calls it; `$backend` is evaluated for each.
macro_rules! contract_tests {
    ($backend:expr) => {
        $crate::store::contract::contract_tests! {
            $backend;
            sequences_have_no_gaps_and_follow_the_changes,
            the_same_change_twice_is_one,
            sums_are_those_of_the_live_rows,
            old_tombstones_go_and_leave_their_number,
            old_changes_are_forgotten,
            snapshots_replace_each_other,
            chunks_are_kept_by_their_hash,
            a_record_that_grows_too_large_stays_as_it_was,
            failed_work_leaves_nothing,
            many_writers_at_once_lose_nothing,
            a_view_is_of_one_moment,
            all_is_there_after_opening_again,
            a_file_may_be_in_several_scopes,
            shared_scopes_know_what_is_public,
            people_are_what_was_put,
            each_change_of_who_may_do_what_moves_the_version,
            who_is_erased_leaves_nothing_of_their_own,
            what_opens_is_counted_and_forgotten,
            failed_work_changes_nobody,
            shares_are_found_as_they_were_made,
            shares_are_taken_back_and_counted,
            old_shares_are_forgotten,
            who_is_erased_leaves_no_share,
            a_collection_is_what_is_live_of_it,
            groups_know_their_people,
        }
    };
    ($backend:expr; $($promise:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $promise() {
            $crate::store::contract::$promise(&$backend).await;
        }
    )+};
}

pub(super) use contract_tests;
pub(super) use people::*;
pub(super) use shares::*;

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
            merge(transaction, before, delta, NOW_MS)
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

/// A scope's sum and count are those of its live rows, whatever was written, deleted and restored.
pub(super) async fn sums_are_those_of_the_live_rows(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let scope = programme(1);
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut held: Vec<Record> = Vec::new();
    for step in 0..24_u64 {
        let place = key(scope, step % 5);
        let before = held.iter().position(|record| record.key == place);
        let mut edit = Edit::new(
            place,
            before.map(|index| &held[index]),
            clock.stamp(NOW_MS),
            Author::Person,
        );
        match step % 7 {
            3 | 4 => edit.delete(),
            6 => edit.set(FieldKey::deleted(), false),
            _ => edit.set(
                FieldKey::register("title"),
                i64::try_from(step).unwrap_or(0),
            ),
        };
        let Some(change) = edit.finish() else {
            continue;
        };
        write(&store, change.clone()).await;
        match before {
            Some(index) => held[index].merge(change),
            None => held.push(change),
        }
        let state = store
            .read(move |transaction| transaction.scope(scope))
            .await;
        let state = state.expect("the store works");
        let mut sum = Sum::default();
        held.iter().for_each(|record| sum += Sum::of(record));
        let live = held.iter().filter(|record| !record.is_deleted()).count();
        assert_eq!((state.sum, state.live_rows), (sum, live as u64), "{step}");
    }
    assert!(held.iter().any(Record::is_deleted));
    let scopes = store.read(|transaction| transaction.scopes()).await;
    let scopes = scopes.expect("the store works");
    assert_eq!(scopes.len(), 1);
    assert_eq!(scopes[0].0, scope);
}

/// Tombstones go when they are old, oldest first and so many at once; the scope knows through which
/// sequence number that was. What is live stays, however old.
pub(super) async fn old_tombstones_go_and_leave_their_number(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let scope = programme(1);
    let put = store.write(move |transaction| {
        for (number, deleted, put_ms) in
            [(1, true, 10), (2, false, 10), (3, true, 20), (4, true, 30)]
        {
            let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(NOW_MS);
            let mut edit = Edit::new(key(scope, number), None, stamp, Author::Person);
            edit.set(FieldKey::deleted(), deleted);
            transaction.put(&edit.finish().expect("a flag is an edit"), put_ms)?;
        }
        Ok(())
    });
    put.await.expect("the store works");
    let prune = async |before_ms, at_most| {
        let pruned = store.write(move |transaction| {
            let removed = transaction.prune_tombstones(before_ms, at_most)?;
            Ok((removed, transaction.scope(scope)?))
        });
        pruned.await.expect("the store works")
    };
    let before = prune(10, 9).await;
    assert_eq!((before.0, before.1.pruned_through), (0, 0));
    let (removed, state) = prune(30, 1).await;
    assert_eq!((removed, state.pruned_through), (1, 1));
    let (removed, state) = prune(30, 9).await;
    assert_eq!((removed, state.pruned_through), (1, 3));
    assert_eq!(
        (state.last_sequence, state.live_rows, state.sum),
        (4, 1, before.1.sum)
    );
    assert_eq!(sequences(&rows_after(&store, scope, 0).await), [2, 4]);
    write(&store, delta(key(scope, 5), 1, "title", "a")).await;
    assert_eq!(sequences(&rows_after(&store, scope, 0).await), [2, 4, 5]);
}

/// Which changes were accepted is forgotten from a time on, and no other.
pub(super) async fn old_changes_are_forgotten(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let id = |number| ChangeId::new(number, RANDOM);
    let pruned = store.write(move |transaction| {
        for number in 1..=4 {
            let acceptance = Acceptance {
                content: ContentHash::of(b"content"),
                bounded: false,
            };
            transaction.note_accepted(id(number), acceptance, number)?;
        }
        let forgotten = [
            transaction.prune_changes(4, 2)?,
            transaction.prune_changes(4, 2)?,
        ];
        let known = (1..=4).filter_map(|number| transaction.accepted_change(id(number)).ok()?);
        Ok((forgotten, known.count()))
    });
    assert_eq!(pruned.await.expect("the store works"), ([2, 1], 1));
}

/// The newest snapshot is the one that counts; a chunk is known while any snapshot names it, and is
/// given back to be removed when none does.
pub(super) async fn snapshots_replace_each_other(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let scope = programme(1);
    let snapshot = |sequence: u64, chunks: &[u8]| Snapshot {
        cursor: Cursor { epoch: 1, sequence },
        built_ms: sequence * 10,
        chunks: chunks
            .iter()
            .map(|byte| Chunk {
                sha256: ContentHash([*byte; 32]),
                size_bytes: 1,
                records: 2,
            })
            .collect(),
    };
    let (first, second) = (snapshot(1, &[1, 2]), snapshot(2, &[3, 2]));
    let newest = second.clone();
    let put = store.write(move |transaction| {
        assert_eq!(transaction.snapshot(scope)?, None);
        transaction.put_snapshot(scope, &first)?;
        assert_eq!(transaction.snapshot(scope)?, Some(first));
        transaction.put_snapshot(scope, &second)
    });
    put.await.expect("the store works");
    let forgotten = store.write(move |transaction| {
        assert_eq!(transaction.snapshot(scope)?, Some(newest));
        let too_early = transaction.forget_snapshots(20)?;
        let has_chunk = |transaction: &dyn WriteTransaction, scope, byte| {
            transaction.has_chunk(scope, &ContentHash([byte; 32]))
        };
        assert!(has_chunk(transaction, scope, 1)? && has_chunk(transaction, scope, 3)?);
        assert!(!has_chunk(transaction, programme(2), 1)?);
        let forgotten = transaction.forget_snapshots(21)?;
        assert!(!has_chunk(transaction, scope, 1)? && has_chunk(transaction, scope, 2)?);
        Ok((too_early, forgotten))
    });
    let expected = (Vec::new(), vec![ContentHash([1; 32])]);
    assert_eq!(forgotten.await.expect("the store works"), expected);
}

/// A chunk is kept until it is removed.
pub(super) async fn chunks_are_kept_by_their_hash(backend: &impl Backend) {
    let chunks = backend.open(identity(1)).chunks();
    let content = ContentHash([7; 32]);
    assert_eq!(chunks.get(&content).expect("it works"), None);
    chunks.put(&content, b"compressed").expect("it works");
    assert_eq!(
        chunks.get(&content).expect("it works").as_deref(),
        Some(b"compressed".as_slice())
    );
    for _ in 0..2 {
        chunks.remove(&content).expect("it works");
        assert_eq!(chunks.get(&content).expect("it works"), None);
    }
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
            transaction.put(&delta(key(programme(1), number), 1, "title", "a"), NOW_MS)
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
        let before = transaction.scope(programme(1))?.last_sequence;
        looked.send(()).expect("the test waits");
        wait_for_write.recv().expect("the test writes");
        Ok((before, transaction.scope(programme(1))?.last_sequence))
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
    let after = store.read(|transaction| transaction.scope(programme(1)));
    assert_eq!(after.await.expect("the store works").last_sequence, 2);
}

/// What was answered is there after the store was closed and opened again; its identity is the first.
pub(super) async fn all_is_there_after_opening_again(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let change = ChangeId::new(1, RANDOM);
    let acceptance = Acceptance {
        content: ContentHash::of(b"content"),
        bounded: true,
    };
    let person = identity(1).organiser;
    let device = DeviceId(u64::MAX);
    let record = delta(key(programme(1), 1), 1, "title", "a");
    let kept = record.clone();
    let written = store.write(move |transaction| {
        transaction.put(&record, NOW_MS)?;
        transaction.note_accepted(change, acceptance, NOW_MS)?;
        transaction.note_device(device, person, NOW_MS)?;
        transaction.put_file(
            programme(1),
            b"bytes",
            &ContentHash::of(b"bytes"),
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
        assert_eq!(transaction.accepted_change(change)?, Some(acceptance));
        let unknown = transaction.accepted_change(ChangeId::new(2, RANDOM))?;
        assert_eq!(unknown, None);
        assert_eq!(transaction.device_seen_ms(device, person)?, Some(NOW_MS));
        let files = transaction.files(&ContentHash::of(b"bytes"))?;
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
    let hash = ContentHash::of(b"bytes");
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
    let other = store.read(|transaction| transaction.files(&ContentHash::of(b"other")));
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
