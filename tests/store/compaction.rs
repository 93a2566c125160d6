//! Single records that piled up move into pages, and nobody sees it.

use keruen_app::store::{Store, Table};
use keruen_domain::protocol::v2::{RereadReason, ScopeReread};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Collection, Record, RecordKey, ScopeId};

use crate::harness::{
    Database, NOON_MS, accepted, all_texts, at, commit, from_server, ids, news, note,
    on_every_backend, outgoing, programme, save, session, text, write, write_unseeing,
};

on_every_backend!(
    many_rows_become_pages_and_say_the_same,
    few_rows_stay,
    what_is_in_pages_is_merged_into_one_place,
    a_page_that_comes_again_takes_nothing_away,
    own_changes_stay_on_top,
    a_scope_that_is_read_anew_is_left_alone,
    damage_is_left_alone,
    a_tab_that_heard_of_nothing_keeps_what_was_moved,
    a_tab_that_moves_what_it_had_not_heard_of_knows_it,
);

/// News of a few records at a time, which become rows.
async fn pile_up(store: &Store, records: &[Record]) {
    for (part, records) in records.chunks(50).enumerate() {
        let sequence = 100 + part as u64;
        save(store, news(programme(1), sequence, records.to_vec())).await;
    }
}

fn sessions(count: u32, text: &str, unix_ms: u64) -> Vec<Record> {
    (0..count)
        .map(|number| from_server(session(programme(1), number), text, unix_ms))
        .collect()
}

async fn compact(store: &Store) -> usize {
    let mut steps = 0;
    for scope in store.scopes_to_compact().await.expect("scopes") {
        while store.compact_a_step(scope).await.expect("a step") {
            steps += 1;
        }
    }
    steps
}

fn texts(store: &Store, count: u32) -> Vec<Option<String>> {
    (0..count)
        .map(|number| text(store, &session(programme(1), number)))
        .collect()
}

async fn many_rows_become_pages_and_say_the_same(database: &Database) {
    let store = database.open().await;
    pile_up(&store, &sessions(600, "Дәріс", NOON_MS)).await;
    assert_eq!(database.count(Table::Rows).await, 600);
    let sums = store.sum_up(async || ()).await.expect("sums");
    assert_eq!(compact(&store).await, 3);
    assert_eq!(database.count(Table::Rows).await, 0);
    assert_eq!(database.count(Table::Pages).await, 3);
    assert_eq!(store.sum_up(async || ()).await.expect("sums"), sums);
    for store in [store, database.open().await] {
        assert_eq!(texts(&store, 600), vec![Some("Дәріс".to_owned()); 600]);
    }
}

async fn few_rows_stay(database: &Database) {
    let store = database.open().await;
    pile_up(&store, &sessions(200, "Дәріс", NOON_MS)).await;
    let before = database.dump().await;
    assert_eq!(compact(&store).await, 0);
    assert_eq!(database.dump().await, before);
}

async fn what_is_in_pages_is_merged_into_one_place(database: &Database) {
    let store = database.open().await;
    // The same records twice in pages, then most of them once more as rows.
    for sequence in [1, 2] {
        let records = sessions(500, "Ескі", NOON_MS + sequence);
        save(&store, news(programme(1), sequence, records)).await;
    }
    pile_up(&store, &sessions(400, "Жаңа", NOON_MS + 9)).await;
    let sums = store.sum_up(async || ()).await.expect("sums");
    compact(&store).await;
    assert_eq!(database.count(Table::Rows).await, 0);
    assert_eq!(store.sum_up(async || ()).await.expect("sums"), sums);
    let again = database.open().await;
    assert_eq!(again.replica().len(), 500);
    for number in 0..500 {
        let expected = if number < 400 { "Жаңа" } else { "Ескі" };
        let key = session(programme(1), number);
        assert_eq!(text(&again, &key).as_deref(), Some(expected));
    }
}

