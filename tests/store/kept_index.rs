//! The search index that is kept, and the numbers by which it is compared with what the phone holds.

use std::rc::Rc;

use keruen_app::store::{KeptIndex, Store, Table};
use keruen_domain::{Collection, Record, RecordKey, ScopeId};

use crate::harness::{
    Database, NOON_MS, accepted, commit, from_server, ids, news, note, on_every_backend, outgoing,
    programme, save, session, write,
};

on_every_backend!(
    what_was_kept_is_there_after_opening_again,
    a_whole_takes_the_place_of_the_changes,
    it_is_in_no_backup_and_tells_nobody,
    a_record_has_one_number_wherever_it_lies,
    the_number_of_a_record_is_another_after_every_edit,
    of_a_copy_and_its_original_the_original_counts,
    what_is_gone_has_no_number,
);

fn kept(sealed: &[u8], changes: Option<&[u8]>) -> Result<KeptIndex, keruen_app::store::StoreError> {
    Ok(KeptIndex {
        sealed: Some(sealed.to_vec()),
        changes: changes.map(<[u8]>::to_vec),
    })
}

async fn what_was_kept_is_there_after_opening_again(database: &Database) {
    let store = database.open().await;
    assert_eq!(store.kept_index().await, Ok(KeptIndex::default()));
    store.keep_index(b"all of it").await.expect("kept");
    store.keep_index_changes(b"some").await.expect("kept");
    store.keep_index_changes(b"more").await.expect("kept");
    for store in [store, database.open().await] {
        assert_eq!(store.kept_index().await, kept(b"all of it", Some(b"more")));
    }
}

async fn a_whole_takes_the_place_of_the_changes(database: &Database) {
    let store = database.open().await;
    store.keep_index(b"all of it").await.expect("kept");
    store.keep_index_changes(b"some").await.expect("kept");
    store.keep_index(b"all anew").await.expect("kept");
    assert_eq!(store.kept_index().await, kept(b"all anew", None));
    assert_eq!(database.count(Table::Search).await, 1);
}

async fn it_is_in_no_backup_and_tells_nobody(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Қоңырау")], NOON_MS).await;
    let before = store.backup(Vec::new(), NOON_MS).await;
    let heard = crate::harness::notices(&store);
    store.keep_index(b"all of it").await.expect("kept");
    assert_eq!(store.backup(Vec::new(), NOON_MS).await, before);
    assert!(heard.borrow().is_empty());
}

/// The number of a record, which is the same asked for alone and among all.
fn number(store: &Rc<Store>, key: &RecordKey) -> Option<(RecordKey, u64)> {
    let replica = store.replica();
    let one = replica.fingerprint(key.collection, key.id);
    let mut all = replica.fingerprints(key.collection);
    let among_all = all.find(|(of, _)| of.id == key.id);
    assert_eq!(one, among_all);
    one
}

async fn a_record_has_one_number_wherever_it_lies(database: &Database) {
    let store = database.open().await;
    let key = note(1);
    commit(&store, vec![write(key, "Қоңырау")], NOON_MS).await;
    let waiting = number(&store, &key);
    assert_eq!(waiting.map(|(of, _)| of), Some(key));
    assert_eq!(number(&database.open().await, &key), waiting);
    // Acknowledged, and then among many in a page.
    let sent = ids(&outgoing(&store).await);
    save(&store, accepted(&sent)).await;
    assert_eq!(number(&store, &key), waiting);
    assert_eq!(number(&database.open().await, &key), waiting);
    let said = store.replica().get(&key).expect("a note");
    let many = (2..66).map(|number| from_server(note(number), "Басқа", NOON_MS));
    let many: Vec<Record> = many.chain([Record::clone(&said)]).collect();
    let other = Database::in_memory().open().await;
    save(&other, news(ScopeId::OWN, 65, many)).await;
    assert_eq!(number(&other, &key), waiting, "not read");
    assert!(other.replica().get(&key).is_some());
    assert_eq!(number(&other, &key), waiting, "read");
}

async fn the_number_of_a_record_is_another_after_every_edit(database: &Database) {
    let store = database.open().await;
    let key = note(1);
    let mut known = Vec::new();
    for words in ["Қоңырау", "Қоңырау.", "Қоңырау"] {
        commit(&store, vec![write(key, words)], NOON_MS).await;
        let number = number(&store, &key).expect("a number");
        assert!(!known.contains(&number), "{words}");
        known.push(number);
    }
    let last = number(&database.open().await, &key);
    assert_eq!(last.as_ref(), known.last());
}

async fn of_a_copy_and_its_original_the_original_counts(database: &Database) {
    let store = database.open().await;
    let original = session(programme(1), 1);
    let copy = session(ScopeId::OWN, 1);
    commit(&store, vec![write(copy, "Көшірме")], NOON_MS).await;
    assert_eq!(number(&store, &copy).map(|(of, _)| of), Some(copy));
    let said = from_server(original, "Түпнұсқа", NOON_MS);
    save(&store, news(programme(1), 1, vec![said])).await;
    for store in [store, database.open().await] {
        assert_eq!(number(&store, &copy).map(|(of, _)| of), Some(original));
        let replica = store.replica();
        assert_eq!(replica.fingerprints(Collection::SESSION).count(), 1);
    }
}

async fn what_is_gone_has_no_number(database: &Database) {
    let store = database.open().await;
    let key = session(programme(1), 1);
    assert_eq!(number(&store, &key), None);
    let said = from_server(key, "Бумадан", NOON_MS);
    let received = store.receive(vec![said], NOON_MS, NOON_MS).await;
    assert_eq!(received, Ok(1));
    assert!(number(&store, &key).is_some());
    store.remove_received(programme(1)).await.expect("removed");
    assert_eq!(number(&store, &key), None);
}
