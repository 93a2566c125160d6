//! A server on a free port, and devices that talk to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use keruen_domain::model::fields;
use keruen_domain::protocol::v1::{ChangeResult, Cursor, Outcome, Problem, ScopeCursor};
use keruen_domain::protocol::v2::{ScopeSum, SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, PROTOCOL_VERSION, VERSION_HEADER};
use keruen_domain::{
    Author, Change, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId,
    ProgrammeId, Record, RecordId, RecordKey, ScopeId, Sum, encoding,
};
use keruen_server::bucket::{Bucket, choose_tls};
use keruen_server::config::Config;
use keruen_server::pruning::{self, Pruned};
use keruen_server::serve::{Listening, Patience};
use keruen_server::snapshot::{self, Rules};
use keruen_server::store::{FileFolder, Identity, Row, SqliteStore, Store, StoreError, merge};
use keruen_server::upkeep::{self, Upkeep};
use keruen_server::{AppState, router};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{RequestBuilder, StatusCode};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const TOKEN: &str = "a-token-that-only-the-tests-know";
pub(crate) const NOW_MS: u64 = 1_750_000_000_000;
pub(crate) const RANDOM: [u8; 10] = [9; 10];
pub(crate) const ORGANISER: PersonId = PersonId::from_uuid(uuid::Uuid::from_u128(77));

/// What asks the server.
pub(crate) fn http_client() -> reqwest::Client {
    choose_tls();
    reqwest::Client::new()
}

/// The same, without going where an answer leads.
pub(crate) fn http_client_that_stays() -> reqwest::Client {
    choose_tls();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.build().unwrap()
}

