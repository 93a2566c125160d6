//! The stored bytes of every released version: opened, read, and written again as they were.
//!
//! A fixture is a database as that version left it, one value per line: table, key, bytes. When the
//! forms change, the version grows, and [`life`] printed by a failed test is the new fixture; those
//! of released versions stay as they are.

use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::TransactionMode;
use js_sys::Uint8Array;
use keruen_app::store::{DownloadFailure, Store, Table, Upload, UploadFailure};
use keruen_domain::access::Role;
use keruen_domain::protocol::v1::ProgrammeRole;
use keruen_domain::protocol::v2::{Chunk, RereadReason, ScopeReread, ScopeSnapshot};
use keruen_domain::sync::{ChunkName, SavePlan};
use keruen_domain::{ContentHash, GroupId, ProgrammeId, Record, Refusal, ScopeId, page};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{
    Database, Dump, NOON_MS, add_file, at, commit, download, from_server, ids, keep_file, news,
    note, on_every_backend, outgoing, programme, save, session, shown, text, upload, write,
};

const V1: &str = include_str!("../fixtures/v1-database.txt");
const V2: &str = include_str!("../fixtures/v2-database.txt");
const V3: &str = include_str!("../fixtures/v3-database.txt");
const V4: &str = include_str!("../fixtures/v4-database.txt");
const V5: &str = include_str!("../fixtures/v5-database.txt");
const V6: &str = include_str!("../fixtures/v6-database.txt");
const V7: &str = include_str!("../fixtures/v7-database.txt");
const V8: &str = include_str!("../fixtures/v8-database.txt");
/// What version 3 removed.
const LATEST: &str = "latest";

on_every_backend!(
    version_1_is_read,
    version_1_is_written_as_it_was,
    version_2_is_read,
    version_3_is_read,
    version_4_is_read,
    version_5_is_read,
    version_6_is_read,
    version_7_is_read,
    version_8_is_read,
);

fn group() -> ScopeId {
    ScopeId::Group(GroupId::new(NOON_MS, [3; 10]))
}

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
    let several = [5, 6].map(|number| write(note(number), "Бірге"));
    commit(&store, several.into(), NOON_MS).await;
    database
        .put(Table::Files, &"ab".repeat(32), b"%PDF-1.7")
        .await;
    keep_file(&store, ContentHash([0xac; 32]), b"%PDF-1.7").await;
    let mut waiting = download(ContentHash([0xad; 32]), 7, 4);
    waiting.from = Some("/s/secret/files/ad".to_owned());
    waiting.failure = Some(DownloadFailure::NotThere);
    let queued = store.queue_downloads(vec![waiting]).await;
    queued.expect("queued");
    let kept = store.keep_part(&"ad".repeat(32), 1, b"1.7").await;
    assert_eq!(kept, Ok(true));
    let mut going = upload(ContentHash([0xae; 32]), 7);
    going.is_wanted = true;
    going.location = Some("/api/v1/uploads/ae".to_owned());
    going.failure = Some(UploadFailure::TooLarge);
    add_file(&store, &going, b"a;b\n1;2").await;
    for scope in [group(), ScopeId::OWN] {
        let of_note = Upload {
            scope,
            ..upload(ContentHash([0xaf; 32]), 9)
        };
        store.put_upload(&of_note).await.expect("kept");
    }
    let said = from_server(session(scope, 64), "Бумадан", NOON_MS + 1);
    let received = store.receive(vec![said], NOON_MS + 2, NOON_MS + 3).await;
    assert_eq!(received, Ok(1));
    let draft = store.keep_draft("/make/1", "Жоба".as_bytes()).await;
    draft.expect("kept");
    let token = Some("a-token-of-an-organiser".to_owned());
    store.set_token(token).await.expect("kept");
    // One scope is read anew, another by snapshot.
    let (anew, by_chunks) = (programme(2), programme(3));
    let row = from_server(session(anew, 1), "Бұрынғы", NOON_MS);
    let mut plan = news(anew, 8, vec![row]);
    plan.roles = vec![ProgrammeRole {
        programme: ProgrammeId::new(NOON_MS, [2; 10]),
        role: Role::Organiser,
    }];
    plan.clock_offset_ms = -90_000;
    save(&store, plan.clone()).await;
    let reread = ScopeReread {
        scope: anew,
        reason: RereadReason::OtherHistory,
    };
    let begun = SavePlan {
        reread: vec![reread],
        snapshots: vec![ScopeSnapshot {
            scope: by_chunks,
            cursor: at(by_chunks, 5).cursor,
            chunks: vec![Chunk {
                sha256: ContentHash([3; 32]),
                size_bytes: 40,
                records: 2,
            }],
        }],
        records: Vec::new(),
        cursors: Vec::new(),
        ..plan
    };
    save(&store, begun).await;
    store.keep_index(b"all of it").await.expect("kept");
    store.keep_index_changes(b"some").await.expect("kept");
    let garbage = [0xff, 0x00];
    database
        .put(Table::SetAside, "rows:own/note/1", &garbage)
        .await;
}

