//! Scopes that are read chunk by chunk.

use keruen_app::store::{Committed, Kept, Store, Table};
use keruen_domain::protocol::v1::ScopeCursor;
use keruen_domain::protocol::v2::{Chunk, ScopeSnapshot};
use keruen_domain::sync::{ChunkName, SavePlan};
use keruen_domain::{ContentHash, Record, ScopeId, encoding, page};

use crate::harness::{
    Database, NOON_MS, accepted, at, commit, from_server, ids, news, note, notices,
    on_every_backend, outgoing, programme, save, session, text, write,
};

on_every_backend!(
    chunks_in_any_order_end_at_the_manifests_cursor,
    chunks_that_arrive_together_are_kept_together,
    an_interrupted_reading_goes_on_where_it_was,
    news_come_in_while_chunks_are_missing,
    a_chunk_that_does_not_belong_there_is_not_kept,
    chunks_of_another_manifest_are_not_fetched_again,
    what_a_later_snapshot_does_not_hold_goes_with_its_last_chunk,
    a_forgotten_snapshot_is_asked_for_anew,
    a_chunk_that_came_along_is_not_missing,
    urgent_chunks_of_all_scopes_come_first,
    own_changes_lie_on_top_of_chunks,
);

/// The `number`th chunk: ten sessions.
fn content(scope: ScopeId, number: u32) -> Vec<Record> {
    let sessions = number * 10..number * 10 + 10;
    let record = |number| from_server(session(scope, number), "Дәріс", NOON_MS);
    sessions.map(record).collect()
}

/// Names are made up: the store takes its caller's word for the hash.
fn name(scope: ScopeId, number: u32) -> ChunkName {
    let mut hash = [9; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    let sha256 = ContentHash(hash);
    ChunkName { scope, sha256 }
}

fn snapshot(at: ScopeCursor, chunks: &[u32]) -> SavePlan {
    let chunk = |number: &u32| Chunk {
        sha256: name(at.scope, *number).sha256,
        size_bytes: 1,
        records: 10,
    };
    let snapshot = ScopeSnapshot {
        scope: at.scope,
        cursor: at.cursor,
        chunks: chunks.iter().map(chunk).collect(),
    };
    SavePlan {
        snapshots: vec![snapshot],
        ..SavePlan::default()
    }
}

fn chunk(scope: ScopeId, number: u32) -> (ChunkName, Vec<u8>) {
    let bytes = page::encode(scope, &content(scope, number));
    (name(scope, number), bytes)
}

async fn keep(store: &Store, scope: ScopeId, number: u32) {
    let kept = store.keep_chunks(vec![chunk(scope, number)]).await;
    assert_eq!(kept, Ok(vec![Kept::Kept]));
}

async fn missing(store: &Store) -> Vec<ChunkName> {
    outgoing(store).await.missing
}

async fn chunks_in_any_order_end_at_the_manifests_cursor(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1, 2])).await;
    for (number, count) in [(1, 10), (2, 20), (1, 20), (0, 30)] {
        assert_ne!(missing(&store).await, []);
        let heard = notices(&store);
        keep(&store, scope, number).await;
        assert_eq!(store.replica().len(), count, "shown at once");
        assert!(heard.borrow()[0].touches(session(scope, 0).collection));
        assert_eq!(database.open().await.replica().len(), count);
    }
    for store in [store, database.open().await] {
        let outgoing = outgoing(&store).await;
        assert_eq!(outgoing.cursors, [at(scope, 70)]);
        assert_eq!(outgoing.missing, []);
    }
    assert_eq!(database.count(Table::Snapshots).await, 0);
    assert_eq!(database.count(Table::Pages).await, 3);
}

async fn chunks_that_arrive_together_are_kept_together(database: &Database) {
    let (scope, other) = (programme(1), programme(2));
    let store = database.open().await;
    let mut both = snapshot(at(scope, 70), &[0, 1, 2]);
    both.snapshots
        .extend(snapshot(at(other, 5), &[0, 1]).snapshots);
    save(&store, both).await;
    let heard = notices(&store);
    let arrived = vec![
        chunk(scope, 1),
        chunk(other, 1),
        (name(scope, 2), vec![0xff; 40]),
        chunk(other, 0),
        chunk(scope, 0),
        // Nobody wants it.
        chunk(scope, 7),
    ];
    let kept = store.keep_chunks(arrived).await;
    let mut expected = vec![Kept::Kept; 6];
    expected[2] = Kept::Damaged;
    assert_eq!(kept, Ok(expected));
    assert_eq!(heard.borrow().len(), 1, "one notice of one transaction");
    let said = heard.borrow()[0].clone();
    let heard_elsewhere = encoding::decode::<Committed>(&encoding::encode(&said));
    assert_eq!(heard_elsewhere, Ok(said));
    for store in [store, database.open().await] {
        assert_eq!(store.replica().len(), 40);
        let outgoing = outgoing(&store).await;
        // Where all chunks are there, the manifest's cursor counts.
        assert_eq!(outgoing.missing, [name(scope, 2)]);
        assert_eq!(outgoing.cursors, [at(other, 5), at(scope, 70)]);
    }
    assert_eq!(database.count(Table::Cursors).await, 1);
    assert_eq!(database.count(Table::Pages).await, 4);
}

async fn an_interrupted_reading_goes_on_where_it_was(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1, 2])).await;
    keep(&store, scope, 0).await;
    let again = database.open().await;
    let outgoing = outgoing(&again).await;
    assert_eq!(outgoing.missing, [name(scope, 1), name(scope, 2)]);
    // The server is told where the scope will be, so that it sends what comes after.
    assert_eq!(outgoing.cursors, [at(scope, 70)]);
    assert_eq!(database.count(Table::Cursors).await, 0);
}

