//! What the harness asks for besides the server's own routes.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use keruen_bench_records::{ALL_RECORDS, Revision, key_of};
use keruen_domain::{Author, Change, ChangeId, Clock, DeviceId, Edit, Hlc};
use keruen_server::exchange::{self, Asker};
use keruen_server::machine::{self, NoRandomBits};
use keruen_server::store::{Identity, SqliteStore, Store};
use serde::Serialize;

/// The built bench page.
#[derive(Clone)]
pub(crate) struct Page {
    script: Vec<u8>,
    module: Vec<u8>,
}

impl Page {
    /// Reads what `wasm-bindgen` has made.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            script: fs::read(folder.join("page.js"))?,
            module: fs::read(folder.join("page_bg.wasm"))?,
        })
    }
}

const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
import start, * as bench from '/bench/page.js';
await start();
window.bench = bench;
</script>"#;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const WASM: &str = "application/wasm";

type SharedStore = Arc<dyn Store>;

/// The bench page, and what the harness does and looks at.
pub(crate) fn routes(store: Arc<SqliteStore>, page: Page) -> Router {
    let store: SharedStore = store;
    let Page { script, module } = page;
    let last_look = LastLook::default();
    Router::new()
        .route(
            "/bench",
            get(|| async { file(HTML, PAGE.as_bytes().to_vec()) }),
        )
        .route(
            "/bench/page.js",
            get(|| async move { file(SCRIPT, script.clone()) }),
        )
        .route(
            "/bench/page_bg.wasm",
            get(|| async move { file(WASM, module.clone()) }),
        )
        .route("/bench/changes", post(change))
        .route(
            "/bench/received",
            post(move |store, body| received(store, last_look.clone(), body)),
        )
        .with_state(store)
}

fn file(media_type: &'static str, body: Vec<u8>) -> impl axum::response::IntoResponse {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        // Without these two the browser does not measure a page's memory.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-embedder-policy"),
            HeaderValue::from_static("require-corp"),
        ),
    ];
    (headers, body).into_response()
}

/// Why a route of the harness failed. The harness shows the log.
fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("keruen-bench-server: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

/// Changes records as another person's device would; answers once that is committed.
async fn change(
    State(store): State<SharedStore>,
    Json(revisions): Json<Vec<Revision>>,
) -> Result<StatusCode, StatusCode> {
    let writer = Writer::new(store.identity()).map_err(failed)?;
    let expected = revisions.len();
    let accepted = store
        .write(move |transaction| {
            let mut changes = Vec::new();
            for revision in &revisions {
                let before = match key_of(&revision.id) {
                    Some(key) => transaction.row(&key)?,
                    None => None,
                };
                let written = before.and_then(|row| writer.write(revision, &row.record));
                changes.extend(written);
            }
            let count = changes.len();
            exchange::apply(transaction, &writer.asker, changes, writer.now_ms)?;
            Ok(count)
        })
        .await
        .map_err(failed)?;
    if accepted == expected {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(failed("a change is of an unknown record, or is none"))
    }
}

/// Another organiser's device.
struct Writer {
    asker: Asker,
    now_ms: u64,
    random: [u8; 8],
}

impl Writer {
    fn new(identity: Identity) -> Result<Self, NoRandomBits> {
        let random = machine::random_bytes()?;
        Ok(Self {
            asker: Asker {
                person: Some(identity.organiser),
                organises_everything: true,
                device: DeviceId(u64::from_be_bytes(random)),
            },
            now_ms: machine::unix_ms(),
            random,
        })
    }

    fn write(&self, revision: &Revision, before: &keruen_domain::Record) -> Option<Change> {
        let mut clock = Clock::new(self.asker.device, Hlc::default(), 0);
        clock.observe(before.latest_reading(clock.device()));
        let stamp = clock.stamp(self.now_ms);
        let mut edit = Edit::new(before.key, Some(before), stamp, Author::Person);
        revision.write(&mut edit);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random);
        // One change per record: a part of the record's identifier tells them apart.
        let id = before.key.id.uuid().into_bytes();
        for (byte, own) in random.iter_mut().zip(&id[6..]) {
            *byte ^= own;
        }
        Some(Change {
            id: ChangeId::new(self.now_ms, random),
            record: edit.finish()?,
        })
    }
}

#[derive(Serialize)]
struct Received {
    received: usize,
}

/// What was looked for, at which sequence number of the scope, and what was found.
type LastLook = Arc<Mutex<Option<(Bytes, u64, usize)>>>;

/// How many of these revisions stand in the store, as committed. Whoever asks again before anything
/// was written gets the same answer without another look, which would take time from what is measured.
async fn received(
    State(store): State<SharedStore>,
    last_look: LastLook,
    body: Bytes,
) -> Result<Json<Received>, StatusCode> {
    let received = store
        .read(move |transaction| {
            let sequence = transaction.scope(ALL_RECORDS)?.last_sequence;
            let mut last_look = last_look.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((asked, at, found)) = &*last_look
                && (asked, *at) == (&body, sequence)
            {
                return Ok(*found);
            }
            let revisions: Vec<Revision> = serde_json::from_slice(&body).unwrap_or_default();
            let mut received = 0;
            for revision in &revisions {
                let row = match key_of(&revision.id) {
                    Some(key) => transaction.row(&key)?,
                    None => None,
                };
                received += usize::from(row.is_some_and(|row| revision.is_in(&row.record)));
            }
            *last_look = Some((body, sequence, received));
            Ok(received)
        })
        .await
        .map_err(failed)?;
    Ok(Json(Received { received }))
}