fn parse(fixture: &str) -> Dump {
    let is_gone = |line: &str| line.starts_with('#') || line.starts_with(LATEST);
    let lines = fixture.lines().filter(|line| !is_gone(line));
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
    let fixture = parse(V8);
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
    let file = store.file(&"ab".repeat(32), 8).await;
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

    // What is different: pages have a directory, all up to the last change was sent (one mark), a
    // position and three editions were used.
    for ((table, _), page) in &mut expected {
        if *table == Table::Pages.name() {
            let held = page::decode(page).expect("an old page");
            *page = page::encode(scope, &held);
        }
    }
    expected.insert(("meta", "frozen".to_owned()), vec![1, 4]);
    let meta = expected.get_mut(&("meta", "device".to_owned()));
    *meta.and_then(|meta| meta.last_mut()).expect("a position") += 4;
    assert_eq!(print(&database.dump().await), print(&expected));
}

async fn version_2_is_read(database: &Database) {
    restore(database, V2).await;
    let store = database.open().await;
    let (anew, by_chunks) = (programme(2), programme(3));
    let before = text(&store, &session(anew, 1));
    assert_eq!(before.as_deref(), Some("Бұрынғы"));
    let waiting = outgoing(&store).await;
    assert_eq!(waiting.cursors, [at(programme(1), 65), at(by_chunks, 5)]);
    let chunk = ChunkName {
        scope: by_chunks,
        sha256: ContentHash([3; 32]),
    };
    assert_eq!(waiting.missing, [chunk]);
    // The server has nothing of the scope any more, and its organiser has a copy.
    save(&store, SavePlan::default()).await;
    let offered = outgoing(&store).await.changes;
    let keys = offered.iter().map(|change| change.record.key);
    assert!(keys.into_iter().any(|key| key == session(anew, 1)));
}

async fn version_3_is_read(database: &Database) {
    restore(database, V3).await;
    let store = database.open().await;
    let notes = [2, 3, 4, 5, 6].map(|number| text(&store, &note(number)));
    let words = ["Түсініксіз", "Жолда", "Жіберілмеген", "Бірге", "Бірге"];
    assert_eq!(notes, words.map(|words| Some(words.to_owned())));
    assert_eq!(store.replica().waiting(), 5);
    assert_eq!(database.count(Table::Outbox).await, 4, "two lie together");
    commit(&store, vec![write(note(6), "Бөлек")], NOON_MS).await;
    assert_eq!(store.replica().waiting(), 5);
    let again = database.open().await;
    assert_eq!(text(&again, &note(6)).as_deref(), Some("Бөлек"));
    assert_eq!(outgoing(&again).await.changes.len(), 5);
}

async fn version_4_is_read(database: &Database) {
    restore(database, V4).await;
    let store = database.open().await;
    for kept in ["ab", "ac"] {
        let kept = kept.repeat(32);
        assert!(store.has_file(&kept));
        let file = store.file(&kept, 8).await;
        assert_eq!(file, Ok(Some(b"%PDF-1.7".to_vec())));
    }
    let queue = store.downloads().await.expect("the queue");
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0].kept, [1].into());
    let waiting = &queue[0].download;
    assert_eq!((waiting.size_bytes, waiting.asked_ms), (7, NOON_MS));
    assert_eq!(waiting.failure, Some(DownloadFailure::NotThere));
    assert_eq!(waiting.from.as_deref(), Some("/s/secret/files/ad"));
    let list = waiting.parts.as_ref().expect("its parts");
    assert_eq!((list.part_bytes, list.hashes.len()), (4, 2));
}

async fn version_5_is_read(database: &Database) {
    restore(database, V5).await;
    let store = database.open().await;
    let name = "ae".repeat(32);
    let file = store.file(&name, 7).await;
    assert_eq!(file, Ok(Some(b"a;b\n1;2".to_vec())));
    let uploads = store.uploads().await.expect("uploads");
    let mut expected = upload(ContentHash([0xae; 32]), 7);
    expected.is_wanted = true;
    expected.location = Some("/api/v1/uploads/ae".to_owned());
    expected.failure = Some(UploadFailure::TooLarge);
    assert_eq!(uploads, [expected]);
    assert_eq!(store.remove_file(&name).await, Ok(false), "it waits");
    let draft = store.draft("/make/1").await;
    assert_eq!(draft, Ok(Some("Жоба".as_bytes().to_vec())));
}

