//! What a backend owes the store.

use keruen_app::store::{Backend, Durability, StoreError, Table, Transaction};

use crate::harness::{Database, on_every_backend};

on_every_backend!(
    a_commit_makes_all_of_it_so,
    dropped_it_leaves_no_trace,
    it_reads_its_own_writes,
    get_many_keeps_the_order_of_the_keys,
    many_values_come_as_few_do,
    many_deletions_take_their_keys_and_no_other,
    keys_and_values_come_in_the_order_of_the_keys,
    a_prefix_takes_its_keys_and_no_other,
    a_second_put_replaces_the_first,
    tables_are_apart,
    bytes_come_back_as_they_were,
    reading_writes_nothing,
    only_named_tables_are_open,
);

async fn begin<'a>(backend: &'a Backend, tables: &[Table]) -> Transaction<'a> {
    let begun = backend.begin(tables, Durability::Strict).await;
    begun.expect("a transaction")
}

fn put(transaction: &Transaction<'_>, key: &str, value: &str) {
    let put = transaction.put(Table::Rows, key, value.as_bytes());
    put.expect("a put");
}

/// Writes these rows, each with its key as its value.
async fn fill(backend: &Backend, keys: &[&str]) {
    let transaction = begin(backend, &[Table::Rows]).await;
    for key in keys {
        put(&transaction, key, key);
    }
    transaction.commit().await.expect("a commit");
}

async fn rows(backend: &Backend) -> Vec<String> {
    let transaction = begin(backend, &[Table::Rows]).await;
    transaction.keys(Table::Rows).await.expect("keys")
}

async fn a_commit_makes_all_of_it_so(database: &Database) {
    let backend = database.backend().await;
    let transaction = begin(&backend, &[Table::Rows, Table::Meta]).await;
    put(&transaction, "one", "1");
    transaction
        .put(Table::Meta, "two", b"2")
        .expect("another put");
    transaction.commit().await.expect("a commit");
    let found: Vec<_> = database.dump().await.into_iter().collect();
    let meta = (("meta", "two".to_owned()), b"2".to_vec());
    let row = (("rows", "one".to_owned()), b"1".to_vec());
    assert_eq!(found, [meta, row]);
}

async fn dropped_it_leaves_no_trace(database: &Database) {
    let backend = database.backend().await;
    fill(&backend, &["old"]).await;
    {
        let transaction = begin(&backend, &[Table::Rows]).await;
        put(&transaction, "new", "new");
        put(&transaction, "old", "changed");
        transaction.delete(Table::Rows, "old").expect("a delete");
        assert_eq!(transaction.keys(Table::Rows).await, Ok(vec!["new".into()]));
    }
    let dump = database.dump().await;
    assert_eq!(dump.into_values().collect::<Vec<_>>(), [b"old".to_vec()]);
}

async fn it_reads_its_own_writes(database: &Database) {
    let backend = database.backend().await;
    fill(&backend, &["a", "b"]).await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    put(&transaction, "c", "3");
    transaction.delete(Table::Rows, "a").expect("a delete");
    let found = transaction.get(Table::Rows, "c").await;
    assert_eq!(found, Ok(Some(b"3".to_vec())));
    assert_eq!(transaction.get(Table::Rows, "a").await, Ok(None));
    let all = transaction.all(Table::Rows).await;
    assert_eq!(all, Ok(vec![b"b".to_vec(), b"3".to_vec()]));
}

async fn get_many_keeps_the_order_of_the_keys(database: &Database) {
    let backend = database.backend().await;
    fill(&backend, &["a", "b", "c"]).await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    let keys = ["c", "none", "a", "c"].map(str::to_owned);
    let found = transaction.get_many(Table::Rows, &keys).await;
    let (a, c) = (Some(b"a".to_vec()), Some(b"c".to_vec()));
    assert_eq!(found, Ok(vec![c.clone(), None, a, c]));
    assert_eq!(transaction.get_many(Table::Rows, &[]).await, Ok(vec![]));
}

