//! The stored bytes of every released version: opened, read, and written again as they were.
//!
//! A fixture is a database as that version left it, one value per line: table, key, bytes. When the
//! forms change, the version grows, and [`life`] printed by a failed test is the new fixture; those
//! of released versions stay as they are.

use keruen_app::store::{Store, Table};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Record, Refusal};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{
    Database, Dump, NOON_MS, at, commit, from_server, ids, news, note, on_every_backend, outgoing,
    programme, save, session, shown, text, write,
};

const V1: &str = include_str!("../fixtures/v1-database.txt");

on_every_backend!(version_1_is_read, version_1_is_written_as_it_was,);

/// Everything that can lie in a database.
async fn life(database: &Database) {
    let store = database.open().await;
    let scope = programme(1);
    let many: Vec<Record> = (0..64)
        .map(|number| from_server(session(scope, number), "Дәріс", NOON_MS))
        .collect();
    save(&store, news(scope, 64, many)).await;
    let row = from_server(session(scope, 64), "Ашылу", NOON_MS);
    save(&store, news(scope, 65, vec![row])).await;
    for (number, words) in [(1, "Бас тартылған"), (2, "Түсініксіз"), (3, "Жолда")]
    {
        commit(&store, vec![write(note(number), words)], NOON_MS).await;
    }
    let sent = ids(&outgoing(&store).await);
    let answer = SavePlan {
        refused: vec![(sent[0], Refusal::NotJoined)],
        not_understood: vec![sent[1]],
        clock_offset_ms: -90_000,
        ..SavePlan::default()
    };
    save(&store, answer).await;
    commit(&store, vec![write(note(4), "Жіберілмеген")], NOON_MS).await;
    store
        .keep_file(&"ab".repeat(32), b"%PDF-1.7")
        .await
        .expect("kept");
    let token = Some("a-token-of-an-organiser".to_owned());
    store.set_token(token).await.expect("kept");
    let garbage = [0xff, 0x00];
    database
        .put(Table::SetAside, "rows:own/note/1", &garbage)
        .await;
}

fn parse(fixture: &str) -> Dump {
    let lines = fixture.lines().filter(|line| !line.starts_with('#'));
    lines.map(parse_line).collect()
}

fn parse_line(line: &str) -> ((&'static str, String), Vec<u8>) {
    let mut words = line.split(' ');
    let mut next = || words.next().expect("three words in a line");
    let (table, key, digits) = (next(), next(), next());
    let table = Table::ALL.into_iter().find(|of| of.name() == table);
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("a byte");
    let bytes = (0..digits.len()).step_by(2).map(byte).collect();
    ((table.expect("a table").name(), key.to_owned()), bytes)
}

fn print(dump: &Dump) -> String {
    let line = |((table, key), bytes): (&(&str, String), &Vec<u8>)| {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{table} {key} {digits}\n")
    };
    dump.iter().map(line).collect()
}

async fn restore(database: &Database, fixture: &str) -> Dump {
    let dump = parse(fixture);
    for ((table, key), bytes) in &dump {
        let table = Table::ALL.into_iter().find(|of| of.name() == *table);
        database.put(table.expect("a table"), key, bytes).await;
    }
    dump
}

/// Every kind of value is in the fixture of the newest version.
#[wasm_bindgen_test]
async fn the_newest_fixture_holds_every_kind_of_value() {
    let database = Database::in_memory();
    life(&database).await;
    let written = database.dump().await;
    let kinds = |dump: &Dump| {
        let mut kinds: Vec<_> = dump.keys().map(|(table, _)| *table).collect();
        kinds.dedup();
        kinds
    };
    let wanted = kinds(&written);
    assert_eq!(wanted.len(), Table::ALL.len(), "{wanted:?}");
    let fixture = parse(V1);
    assert_eq!(kinds(&fixture), wanted, "\n{}", print(&written));
    let lengths = |dump: &Dump| dump.values().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(
        lengths(&fixture),
        lengths(&written),
        "\n{}",
        print(&written)
    );
}

async fn version_1_is_read(database: &Database) {
    restore(database, V1).await;
    let store = database.open().await;
    let scope = programme(1);
    assert_eq!(store.replica().len(), 64 + 1 + 3);
    for number in 0..64 {
        let record = shown(&store, &session(scope, number));
        let wanted = from_server(session(scope, number), "Дәріс", NOON_MS);
        assert_eq!(record.as_deref(), Some(&wanted));
    }
    let opening = text(&store, &session(scope, 64));
    assert_eq!(opening.as_deref(), Some("Ашылу"));
    let notes = |store: &Store| [1, 2, 3, 4].map(|number| text(store, &note(number)));
    let words = [
        None,
        Some("Түсініксіз"),
        Some("Жолда"),
        Some("Жіберілмеген"),
    ];
    assert_eq!(notes(&store), words.map(|words| words.map(str::to_owned)));
    assert_eq!(store.replica().waiting(), 3);
    assert_eq!(store.clock_offset_ms(), -90_000);
    assert_eq!(store.token().as_deref(), Some("a-token-of-an-organiser"));
    let file = store.file(&"ab".repeat(32)).await;
    assert_eq!(file, Ok(Some(b"%PDF-1.7".to_vec())));
    let attention = store.attention().await.expect("the list");
    assert_eq!(attention.len(), 1);
    assert_eq!(attention[0].refusal, Refusal::NotJoined);
    assert_eq!(attention[0].refused_at_ms, NOON_MS);
    let waiting = outgoing(&store).await;
    assert_eq!(waiting.cursors, [at(scope, 65)]);
    assert_eq!(waiting.changes.len(), 3, "the postponed one too");
    // The last change was not sent, so that it still takes in edits.
    let again = Database::in_memory();
    restore(&again, V1).await;
    let store = again.open().await;
    commit(&store, vec![write(note(4), "Енді")], NOON_MS).await;
    assert_eq!(store.replica().waiting(), 3);
}

async fn version_1_is_written_as_it_was(database: &Database) {
    let mut expected = restore(database, V1).await;
    let store = database.open().await;
    // Every change takes its way once more, and the server sends again what it sent.
    let refused = store.attention().await.expect("the list")[0].change.id;
    store.offer_again(refused).await.expect("offered");
    let sent = ids(&outgoing(&store).await);
    let scope = programme(1);
    let record = |number: u32| shown(&store, &session(scope, number)).expect("a session");
    let records = |numbers: std::ops::Range<u32>| {
        let records = numbers.map(|number| Record::clone(&record(number)));
        records.collect::<Vec<_>>()
    };
    let same_again = |plan: SavePlan| SavePlan {
        clock_offset_ms: -90_000,
        ..plan
    };
    save(&store, same_again(news(scope, 64, records(0..64)))).await;
    let mut last = news(scope, 65, records(64..65));
    last.refused = vec![(refused, Refusal::NotJoined)];
    last.not_understood = vec![sent[0]];
    save(&store, same_again(last)).await;

    // What is different: the last change was sent, and a position was used.
    let unsent = expected
        .iter_mut()
        .filter(|((table, _), _)| *table == "outbox")
        .last();
    let (_, entry) = unsent.expect("an unsent change");
    // The form, the position, the state.
    assert_eq!(entry[..3], [1, 3, 0]);
    entry[2] = 1;
    let meta = expected.get_mut(&("meta", "device".to_owned()));
    *meta.and_then(|meta| meta.last_mut()).expect("a position") += 1;
    assert_eq!(print(&database.dump().await), print(&expected));
}