async fn version_6_is_read(database: &Database) {
    restore(database, V6).await;
    let store = database.open().await;
    let opening = text(&store, &session(programme(1), 64));
    assert_eq!(opening.as_deref(), Some("Бумадан"));
    let packs = store.received_packs().await.expect("packs");
    let times: Vec<_> = packs
        .iter()
        .map(|pack| (pack.made_ms, pack.opened_ms))
        .collect();
    assert_eq!(times, [(NOON_MS + 2, NOON_MS + 3)]);
    store.remove_received(programme(1)).await.expect("removed");
    let opening = text(&store, &session(programme(1), 64));
    assert_eq!(opening.as_deref(), Some("Ашылу"));
}

async fn version_7_is_read(database: &Database) {
    restore(database, V7).await;
    let store = database.open().await;
    let kept = store.kept_index().await.expect("an index");
    assert_eq!(kept.sealed.as_deref(), Some(b"all of it".as_slice()));
    assert_eq!(kept.changes.as_deref(), Some(b"some".as_slice()));
}

async fn version_8_is_read(database: &Database) {
    restore(database, V8).await;
    let store = database.open().await;
    let uploads = store.uploads().await.expect("uploads");
    let scopes: Vec<ScopeId> = uploads.iter().map(|upload| upload.scope).collect();
    assert_eq!(scopes, [programme(1), group(), ScopeId::OWN]);
    assert_eq!(uploads[2].size_bytes, 9);
}

/// The very database of version 1, with its tables and no others.
#[wasm_bindgen_test]
async fn a_database_of_version_1_gets_the_later_tables() {
    let name = format!("version-1-{:08x}", keruen_app::platform::random_u32());
    let fixture = parse(V1);
    let later = [
        "snapshots",
        "rereads",
        "replaced",
        "parts",
        "held",
        "downloads",
        "uploads",
        "drafts",
        "received",
        "search",
    ];
    let tables = Table::ALL.map(Table::name);
    let tables = tables.into_iter().filter(|table| !later.contains(table));
    let tables: Vec<&str> = tables.chain([LATEST]).collect();
    let database = indexed_db_futures::database::Database::open(&name)
        .with_version(1_u32)
        .with_on_upgrade_needed(move |_, database| {
            for table in tables {
                database.create_object_store(table).build()?;
            }
            Ok(())
        })
        .await
        .expect("a database of old");
    for ((table, key), bytes) in &fixture {
        let transaction = database
            .transaction(*table)
            .with_mode(TransactionMode::Readwrite)
            .build()
            .expect("a transaction");
        let value: JsValue = Uint8Array::from(bytes.as_slice()).into();
        let cells = transaction.object_store(table).expect("a table");
        cells
            .put(value)
            .with_key(key.as_str())
            .primitive()
            .expect("a put")
            .await
            .expect("it is put");
        transaction.commit().await.expect("a commit");
    }
    database.close();
    let database = Database::InBrowser(name.clone());
    let store = database.open().await;
    assert_eq!(store.replica().len(), 64 + 1 + 3);
    let file = store.file(&"ab".repeat(32), 8).await;
    assert_eq!(file, Ok(Some(b"%PDF-1.7".to_vec())), "kept in one piece");
    assert_eq!(
        print(&database.dump().await),
        print(&dump_after_opening(&fixture))
    );
    let scope = programme(9);
    let mut plan = news(scope, 1, vec![]);
    plan.reread = vec![ScopeReread {
        scope: programme(1),
        reason: RereadReason::TooOld,
    }];
    save(&store, plan).await;
    assert_ne!(database.count(Table::Replaced).await, 0);
    let raw = indexed_db_futures::database::Database::open(&name);
    let raw = raw.await.expect("the same database");
    let tables: Vec<String> = raw.object_store_names().collect();
    assert!(!tables.iter().any(|table| table == LATEST), "{tables:?}");
    assert_eq!(tables.len(), Table::ALL.len());
}

/// What was postponed is in the outbox again.
fn dump_after_opening(fixture: &Dump) -> Dump {
    let entries = fixture.iter().map(|((table, key), bytes)| {
        let table = match *table {
            "postponed" => "outbox",
            other => other,
        };
        ((table, key.clone()), bytes.clone())
    });
    entries.collect()
}