/// Settings as the command line gives them.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) folder: Arc<TempDir>,
    store: Arc<dyn Store>,
    state: AppState,
    now_ms: Arc<AtomicU64>,
    _upkeep: Upkeep,
    task: JoinHandle<()>,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::start_in(folder, 1, Some(TOKEN), arguments).await
    }

    /// Starts a server on a folder; `epoch` counts only for a new one.
    pub(crate) async fn start_in(
        folder: Arc<TempDir>,
        epoch: u32,
        token: Option<&str>,
        arguments: &[&str],
    ) -> Self {
        Self::start_with_patience(folder, epoch, token, arguments, Patience::USUAL).await
    }

    /// The same, waiting only so long for those who are slow.
    pub(crate) async fn start_with_patience(
        folder: Arc<TempDir>,
        epoch: u32,
        token: Option<&str>,
        arguments: &[&str],
        patience: Patience,
    ) -> Self {
        let token = token.map(|token| ["--organiser-token", token]);
        let given = ["keruen"].into_iter().chain(token.into_iter().flatten());
        let config = Arguments::parse_from(given.chain(arguments.iter().copied())).config;
        let identity = Identity {
            epoch,
            organiser: ORGANISER,
        };
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.path(), identity).unwrap());
        let now_ms = Arc::new(AtomicU64::new(NOW_MS));
        let clock = now_ms.clone();
        let tell_time = Arc::new(move || clock.load(Ordering::Relaxed));
        let bucket = Bucket::open(&config.bucket).unwrap();
        let state = AppState::new(&config, store.clone(), tell_time).with_bucket(bucket);
        let upkeep = upkeep::start(&state);
        let listening = Listening::at(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let listening = listening.unwrap().with_patience(patience);
        let address = listening.address;
        let router = router(state.clone());
        let task = tokio::spawn(listening.serve(router, std::future::pending(), || {}));
        Self {
            address,
            folder,
            store,
            state,
            now_ms,
            task,
            _upkeep: upkeep,
        }
    }

    /// Asks what has no end of its own to end.
    pub(crate) fn stop(&self) {
        self.state.stop();
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, passed_ms: u64) {
        self.now_ms.fetch_add(passed_ms, Ordering::Relaxed);
    }

    /// Writes down when devices were last here.
    pub(crate) async fn write_seen_down(&self) {
        self.state.write_seen_down().await.unwrap();
    }

    /// Writes down how often shares were opened.
    pub(crate) async fn write_openings_down(&self) {
        self.state.write_openings_down().await.unwrap();
    }

    /// Removes what nobody continued to send; gives how many files that were.
    pub(crate) async fn sweep_uploads(&self) -> usize {
        keruen_server::uploads::sweep(&self.state).await.unwrap()
    }

    /// Takes files from notes that nothing names; gives how many.
    pub(crate) async fn forget_unnamed(
        &self,
        unnamed: &mut keruen_server::files::Unnamed,
    ) -> usize {
        unnamed.sweep(&self.state).await.unwrap()
    }

    /// Makes the smaller forms of pictures that are missing.
    pub(crate) async fn make_forms(&self) {
        let mut maker = keruen_server::forms::Maker::new().unwrap();
        maker.make_missing(&self.state).await.unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        http_client().get(self.url(path)).send().await.unwrap()
    }

    pub(crate) fn sync_url(&self) -> String {
        self.url("/api/v1/sync")
    }

    /// Puts records into the store as an import would.
    pub(crate) async fn put(&self, records: Vec<Record>) {
        let work = move |transaction: &mut dyn keruen_server::store::WriteTransaction| {
            for record in records {
                let before = transaction.row(&record.key)?;
                merge(transaction, before, record, NOW_MS)?;
            }
            Ok(())
        };
        self.store.write(work).await.unwrap();
    }

    pub(crate) async fn put_file(
        &self,
        scope: ScopeId,
        bytes: &'static [u8],
        kind: &str,
        name: &str,
    ) -> String {
        let hash = keruen_domain::ContentHash::of(bytes);
        let (kind, name) = (kind.to_owned(), name.to_owned());
        let work = move |transaction: &mut dyn keruen_server::store::WriteTransaction| {
            transaction.put_file(scope, bytes, &hash, &kind, &name)
        };
        self.store.write(work).await.unwrap();
        hash.to_string()
    }

    /// Where files lie that are in no bucket.
    pub(crate) fn file_folder(&self) -> &FileFolder {
        self.store.file_folder()
    }

    /// All rows of a scope.
    pub(crate) async fn rows(&self, scope: ScopeId) -> Vec<Row> {
        let work = move |transaction: &dyn keruen_server::store::ReadTransaction| {
            let mut rows = Vec::new();
            transaction.rows_after(scope, 0, &mut |row| {
                rows.push(row);
                std::ops::ControlFlow::Continue(())
            })?;
            Ok(rows)
        };
        self.store.read(work).await.unwrap()
    }

    /// Runs work that changes the store.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn keruen_server::store::WriteTransaction) -> Result<T, StoreError>
        + Send
        + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    /// Makes the snapshots that are due at this time; gives how many.
    pub(crate) async fn renew_snapshots(&self, rules: &Rules, now_ms: u64) -> usize {
        snapshot::renew(&*self.store, rules, now_ms).await.unwrap()
    }

    /// Looks through all chunks; gives how many were damaged.
    pub(crate) async fn remove_damaged_chunks(&self) -> usize {
        snapshot::remove_damaged(&*self.store).await.unwrap()
    }

    /// Forgets what is older than this at this time.
    pub(crate) async fn prune(&self, kept_ms: u64, now_ms: u64) -> Pruned {
        pruning::prune(&*self.store, kept_ms, now_ms).await.unwrap()
    }

    /// How many chunks lie in the data folder.
    pub(crate) fn chunk_count(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path().join("chunks")).unwrap();
        folders
            .map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count())
            .sum()
    }

    /// The bytes of the server's database, to see that nothing was written.
    pub(crate) fn database_bytes(&self) -> Vec<Vec<u8>> {
        ["keruen.db", "keruen.db-wal"]
            .map(|name| std::fs::read(self.folder.path().join(name)).unwrap_or_default())
            .into()
    }
}

pub(crate) fn programme_id(number: u64) -> ProgrammeId {
    ProgrammeId::new(number, RANDOM)
}

/// The scope of the programme with this number.
pub(crate) fn programme(number: u64) -> ScopeId {
    ScopeId::Programme(programme_id(number))
}

pub(crate) fn key(scope: ScopeId, collection: Collection, number: u64) -> RecordKey {
    RecordKey {
        scope,
        collection,
        id: RecordId::new(number, RANDOM),
    }
}

