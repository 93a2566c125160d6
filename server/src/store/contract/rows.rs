//! Rows: their order, their sums, their limits, what they make public.

use super::*;

/// Sequence numbers count from 1 within each scope, without gaps, and a changed row moves to the end.
pub(in crate::store) async fn sequences_have_no_gaps_and_follow_the_changes(
    backend: &impl Backend,
) {
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
pub(in crate::store) async fn the_same_change_twice_is_one(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let change = delta(key(programme(1), 1), 1, "title", "a");
    write(&store, change.clone()).await;
    assert_eq!(write(&store, change).await, Merged::Unchanged);
    let nothing = Record::new(key(programme(1), 2));
    assert_eq!(write(&store, nothing).await, Merged::Unchanged);
    assert_eq!(sequences(&rows_after(&store, programme(1), 0).await), [1]);
}

/// A scope's sum and count are those of its live rows, whatever was written, deleted and restored.
pub(in crate::store) async fn sums_are_those_of_the_live_rows(backend: &impl Backend) {
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

/// A record that grows over the limits stays as it was.
pub(in crate::store) async fn a_record_that_grows_too_large_stays_as_it_was(
    backend: &impl Backend,
) {
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

/// A programme is public from when its record says so until it says otherwise; personal scopes are
/// never listed.
pub(in crate::store) async fn shared_scopes_know_what_is_public(backend: &impl Backend) {
    let store = backend.open(identity(1));
    let id = ProgrammeId::new(1, RANDOM);
    let scope = ScopeId::Programme(id);
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut before = None;
    for public in [true, false, true] {
        let programme = RecordKey {
            scope,
            collection: Collection::PROGRAMME,
            id: id.into(),
        };
        let mut edit = Edit::new(
            programme,
            before.as_ref(),
            clock.stamp(NOW_MS),
            Author::Person,
        );
        edit.set(FieldKey::register(fields::PUBLIC), public);
        let change = edit.finish().expect("the flag is new");
        write(&store, change.clone()).await;
        let own = ScopeId::Person(identity(1).organiser);
        write(&store, delta(key(own, 1), 1, "title", "a")).await;
        let shared = store.read(|transaction| transaction.shared_scopes());
        let shared = shared.await.expect("the store works");
        assert_eq!(shared.len(), 1);
        assert_eq!((shared[0].scope, shared[0].is_public), (scope, public));
        before = Some(change);
    }
}
