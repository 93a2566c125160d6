//! Bytes that cannot be read, and databases that go away.

use keruen_app::store::{Durability, IndexedDb, StoreError, Table};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Record, Refusal, ScopeId};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{
    Database, NOON_MS, accepted, commit, from_server, ids, news, note, on_every_backend, outgoing,
    programme, save, session, text, write,
};

on_every_backend!(
    what_cannot_be_read_is_set_aside,
    what_was_lost_is_fetched_again,
    a_text_that_cannot_be_read_is_found_when_it_is_quiet,
    refused_and_postponed_changes_are_not_lost_in_silence,
    a_cursor_that_cannot_be_read_is_none,
    a_row_that_cannot_be_read_does_not_stop_an_answer,
    a_device_that_does_not_know_its_name_takes_another_and_keeps_all_that_waits,
);

/// Not of any form.
const GARBAGE: &[u8] = &[0xff, 0xff, 0xff];

async fn what_cannot_be_read_is_set_aside(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let many: Vec<Record> = (0..300)
        .map(|number| from_server(session(scope, number), "Дәріс", NOON_MS))
        .collect();
    save(&store, news(scope, 1, many)).await;
    let rows = vec![
        from_server(session(scope, 500), "Ашылу", NOON_MS),
        from_server(session(scope, 501), "Жабылу", NOON_MS),
    ];
    save(&store, news(scope, 2, rows)).await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    commit(&store, vec![write(note(2), "Нан")], NOON_MS).await;

    let dump = database.dump().await;
    let key = |table: Table, position: usize| {
        let mut keys = dump.keys().filter(|(of, _)| *of == table.name());
        keys.nth(position).expect("a value").1.clone()
    };
    // Truncated, empty, and of a form that is not known.
    let page = key(Table::Pages, 0);
    let whole = &dump[&("pages", page.clone())];
    let truncated = &whole[..whole.len() / 2];
    database.put(Table::Pages, &page, truncated).await;
    let row = key(Table::Rows, 0);
    database.put(Table::Rows, &row, &[]).await;
    let entry = key(Table::Outbox, 0);
    database.put(Table::Outbox, &entry, GARBAGE).await;

    let found = database.find().await;
    assert_eq!(found.set_aside, 3);
    let store = found.store;
    assert_eq!(store.replica().len(), 50 + 1 + 1, "the others are intact");
    assert_eq!(text(&store, &session(scope, 299)).as_deref(), Some("Дәріс"));
    assert_eq!(text(&store, &note(2)).as_deref(), Some("Нан"));
    assert_eq!(outgoing(&store).await.changes.len(), 1);
    let after = database.dump().await;
    let aside = |name: String| after.get(&("set_aside", name)).map(Vec::as_slice);
    assert_eq!(aside(format!("pages:{page}")), Some(truncated));
    assert_eq!(aside(format!("rows:{row}")), Some(&[][..]));
    assert_eq!(aside(format!("outbox:{entry}")), Some(GARBAGE));
    assert_eq!(database.find().await.set_aside, 0, "set aside once");
}

async fn a_device_that_does_not_know_its_name_takes_another_and_keeps_all_that_waits(
    database: &Database,
) {
    let store = database.open().await;
    let before = store.device();
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    commit(&store, vec![write(note(2), "Нан")], NOON_MS).await;
    for key in ["device", "frozen"] {
        database.put(Table::Meta, key, GARBAGE).await;
    }
    let found = database.find().await;
    assert_eq!(found.set_aside, 2);
    let store = found.store;
    assert_ne!(store.device(), before);
    // A phone whose clock went back; an edit of what was sent is a change of its own.
    commit(&store, vec![write(note(1), "Сүт")], NOON_MS - 9).await;
    commit(&store, vec![write(note(3), "Май")], NOON_MS - 9).await;
    let again = database.open().await;
    let waiting = ids(&outgoing(&again).await);
    assert_eq!(waiting.len(), 4);
    assert_eq!(waiting[..1], sent);
    let words = [1, 2, 3].map(|number| text(&again, &note(number)));
    assert_eq!(
        words,
        ["Сүт", "Нан", "Май"].map(|word| Some(word.to_owned()))
    );
    assert_eq!(database.count(Table::SetAside).await, 2);
}