async fn many_values_come_as_few_do(database: &Database) {
    let backend = database.backend().await;
    let number = |number: usize| format!("{number:04}");
    let stored: Vec<String> = (0..400).map(number).collect();
    fill(
        &backend,
        &stored.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    // Side by side, scattered, mostly missing; unordered and twice.
    for step in [1, 3, 7, 40] {
        let mut keys: Vec<String> = (0..60).map(|place| number(place * step)).collect();
        keys.swap(3, 50);
        keys.push(keys[7].clone());
        let found = transaction.get_many(Table::Rows, &keys).await;
        let expected = keys.iter().map(|key| {
            let is_there = stored.contains(key);
            is_there.then(|| key.clone().into_bytes())
        });
        assert_eq!(found, Ok(expected.collect()), "every {step}th");
    }
}

async fn many_deletions_take_their_keys_and_no_other(database: &Database) {
    for step in [1, 2, 9] {
        let backend = database.backend().await;
        let number = |number: usize| format!("{step}/{number:04}");
        let stored: Vec<String> = (0..300).map(number).collect();
        fill(
            &backend,
            &stored.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .await;
        // Some of these are not there.
        let leaving: Vec<String> = (100..240).map(|place| number(place * step)).collect();
        let transaction = begin(&backend, &[Table::Rows]).await;
        let deleted = transaction.delete_many(Table::Rows, &leaving).await;
        assert_eq!(deleted, Ok(()));
        transaction.commit().await.expect("a commit");
        let left: Vec<String> = stored
            .into_iter()
            .filter(|key| !leaving.contains(key))
            .collect();
        let found = rows(&backend).await;
        let found: Vec<String> = found
            .into_iter()
            .filter(|key| key.starts_with(&format!("{step}/")))
            .collect();
        assert_eq!(found, left, "every {step}th");
    }
}

async fn keys_and_values_come_in_the_order_of_the_keys(database: &Database) {
    let backend = database.backend().await;
    fill(&backend, &["b", "a/2", "a#1", "a", "B", "0010", "0009"]).await;
    let sorted = ["0009", "0010", "B", "a", "a#1", "a/2", "b"];
    assert_eq!(rows(&backend).await, sorted);
    let transaction = begin(&backend, &[Table::Rows]).await;
    let first = transaction.first(Table::Rows, 3).await.expect("values");
    assert_eq!(first, [b"0009".to_vec(), b"0010".to_vec(), b"B".to_vec()]);
}

async fn a_prefix_takes_its_keys_and_no_other(database: &Database) {
    let backend = database.backend().await;
    fill(
        &backend,
        &["a", "own", "own/", "own/note/1", "own0", "owner/note/1"],
    )
    .await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    put(&transaction, "own/note/2", "written a moment ago");
    transaction
        .delete_prefix(Table::Rows, "own/")
        .expect("a delete");
    put(&transaction, "own/note/3", "written afterwards");
    transaction.commit().await.expect("a commit");
    let left = ["a", "own", "own/note/3", "own0", "owner/note/1"];
    assert_eq!(rows(&backend).await, left);
}

async fn a_second_put_replaces_the_first(database: &Database) {
    let backend = database.backend().await;
    fill(&backend, &["key"]).await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    put(&transaction, "key", "second");
    put(&transaction, "key", "third");
    transaction.commit().await.expect("a commit");
    let values: Vec<_> = database.dump().await.into_values().collect();
    assert_eq!(values, [b"third".to_vec()]);
}

async fn tables_are_apart(database: &Database) {
    let backend = database.backend().await;
    let transaction = begin(&backend, &Table::ALL).await;
    for table in Table::ALL {
        let put = transaction.put(table, "key", table.name().as_bytes());
        put.expect("a put");
    }
    transaction.delete(Table::Rows, "key").expect("a delete");
    transaction.commit().await.expect("a commit");
    let dump = database.dump().await;
    assert_eq!(dump.len(), Table::ALL.len() - 1);
    for ((table, _), value) in dump {
        assert_eq!(table.as_bytes(), value);
    }
}

async fn bytes_come_back_as_they_were(database: &Database) {
    let backend = database.backend().await;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let large = vec![0xa5; 2_000_000];
    let values = [Vec::new(), every_byte, large];
    let transaction = begin(&backend, &[Table::Files]).await;
    for (number, value) in values.iter().enumerate() {
        let put = transaction.put(Table::Files, &number.to_string(), value);
        put.expect("a put");
    }
    transaction.commit().await.expect("a commit");
    let found: Vec<_> = database.dump().await.into_values().collect();
    assert!(found == values, "some bytes came back changed");
}

async fn reading_writes_nothing(database: &Database) {
    let backend = database.backend().await;
    let reading = backend.begin(&[Table::Rows], Durability::ReadOnly).await;
    let reading = reading.expect("a transaction");
    let refused = reading.put(Table::Rows, "key", b"value");
    assert_eq!(refused, Err(StoreError::Failed("ReadOnlyError".into())));
    let refused = reading.delete(Table::Rows, "key");
    assert_eq!(refused, Err(StoreError::Failed("ReadOnlyError".into())));
    drop(reading);
    assert!(database.dump().await.is_empty());
}

async fn only_named_tables_are_open(database: &Database) {
    let backend = database.backend().await;
    let transaction = begin(&backend, &[Table::Rows]).await;
    let elsewhere = Err(StoreError::Failed("NotFoundError".into()));
    assert_eq!(transaction.put(Table::Meta, "key", b"value"), elsewhere);
    assert_eq!(transaction.delete_prefix(Table::Meta, "key"), elsewhere);
    let asked = transaction.get(Table::Meta, "key").await;
    assert_eq!(asked.map(drop), elsewhere);
    let asked = transaction.keys(Table::Meta).await;
    assert_eq!(asked.map(drop), elsewhere);
}