async fn news_come_in_while_chunks_are_missing(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1])).await;
    keep(&store, scope, 0).await;
    let later = from_server(session(scope, 12), "Кейін", NOON_MS + 1);
    save(&store, news(scope, 71, vec![later])).await;
    assert_eq!(outgoing(&store).await.cursors, [at(scope, 71)]);
    assert_eq!(missing(&store).await, [name(scope, 1)]);
    keep(&store, scope, 1).await;
    for store in [store, database.open().await] {
        assert_eq!(outgoing(&store).await.cursors, [at(scope, 71)]);
        let changed = text(&store, &session(scope, 12));
        assert_eq!(changed.as_deref(), Some("Кейін"));
    }
}

async fn a_chunk_that_does_not_belong_there_is_not_kept(database: &Database) {
    let (scope, other) = (programme(1), programme(2));
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0])).await;
    let before = database.dump().await;
    let strange = page::encode(other, &content(other, 0));
    for bytes in [vec![], vec![0xff; 40], strange] {
        let kept = store.keep_chunks(vec![(name(scope, 0), bytes)]).await;
        assert_eq!(kept, Ok(vec![Kept::Damaged]));
    }
    // Nobody wants these.
    keep(&store, scope, 5).await;
    keep(&store, other, 0).await;
    assert_eq!(database.dump().await, before);
    assert!(store.replica().is_empty());
}

async fn chunks_of_another_manifest_are_not_fetched_again(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1, 2])).await;
    keep(&store, scope, 0).await;
    keep(&store, scope, 1).await;
    store.forget_snapshot(name(scope, 2)).await.expect("done");
    save(&store, snapshot(at(scope, 90), &[0, 1, 3])).await;
    assert_eq!(missing(&store).await, [name(scope, 3)]);
    keep(&store, scope, 3).await;
    assert_eq!(outgoing(&store).await.cursors, [at(scope, 90)]);
    // All of it is there already.
    let again = snapshot(at(scope, 91), &[0, 1]);
    save(&store, again).await;
    assert_eq!(missing(&store).await, []);
    assert_eq!(outgoing(&store).await.cursors, [at(scope, 91)]);
}

async fn what_a_later_snapshot_does_not_hold_goes_with_its_last_chunk(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1])).await;
    keep(&store, scope, 1).await;
    let row = from_server(session(scope, 500), "Өшірілген", NOON_MS);
    save(&store, news(scope, 71, vec![row])).await;
    store.forget_snapshot(name(scope, 0)).await.expect("done");
    // What was deleted since is in no snapshot, and no tombstone comes for it.
    save(&store, snapshot(at(scope, 90), &[0])).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 11, "visible as long as it lasts");
    }
    let asked = outgoing(&store).await.cursors;
    keep(&store, scope, 0).await;
    let nothing_more = SavePlan {
        asked,
        ..SavePlan::default()
    };
    save(&store, nothing_more).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 10);
        assert_eq!(outgoing(store).await.changes, []);
    }
}

async fn a_forgotten_snapshot_is_asked_for_anew(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, snapshot(at(scope, 70), &[0, 1])).await;
    // Another one: this chunk says nothing of ours.
    store.forget_snapshot(name(scope, 8)).await.expect("done");
    assert_eq!(missing(&store).await.len(), 2);
    store.forget_snapshot(name(scope, 1)).await.expect("done");
    assert_eq!(missing(&store).await, []);
    assert_eq!(outgoing(&store).await.cursors, []);
}

async fn a_chunk_that_came_along_is_not_missing(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let mut plan = snapshot(at(scope, 70), &[0, 1]);
    let along = |number| {
        (
            name(scope, number),
            page::encode(scope, &content(scope, number)),
        )
    };
    plan.chunks = vec![along(0), along(7)];
    save(&store, plan).await;
    assert_eq!(missing(&store).await, [name(scope, 1)]);
    assert_eq!(database.open().await.replica().len(), 10);
}

async fn urgent_chunks_of_all_scopes_come_first(database: &Database) {
    let (one, two) = (programme(1), programme(2));
    let store = database.open().await;
    save(&store, snapshot(at(one, 70), &[0, 1])).await;
    save(&store, snapshot(at(two, 70), &[5, 6])).await;
    let wanted = [name(one, 0), name(two, 5), name(one, 1), name(two, 6)];
    assert_eq!(missing(&store).await, wanted);
    let many: Vec<u32> = (0..100).collect();
    let other = Database::in_memory().open().await;
    save(&other, snapshot(at(one, 70), &many)).await;
    assert_eq!(missing(&other).await.len(), 32);
}

async fn own_changes_lie_on_top_of_chunks(database: &Database) {
    let scope = programme(1);
    let key = session(scope, 3);
    let store = database.open().await;
    commit(&store, vec![write(key, "Менікі")], NOON_MS + 1).await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    save(&store, snapshot(at(scope, 70), &[0])).await;
    keep(&store, scope, 0).await;
    assert_eq!(text(&store, &key).as_deref(), Some("Менікі"));
    assert!(store.replica().is_waiting(&key));
    let sent = ids(&outgoing(&store).await);
    save(&store, accepted(&sent)).await;
    for store in [store, database.open().await] {
        assert_eq!(text(&store, &key).as_deref(), Some("Менікі"));
        assert_eq!(store.replica().len(), 11);
    }
}
