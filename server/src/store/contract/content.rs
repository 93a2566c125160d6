//! Snapshots with their chunks, and files.

use keruen_domain::protocol::files::Parts;

use super::*;

/// The newest snapshot is the one that counts; a chunk is known while any snapshot names it, and is
/// given back to be removed when none does.
pub(in crate::store) async fn snapshots_replace_each_other(backend: &impl Backend) {
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
pub(in crate::store) async fn chunks_are_kept_by_their_hash(backend: &impl Backend) {
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

/// A file belongs to every scope that stored it, and only to those.
pub(in crate::store) async fn a_file_may_be_in_several_scopes(backend: &impl Backend) {
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
    let put = store.write(|transaction| {
        let hash = ContentHash::of(b"more");
        transaction.put_file(programme(2), b"more", &hash, "text/plain", "d.txt")
    });
    put.await.expect("the store works");
    let held = async || {
        let held = store.read(|transaction| {
            let bytes = |number| {
                let files = transaction.files_in(programme(number))?;
                let mut bytes: Vec<u64> = files.iter().map(|(_, bytes)| *bytes).collect();
                bytes.sort_unstable();
                Ok::<_, StoreError>(bytes)
            };
            Ok([bytes(1)?, bytes(2)?, bytes(3)?])
        });
        held.await.expect("the store works")
    };
    assert_eq!(held().await, [vec![5], vec![4, 5], vec![]]);
    let forgotten = store.write(move |transaction| {
        transaction.forget_file(programme(2), &hash)?;
        transaction.forget_file(programme(3), &hash)
    });
    forgotten.await.expect("the store works");
    assert_eq!(held().await, [vec![5], vec![4], vec![]]);
    let failed = store.write(|transaction| {
        transaction.forget_file(programme(2), &ContentHash::of(b"more"))?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(failed.await.is_err());
    assert_eq!(held().await[1], [4], "what failed is not done");
}

/// The parts of a file are those that were put last, also for a file without any.
pub(in crate::store) async fn parts_of_a_file_are_what_was_put(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let parts = |size_bytes: u64, hashes: &[u8]| Parts {
        size_bytes,
        part_bytes: 10,
        sha256: hashes.iter().map(|byte| ContentHash([*byte; 32])).collect(),
    };
    let (one, none) = (ContentHash([1; 32]), ContentHash([2; 32]));
    let put = store.write(move |transaction| {
        assert_eq!(transaction.file_parts(&one)?, None);
        transaction.put_file_parts(&none, &parts(0, &[]))?;
        transaction.put_file_parts(&one, &parts(3, &[1]))?;
        transaction.put_file_parts(&one, &parts(11, &[7, 8]))
    });
    put.await.expect("the store works");
    let failed = store.write(move |transaction| {
        transaction.put_file_parts(&one, &parts(1, &[9]))?;
        Err::<(), _>(StoreError::Closed)
    });
    failed.await.expect_err("it fails on purpose");
    let read = store.read(move |read| Ok((read.file_parts(&one)?, read.file_parts(&none)?)));
    let expected = (Some(parts(11, &[7, 8])), Some(parts(0, &[])));
    assert_eq!(read.await.expect("the store works"), expected);
}
