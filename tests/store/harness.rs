//! Databases that can be opened again, and the words that the tests are written in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use keruen_app::store::{
    Backend, Committed, Download, Durability, HeldFile, IndexedDb, Memory, Opened, PartList, Store,
    Table, Upload, Write,
};
use keruen_domain::model::fields;
use keruen_domain::protocol::v1::{Cursor, ScopeCursor};
use keruen_domain::sync::{Outgoing, SavePlan};
use keruen_domain::{
    Author, ChangeId, Clock, Collection, ContentHash, DeviceId, Edit, FieldKey, Hlc, ProgrammeId,
    Record, RecordId, RecordKey, ScopeId,
};

/// An ordinary moment: 15 November 2023.
pub(crate) const NOON_MS: u64 = 1_700_000_000_000;

/// Runs each test once per backend.
macro_rules! on_every_backend {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            use wasm_bindgen_test::wasm_bindgen_test;
            $(
                #[wasm_bindgen_test]
                async fn $test() {
                    super::$test(&$crate::harness::Database::in_memory()).await;
                }
            )+
        }
        mod indexed_db {
            use wasm_bindgen_test::wasm_bindgen_test;
            $(
                #[wasm_bindgen_test]
                async fn $test() {
                    super::$test(&$crate::harness::Database::in_browser()).await;
                }
            )+
        }
    };
}
pub(crate) use on_every_backend;

/// A database of this test alone; opening it again finds what was committed.
pub(crate) enum Database {
    InMemory(Memory),
    InBrowser(String),
}

/// What lies in a database: by table and key.
pub(crate) type Dump = BTreeMap<(&'static str, String), Vec<u8>>;

impl Database {
    pub(crate) fn in_memory() -> Self {
        Self::InMemory(Memory::default())
    }

    pub(crate) fn in_browser() -> Self {
        thread_local!(static NUMBER: Cell<u32> = const { Cell::new(0) });
        let number = NUMBER.get();
        NUMBER.set(number + 1);
        // A page that is loaded again finds the databases of its last run.
        let run = keruen_app::platform::random_u32();
        Self::InBrowser(format!("test-{run:08x}-{number}"))
    }

    pub(crate) async fn backend(&self) -> Backend {
        match self {
            Self::InMemory(memory) => Backend::Memory(memory.clone()),
            Self::InBrowser(name) => {
                Backend::IndexedDb(IndexedDb::open(name).await.expect("a browser's database"))
            }
        }
    }

    /// Opens the store, whatever is found.
    pub(crate) async fn find(&self) -> Opened {
        let random = Box::new(keruen_app::platform::random_bytes);
        Store::open(self.backend().await, random)
            .await
            .expect("a store")
    }

    /// Opens the store, of which nothing is damaged.
    pub(crate) async fn open(&self) -> Rc<Store> {
        let opened = self.find().await;
        assert_eq!(opened.set_aside, 0, "nothing is damaged");
        opened.store
    }

    /// All that lies there except what the device knows of itself: in that, the edition grows with
    /// every answer that tells something.
    pub(crate) async fn content(&self) -> Dump {
        let mut dump = self.dump().await;
        dump.remove(&(Table::Meta.name(), "device".to_owned()));
        dump
    }

    /// Everything in it.
    pub(crate) async fn dump(&self) -> Dump {
        let backend = self.backend().await;
        let transaction = backend
            .begin(&Table::ALL, Durability::ReadOnly)
            .await
            .expect("a transaction");
        let mut dump = Dump::new();
        for table in Table::ALL {
            let keys = transaction.keys(table).await.expect("keys");
            let values = transaction.all(table).await.expect("values");
            assert_eq!(keys.len(), values.len());
            for (key, value) in keys.into_iter().zip(values) {
                dump.insert((table.name(), key), value);
            }
        }
        dump
    }

    /// How many values a table holds.
    pub(crate) async fn count(&self, table: Table) -> usize {
        let dump = self.dump().await;
        dump.keys().filter(|(of, _)| *of == table.name()).count()
    }

    /// Writes bytes behind the store's back.
    pub(crate) async fn put(&self, table: Table, key: &str, value: &[u8]) {
        let backend = self.backend().await;
        let transaction = backend
            .begin(&[table], Durability::Strict)
            .await
            .expect("a transaction");
        transaction.put(table, key, value).expect("a put");
        transaction.commit().await.expect("a commit");
    }
}

/// The `number`th note of this device's owner.
pub(crate) fn note(number: u8) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(NOON_MS, [number; 10]),
    }
}

/// A programme's scope.
pub(crate) fn programme(number: u8) -> ScopeId {
    ScopeId::Programme(ProgrammeId::new(NOON_MS, [number; 10]))
}

/// The `number`th session of a programme.
pub(crate) fn session(scope: ScopeId, number: u32) -> RecordKey {
    let mut bits = [0; 10];
    bits[..4].copy_from_slice(&number.to_be_bytes());
    RecordKey {
        scope,
        collection: Collection::SESSION,
        id: RecordId::new(NOON_MS, bits),
    }
}

pub(crate) fn body() -> FieldKey {
    FieldKey::register(fields::BODY)
}

/// An edit of a note's text as it stands.
pub(crate) fn write(key: RecordKey, text: &str) -> Write {
    let text = text.to_owned();
    Write::new(key, move |edit| {
        edit.set(body(), text);
    })
}

/// An edit by somebody who had nothing in front of them.
pub(crate) fn write_unseeing(key: RecordKey, text: &str) -> Write {
    let text = text.to_owned();
    Write::having_seen(key, None, move |edit| {
        edit.set(body(), text);
    })
}