/// A page whose structure is whole and whose text is not.
async fn a_text_that_cannot_be_read_is_found_when_it_is_quiet(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let many: Vec<Record> = (0..100)
        .map(|number| from_server(session(scope, number), "Lecture", NOON_MS))
        .collect();
    save(&store, news(scope, 1, many)).await;
    let dump = database.dump().await;
    let (key, mut page) = dump
        .into_iter()
        .find_map(|((table, key), page)| (table == Table::Pages.name()).then_some((key, page)))
        .expect("a page");
    let text_at = page
        .windows(7)
        .position(|window| window == b"Lecture")
        .expect("the text");
    page[text_at] = 0xff;
    database.put(Table::Pages, &key, &page).await;

    let found = database.find().await;
    assert_eq!(found.set_aside, 0, "opening looks at the structure");
    let store = found.store;
    assert_eq!(text(&store, &session(scope, 0)), None);
    assert_eq!(text(&store, &session(scope, 1)).as_deref(), Some("Lecture"));
    while store.look_through_a_page() {}
    assert_eq!(store.set_damage_aside().await, Ok(1));
    assert_eq!(store.set_damage_aside().await, Ok(0), "once");
    assert_eq!(outgoing(&store).await.cursors, [], "it is fetched again");
    assert_eq!(database.count(Table::SetAside).await, 1);
}

async fn what_was_lost_is_fetched_again(database: &Database) {
    let store = database.open().await;
    let record = from_server(session(programme(1), 1), "Ашылу", NOON_MS);
    save(&store, news(programme(1), 1, vec![record])).await;
    assert_eq!(outgoing(&store).await.cursors.len(), 1);
    let dump = database.dump().await;
    let row = dump.keys().find(|(table, _)| *table == "rows");
    database
        .put(Table::Rows, &row.expect("a row").1, GARBAGE)
        .await;
    let found = database.find().await;
    assert_eq!(found.set_aside, 1);
    // Without a cursor the server sends the scope from its beginning.
    assert_eq!(outgoing(&found.store).await.cursors, []);
}

async fn refused_and_postponed_changes_are_not_lost_in_silence(database: &Database) {
    let store = database.open().await;
    drop(store);
    database.put(Table::Attention, "one", GARBAGE).await;
    database.put(Table::Postponed, "two", GARBAGE).await;
    let found = database.find().await;
    assert_eq!(found.set_aside, 2);
    assert_eq!(found.store.attention().await, Ok(vec![]));
    assert_eq!(database.count(Table::SetAside).await, 2);
}

async fn a_cursor_that_cannot_be_read_is_none(database: &Database) {
    let store = database.open().await;
    save(&store, news(programme(1), 1, vec![])).await;
    let scope = programme(1).to_string();
    database.put(Table::Cursors, &scope, GARBAGE).await;
    assert_eq!(outgoing(&store).await.cursors, []);
    save(&store, news(programme(1), 2, vec![])).await;
    assert_eq!(outgoing(&store).await.cursors.len(), 1);
}

async fn a_row_that_cannot_be_read_does_not_stop_an_answer(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    let key = format!("own/note/{}", note(1).id);
    database.put(Table::Rows, &key, GARBAGE).await;
    save(&store, accepted(&sent)).await;
    let again = database.open().await;
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Су"));
    assert_eq!(database.count(Table::SetAside).await, 1);
}

/// The browser's own handle on a database, for what the store never does.
fn raw_request(name: &str, version: Option<u32>) -> web_sys::IdbOpenDbRequest {
    let factory = web_sys::window()
        .and_then(|window| window.indexed_db().ok().flatten())
        .expect("IndexedDB");
    match version {
        Some(version) => factory.open_with_u32(name, version),
        None => factory.delete_database(name),
    }
    .expect("a request")
}

