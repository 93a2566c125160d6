//! Work as a whole: all or nothing, side by side, on disk.

use super::*;

/// Work that fails, or panics, leaves nothing behind and does not disturb the work beside it.
pub(in crate::store) async fn failed_work_leaves_nothing(backend: &impl Backend) {
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
pub(in crate::store) async fn many_writers_at_once_lose_nothing(backend: &impl Backend) {
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
pub(in crate::store) async fn a_view_is_of_one_moment(backend: &impl Backend) {
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
pub(in crate::store) async fn all_is_there_after_opening_again(backend: &impl Backend) {
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