pub(crate) fn note(number: u64) -> RecordKey {
    key(ScopeId::OWN, Collection::NOTE, number)
}

/// One field written by a program that had seen nothing.
pub(crate) fn imported(
    key: RecordKey,
    field: &str,
    value: impl Into<keruen_domain::Value>,
) -> Record {
    // Each write of the tests' import has a stamp of its own.
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let at_ms = NOW_MS - 1_000_000 + WRITES.fetch_add(1, Ordering::Relaxed);
    let stamp = Clock::new(DeviceId(0), Hlc::default(), 0).stamp(at_ms);
    let mut edit = Edit::new(key, None, stamp, Author::Machine);
    edit.set(FieldKey::register(field), value);
    edit.finish().unwrap()
}

/// A programme's own record.
pub(crate) fn programme_record(number: u64, public: bool) -> Record {
    let scope = programme(number);
    let mut key = key(scope, Collection::PROGRAMME, 0);
    key.id = programme_id(number).into();
    imported(key, fields::PUBLIC, public)
}

/// As many sessions as asked for.
pub(crate) fn sessions(number: u64, count: u64) -> Vec<Record> {
    (0..count)
        .map(|session| {
            let key = key(programme(number), Collection::SESSION, 1_000 + session);
            imported(key, "title", format!("Session {session}"))
        })
        .collect()
}

/// A phone: what it holds, and how far it has read.
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) token: Option<&'static str>,
    pub(crate) rows: BTreeMap<RecordKey, Record>,
    pub(crate) cursors: BTreeMap<ScopeId, Cursor>,
    pub(crate) page_records: u32,
    pub(crate) takes_snapshots: bool,
    /// How far its phone's clock is ahead, in milliseconds.
    pub(crate) ahead_ms: u64,
    clock: Clock,
    changes_made: u64,
}

impl Device {
    pub(crate) fn visitor(number: u64) -> Self {
        let id = DeviceId(number);
        Self {
            id,
            token: None,
            rows: BTreeMap::new(),
            cursors: BTreeMap::new(),
            page_records: 100,
            takes_snapshots: false,
            ahead_ms: 0,
            clock: Clock::new(id, Hlc::default(), 0),
            changes_made: 0,
        }
    }

    pub(crate) fn of_organiser(number: u64) -> Self {
        Self {
            token: Some(TOKEN),
            ..Self::visitor(number)
        }
    }

    /// A person's edit of one field, made on this device and applied to what it holds.
    pub(crate) fn edit(&mut self, key: RecordKey, field: &str, text: &str) -> Change {
        self.change(key, |edit| {
            edit.set(FieldKey::register(field), text);
        })
    }

    /// A person's deletion of a record that this device holds.
    pub(crate) fn delete(&mut self, key: RecordKey) -> Change {
        self.change(key, |edit| {
            edit.delete();
        })
    }