async fn a_page_that_comes_again_takes_nothing_away(database: &Database) {
    let store = database.open().await;
    let first = news(programme(1), 1, sessions(300, "Ескі", NOON_MS));
    save(&store, first.clone()).await;
    pile_up(&store, &sessions(300, "Жаңа", NOON_MS + 9)).await;
    compact(&store).await;
    save(&store, first).await;
    let again = database.open().await;
    assert_eq!(texts(&again, 300), vec![Some("Жаңа".to_owned()); 300]);
}

async fn own_changes_stay_on_top(database: &Database) {
    let store = database.open().await;
    let key = session(programme(1), 7);
    pile_up(&store, &sessions(300, "Дәріс", NOON_MS)).await;
    commit(&store, vec![write(key, "Менікі")], NOON_MS + 1).await;
    compact(&store).await;
    assert_eq!(text(&store, &key).as_deref(), Some("Менікі"));
    let again = database.open().await;
    assert_eq!(text(&again, &key).as_deref(), Some("Менікі"));
    let changes = ids(&outgoing(&again).await);
    assert_eq!(changes.len(), 1);
    let refused: SavePlan = SavePlan {
        refused: vec![(changes[0], keruen_domain::Refusal::RoleDoesNotAllow)],
        ..SavePlan::default()
    };
    save(&again, refused).await;
    assert_eq!(text(&again, &key).as_deref(), Some("Дәріс"));
    // What is accepted is a row again, over its page.
    commit(&again, vec![write(key, "Тағы")], NOON_MS + 2).await;
    let changes = ids(&outgoing(&again).await);
    save(&again, accepted(&changes)).await;
    let again = database.open().await;
    assert_eq!(text(&again, &key).as_deref(), Some("Тағы"));
}

async fn a_scope_that_is_read_anew_is_left_alone(database: &Database) {
    let store = database.open().await;
    pile_up(&store, &sessions(300, "Дәріс", NOON_MS)).await;
    let scope = programme(1);
    let anew = SavePlan {
        reread: vec![ScopeReread {
            scope,
            reason: RereadReason::OtherHistory,
        }],
        records: sessions(10, "Дәріс", NOON_MS),
        cursors: vec![at(scope, 1)],
        more: true,
        ..SavePlan::default()
    };
    save(&store, anew).await;
    let before = database.dump().await;
    assert_eq!(store.compact_a_step(scope).await, Ok(false));
    assert_eq!(database.dump().await, before);
}

async fn damage_is_left_alone(database: &Database) {
    let store = database.open().await;
    pile_up(&store, &sessions(300, "Дәріс", NOON_MS)).await;
    let key: RecordKey = session(programme(1), 3);
    let row = format!("{}/{}/{}", key.scope, key.collection, key.id);
    database.put(Table::Rows, &row, b"?").await;
    let before = database.dump().await;
    assert_eq!(compact(&store).await, 0);
    assert_eq!(database.dump().await, before);
}

/// A note of this device that the server has, in a row among many. `other` knows nothing of it.
async fn settled_among_many(one: &Store) {
    commit(one, vec![write_unseeing(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(one).await);
    let mut plan = accepted(&sent);
    plan.cursors = vec![at(ScopeId::OWN, 1)];
    save(one, plan).await;
    for part in 0..6 {
        let notes = (part * 50..part * 50 + 50).map(|number| {
            let mut key = session(ScopeId::OWN, number);
            key.collection = Collection::NOTE;
            from_server(key, "Нан", NOON_MS)
        });
        let sequence = 2 + u64::from(part);
        save(one, news(ScopeId::OWN, sequence, notes.collect())).await;
    }
}

async fn both_texts_stand(database: &Database) {
    let again = database.open().await;
    assert_eq!(all_texts(&again, &note(1)), ["Май", "Су"]);
}

async fn a_tab_that_heard_of_nothing_keeps_what_was_moved(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    settled_among_many(&one).await;
    assert!(compact(&one).await > 0);
    commit(&other, vec![write_unseeing(note(1), "Май")], NOON_MS).await;
    both_texts_stand(database).await;
}

async fn a_tab_that_moves_what_it_had_not_heard_of_knows_it(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    settled_among_many(&one).await;
    assert!(compact(&other).await > 0);
    commit(&other, vec![write_unseeing(note(1), "Май")], NOON_MS).await;
    both_texts_stand(database).await;
}
