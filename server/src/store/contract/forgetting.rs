//! What is forgotten after a while, and what not.

use super::*;

/// Tombstones go when they are old, oldest first and so many at once; the scope knows through which
/// sequence number that was. What is live stays, however old.
pub(in crate::store) async fn old_tombstones_go_and_leave_their_number(backend: &impl Backend) {
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
pub(in crate::store) async fn old_changes_are_forgotten(backend: &impl Backend) {
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