/// Waits for a request to succeed.
async fn done(request: &web_sys::IdbOpenDbRequest) {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    let waited = wasm_bindgen_futures::JsFuture::from(promise).await;
    waited.expect("the request succeeds");
}

fn name_of(database: &Database) -> &str {
    match database {
        Database::InBrowser(name) => name,
        Database::InMemory(_) => unreachable!("only browsers have names for databases"),
    }
}

#[wasm_bindgen_test]
async fn a_database_that_is_deleted_under_an_open_store_is_made_anew_with_all_that_waits() {
    let database = Database::in_browser();
    let store = database.open().await;
    store.set_token(Some("key".into())).await.expect("a token");
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    commit(&store, vec![write(note(2), "Нан")], NOON_MS).await;
    let refusal = SavePlan {
        refused: vec![(sent[0], Refusal::TooLarge)],
        ..SavePlan::default()
    };
    save(&store, refusal).await;
    store.attention().await.expect("the refused change");
    save(&store, news(ScopeId::OWN, 1, vec![])).await;
    done(&raw_request(name_of(&database), None)).await;

    commit(&store, vec![write(note(3), "Тұз")], NOON_MS).await;
    let again = database.open().await;
    assert_eq!(again.device(), store.device(), "the same device");
    assert_eq!(again.token().as_deref(), Some("key"));
    assert_eq!(text(&again, &note(2)).as_deref(), Some("Нан"));
    assert_eq!(text(&again, &note(3)).as_deref(), Some("Тұз"));
    assert_eq!(again.attention().await.expect("the list").len(), 1);
    let outgoing = outgoing(&again).await;
    assert_eq!(outgoing.changes.len(), 2);
    assert_eq!(outgoing.cursors, [], "the server sends everything again");
}

#[wasm_bindgen_test]
async fn an_answer_to_a_request_from_before_the_deletion_settles_what_was_sent_and_no_more() {
    let database = Database::in_browser();
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    done(&raw_request(name_of(&database), None)).await;
    commit(&store, vec![write(note(1), "Су мен нан")], NOON_MS + 1).await;
    save(&store, accepted(&sent)).await;
    let again = database.open().await;
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Су мен нан"));
    assert_eq!(
        outgoing(&again).await.changes.len(),
        1,
        "the later text waits"
    );
}

#[wasm_bindgen_test]
async fn an_opening_that_another_tab_holds_up_ends_with_an_error() {
    const PATIENCE_MS: u32 = 50;
    let database = Database::in_browser();
    let name = name_of(&database);
    let holder = raw_request(name, Some(1));
    done(&holder).await;
    let held = holder.result().expect("an open database");
    // Waits until the holder closes, and whoever wants to open it waits behind.
    let _deletion = raw_request(name, None);
    let opened = IndexedDb::open_within(name, PATIENCE_MS).await;
    assert_eq!(opened.err(), Some(StoreError::Blocked));
    let held: web_sys::IdbDatabase = wasm_bindgen::JsCast::unchecked_into(held);
    held.close();
    // The opening that was given up went on, and made a whole database.
    assert_eq!(database.open().await.replica().len(), 0);
}

#[wasm_bindgen_test]
async fn a_handle_that_the_browser_closed_is_opened_again() {
    let database = Database::in_browser();
    let backend = database.backend().await;
    done(&raw_request(name_of(&database), None)).await;
    let transaction = backend
        .begin(&[Table::Rows], Durability::Strict)
        .await
        .expect("a transaction on a new handle");
    transaction
        .put(Table::Rows, "key", b"value")
        .expect("a put");
    transaction.commit().await.expect("a commit");
    assert_eq!(database.count(Table::Rows).await, 1);
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let database = Database::in_browser();
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let newer = raw_request(name_of(&database), Some(1_000));
    done(&newer).await;
    let refused = store.commit(vec![write(note(1), "Суу")], NOON_MS).await;
    assert_eq!(refused, Err(StoreError::Newer));
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су"));
    let opened = IndexedDb::open(name_of(&database)).await;
    assert_eq!(opened.err(), Some(StoreError::Newer));
}
