//! Records that arrive by the hundred become sealed pages.

use keruen_app::store::Table;
use keruen_domain::sync::SavePlan;
use keruen_domain::{Record, ScopeId};

use crate::harness::{
    Database, NOON_MS, at, commit, from_server, news, on_every_backend, programme, save, session,
    shown, text, write,
};

on_every_backend!(
    few_are_rows_and_many_are_pages,
    pages_read_back_as_they_came,
    a_row_over_a_page_counts,
    a_repeated_page_takes_no_more_room,
    scopes_have_pages_of_their_own,
);

fn sessions(scope: ScopeId, count: u32) -> Vec<Record> {
    (0..count)
        .map(|number| from_server(session(scope, number), "Дәріс", NOON_MS))
        .collect()
}

async fn few_are_rows_and_many_are_pages(_: &Database) {
    for (count, rows, pages) in [
        (0, 0, 0),
        (1, 1, 0),
        (63, 63, 0),
        (64, 0, 1),
        (250, 0, 1),
        (251, 0, 2),
        (500, 0, 2),
        (501, 0, 3),
    ] {
        let database = Database::in_memory();
        let store = database.open().await;
        save(&store, news(programme(1), 1, sessions(programme(1), count))).await;
        assert_eq!(database.count(Table::Rows).await, rows, "of {count}");
        assert_eq!(database.count(Table::Pages).await, pages, "of {count}");
    }
}

async fn pages_read_back_as_they_came(database: &Database) {
    let store = database.open().await;
    let records = sessions(programme(1), 1_001);
    save(&store, news(programme(1), 1, records.clone())).await;
    for store in [store, database.open().await] {
        assert_eq!(store.replica().len(), records.len());
        for record in &records {
            assert_eq!(shown(&store, &record.key).as_deref(), Some(record));
        }
    }
}

async fn a_row_over_a_page_counts(database: &Database) {
    let key = session(programme(1), 5);
    let store = database.open().await;
    save(&store, news(programme(1), 1, sessions(programme(1), 100))).await;
    let later = vec![from_server(key, "Басқа бөлме", NOON_MS + 1)];
    save(&store, news(programme(1), 2, later)).await;
    let again = database.open().await;
    assert_eq!(text(&again, &key).as_deref(), Some("Басқа бөлме"));
    commit(&again, vec![write(key, "Менікі")], NOON_MS + 2).await;
    // The old page comes once more; nothing of it is newer.
    save(&again, news(programme(1), 1, sessions(programme(1), 100))).await;
    for store in [again, database.open().await] {
        assert_eq!(text(&store, &key).as_deref(), Some("Менікі"));
        assert_eq!(store.replica().len(), 100);
    }
}

async fn a_repeated_page_takes_no_more_room(database: &Database) {
    let store = database.open().await;
    let page = news(programme(1), 7, sessions(programme(1), 300));
    save(&store, page.clone()).await;
    let before = database.content().await;
    save(&store, page).await;
    assert!(database.content().await == before, "something was written");
    save(&store, news(programme(1), 8, sessions(programme(1), 300))).await;
    assert_eq!(database.count(Table::Pages).await, 4);
}

async fn scopes_have_pages_of_their_own(database: &Database) {
    let store = database.open().await;
    let (one, other) = (programme(1), programme(2));
    let mut records = sessions(one, 64);
    records.extend(sessions(other, 64));
    let plan = SavePlan {
        records,
        cursors: vec![at(one, 1), at(other, 1)],
        ..SavePlan::default()
    };
    save(&store, plan).await;
    assert_eq!(database.count(Table::Pages).await, 2);
    assert_eq!(database.open().await.replica().len(), 128);
}