    /// A person's mark on a session, or none any more.
    pub(crate) fn mark(&mut self, session: RecordId, is_mine: bool) -> Change {
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::MARK,
            id: session,
        };
        self.change(key, |edit| {
            edit.set(FieldKey::register(fields::MINE), is_mine);
        })
    }

    fn change(&mut self, key: RecordKey, write: impl FnOnce(&mut Edit<'_>)) -> Change {
        let before = self.rows.get(&key);
        let stamp = self.clock.stamp(NOW_MS + self.ahead_ms);
        let mut edit = Edit::new(key, before, stamp, Author::Person);
        write(&mut edit);
        let record = edit.finish().unwrap();
        self.take(record.clone());
        self.changes_made += 1;
        let id = ChangeId::new(self.id.0 << 16 | self.changes_made, RANDOM);
        Change { id, record }
    }

    pub(crate) fn request(&self, changes: Vec<Change>) -> SyncRequest {
        let cursors = self.cursors.iter();
        SyncRequest {
            changes,
            cursors: cursors
                .map(|(scope, cursor)| ScopeCursor {
                    scope: *scope,
                    cursor: *cursor,
                })
                .collect(),
            page_records: self.page_records,
            takes_snapshots: self.takes_snapshots,
            sums: Vec::new(),
        }
    }

    /// What it holds of each scope, summed up.
    pub(crate) fn sums(&self) -> Vec<ScopeSum> {
        let mut sums: BTreeMap<ScopeId, Sum> = BTreeMap::new();
        for record in self.rows.values() {
            *sums.entry(record.key.scope).or_default() += Sum::of(record);
        }
        let sums = sums.into_iter();
        sums.map(|(scope, sum)| ScopeSum { scope, sum }).collect()
    }

    /// A request with this device's headers and no body.
    pub(crate) fn post(&self, server: &TestServer) -> RequestBuilder {
        let request = http_client()
            .post(server.sync_url())
            .header(VERSION_HEADER, PROTOCOL_VERSION.to_string())
            .header(DEVICE_HEADER, self.id.to_string())
            .header(CONTENT_TYPE, BINARY_MEDIA_TYPE);
        match self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// One exchange whose answer is lost.
    pub(crate) async fn ask(&self, server: &TestServer, changes: &[Change]) -> SyncResponse {
        self.send(server, &self.request(changes.to_vec())).await
    }

    /// The answer to this request.
    pub(crate) async fn send(&self, server: &TestServer, request: &SyncRequest) -> SyncResponse {
        let body = encoding::encode(request);
        let response = self.post(server).body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        encoding::decode(&response.bytes().await.unwrap()).unwrap()
    }

    /// One exchange whose answer is saved.
    pub(crate) async fn exchange(
        &mut self,
        server: &TestServer,
        changes: &[Change],
    ) -> SyncResponse {
        let response = self.ask(server, changes).await;
        self.save(&response);
        response
    }

    pub(crate) fn save(&mut self, response: &SyncResponse) {
        for page in &response.pages {
            for record in &page.records {
                assert_eq!(record.key.scope, page.scope);
                self.take(record.clone());
            }
            self.cursors.insert(page.scope, page.cursor);
        }
    }

    /// Exchanges until there is no more news; gives the number of exchanges and of records.
    pub(crate) async fn pull(&mut self, server: &TestServer) -> (usize, usize) {
        let (mut exchanges, mut records) = (0, 0);
        loop {
            let response = self.exchange(server, &[]).await;
            exchanges += 1;
            records += record_count(&response);
            if !response.more {
                return (exchanges, records);
            }
            assert!(
                record_count(&response) > 0,
                "more is promised and nothing comes"
            );
        }
    }

    fn take(&mut self, record: Record) {
        self.clock.observe(record.latest_reading(self.id));
        let held = self.rows.entry(record.key);
        held.or_insert_with(|| Record::new(record.key))
            .merge(record);
    }

    pub(crate) fn text(&self, key: &RecordKey, field: &str) -> Option<&str> {
        self.rows.get(key)?.value(field).as_text()
    }
}

pub(crate) fn record_count(response: &SyncResponse) -> usize {
    response.pages.iter().map(|page| page.records.len()).sum()
}

pub(crate) fn outcomes(response: &SyncResponse) -> Vec<Outcome> {
    let outcome = |result: &ChangeResult| result.outcome;
    response.results.iter().map(outcome).collect()
}

/// What an answer says is wrong: status and problem.
pub(crate) async fn problem(response: reqwest::Response) -> (StatusCode, Problem) {
    let status = response.status();
    assert!(response.headers().contains_key("keruen-problem"));
    let bytes = response.bytes().await.unwrap();
    (status, encoding::decode(&bytes).unwrap())
}

/// A folder like the one that a build of the client leaves.
pub(crate) fn client_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("client");
    std::fs::create_dir(&root).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>Keruen</title>"),
        ("index.html.br", "index as brotli"),
        ("index.html.gz", "index as gzip"),
        ("service-worker.js", "// worker"),
        ("manifest.webmanifest", "{}"),
        ("keruen-app-0123456789abcdef_bg.wasm", "wasm as it is"),
        ("keruen-app-0123456789abcdef_bg.wasm.br", "wasm as brotli"),
        ("keruen-app-0123456789abcdef_bg.wasm.gz", "wasm as gzip"),
    ] {
        std::fs::write(root.join(name), content).unwrap();
    }
    (folder, root)
}