/// What another device wrote, as the server sends it.
pub(crate) fn from_server(key: RecordKey, text: &str, unix_ms: u64) -> Record {
    let stamp = Clock::new(DeviceId(7), Hlc::default(), 0).stamp(unix_ms);
    let mut edit = Edit::new(key, None, stamp, Author::Machine);
    edit.set(body(), text);
    edit.finish().expect("a text is news")
}

/// How far a scope was read.
pub(crate) const fn at(scope: ScopeId, sequence: u64) -> ScopeCursor {
    let cursor = Cursor { epoch: 1, sequence };
    ScopeCursor { scope, cursor }
}

/// An answer with news of one scope.
pub(crate) fn news(scope: ScopeId, sequence: u64, records: Vec<Record>) -> SavePlan {
    SavePlan {
        records,
        cursors: vec![at(scope, sequence)],
        ..SavePlan::default()
    }
}

/// An answer that takes all these changes.
pub(crate) fn accepted(changes: &[ChangeId]) -> SavePlan {
    SavePlan {
        settled: changes.to_vec(),
        ..SavePlan::default()
    }
}

pub(crate) fn ids(outgoing: &Outgoing) -> Vec<ChangeId> {
    outgoing.changes.iter().map(|change| change.id).collect()
}

/// What a person reads in a note or session.
pub(crate) fn text(store: &Store, key: &RecordKey) -> Option<String> {
    let record = shown(store, key)?;
    Some(record.value(fields::BODY).as_text()?.to_owned())
}

pub(crate) fn shown(store: &Store, key: &RecordKey) -> Option<Arc<Record>> {
    store.replica().get(key)
}

/// All texts that stand in a record, the one that counts first.
pub(crate) fn all_texts(store: &Store, key: &RecordKey) -> Vec<String> {
    let record = shown(store, key).expect("the record is shown");
    let register = record.field(fields::BODY).expect("a body");
    let others = register.others().map(|version| &version.value);
    std::iter::once(register.value())
        .chain(others)
        .filter_map(|value| value.as_text().map(str::to_owned))
        .collect()
}

/// The notices of a store from now on.
pub(crate) fn notices(store: &Store) -> Rc<RefCell<Vec<Committed>>> {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hearing = heard.clone();
    store.subscribe(move |committed| hearing.borrow_mut().push(committed.clone()));
    heard
}

/// Commits, which works.
pub(crate) async fn commit(store: &Store, writes: Vec<Write>, phone_ms: u64) -> Vec<Record> {
    store.commit(writes, phone_ms).await.expect("a commit")
}

/// Reads and freezes the outbox's head, which works.
pub(crate) async fn outgoing(store: &Store) -> Outgoing {
    store.outgoing(100, true).await.expect("the outbox")
}

/// A file in the queue, which the server divides into parts of this length.
pub(crate) fn download(sha256: ContentHash, size_bytes: u64, part_bytes: u32) -> Download {
    let count = usize::try_from(size_bytes.div_ceil(u64::from(part_bytes))).expect("few parts");
    Download {
        sha256,
        size_bytes,
        media_type: "application/pdf".to_owned(),
        from: None,
        asked_ms: NOON_MS,
        is_paused: false,
        at_any_cost: false,
        failure: None,
        parts: Some(PartList {
            part_bytes,
            hashes: vec![ContentHash([8; 32]); count],
        }),
    }
}

/// A file of this device that the first programme is to have.
pub(crate) fn upload(sha256: ContentHash, size_bytes: u64) -> Upload {
    Upload {
        sha256,
        scope: programme(1),
        size_bytes,
        name: "Кесте.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        added_ms: NOON_MS,
        was_here: false,
        is_wanted: false,
        is_paused: false,
        at_any_cost: false,
        location: None,
        sent_bytes: 0,
        failure: None,
    }
}

/// Adds a file as a person does, in parts of four bytes.
pub(crate) async fn add_file(store: &Store, upload: &Upload, bytes: &[u8]) {
    const PART_BYTES: u32 = 4;
    store.begin_upload(upload).await.expect("begun");
    let name = upload.sha256.to_string();
    for (part, bytes) in (0..).zip(bytes.chunks(PART_BYTES as usize)) {
        let kept = store.keep_own_part(&name, part, bytes).await;
        assert_eq!(kept, Ok(true));
    }
    let held = HeldFile {
        size_bytes: upload.size_bytes,
        part_bytes: PART_BYTES,
        media_type: upload.media_type.clone(),
        is_usual: true,
    };
    assert_eq!(store.complete_own(&name, &held).await, Ok(true));
}

/// Keeps a file as a download does, in parts of four bytes.
pub(crate) async fn keep_file(store: &Store, sha256: ContentHash, bytes: &[u8]) {
    const PART_BYTES: u32 = 4;
    let size_bytes = bytes.len() as u64;
    let queued = vec![download(sha256, size_bytes, PART_BYTES)];
    store.queue_downloads(queued).await.expect("queued");
    let name = sha256.to_string();
    for (part, bytes) in (0..).zip(bytes.chunks(PART_BYTES as usize)) {
        let kept = store.keep_part(&name, part, bytes).await;
        assert_eq!(kept, Ok(true));
    }
    let held = HeldFile {
        size_bytes,
        part_bytes: PART_BYTES,
        media_type: "application/pdf".to_owned(),
        is_usual: true,
    };
    let completed = store.complete_download(&name, &held).await;
    assert_eq!(completed, Ok(true));
}

/// Saves an answer, which works.
pub(crate) async fn save(store: &Store, plan: SavePlan) {
    store.save(plan, NOON_MS).await.expect("a save");
}
