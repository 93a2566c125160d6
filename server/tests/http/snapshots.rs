//! First visits: a manifest, its chunks, and what changed since.

use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::{ScopeSnapshot, SyncResponse};
use keruen_domain::{ContentHash, Record, page};
use keruen_server::snapshot::{Rules, decompress};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};

use crate::harness::*;

/// Small enough for a test to have several chunks.
const RULES: Rules = Rules {
    least_rows: 50,
    first_chunk_bytes: 500,
    chunk_bytes: 1_000,
    least_age_ms: 1_000,
    kept_ms: 10_000,
};

async fn server_with_snapshot(public: bool) -> TestServer {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, public)]).await;
    server.put(sessions(1, 400)).await;
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS).await, 1);
    server
}

fn newcomer() -> Device {
    let mut device = Device::visitor(1);
    device.takes_snapshots = true;
    device.page_records = 1_000;
    device
}

fn address(snapshot: &ScopeSnapshot, place: usize) -> String {
    let scope = snapshot.scope;
    format!("/api/v1/chunks/{scope}/{}", snapshot.chunks[place].sha256)
}

async fn fetch(server: &TestServer, snapshot: &ScopeSnapshot, place: usize) -> Vec<Record> {
    let answer = http_client()
        .get(server.url(&address(snapshot, place)))
        .header(ACCEPT_ENCODING, "br")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[CONTENT_ENCODING], "br");
    let compressed = answer.bytes().await.unwrap();
    let chunk = snapshot.chunks[place];
    assert_eq!(compressed.len(), chunk.size_bytes as usize);
    let content = decompress(&compressed).unwrap();
    assert_eq!(ContentHash::of(&content), chunk.sha256);
    let records = page::decode(&content).unwrap();
    assert_eq!(records.len(), chunk.records as usize);
    records
}

/// The one snapshot of this answer.
fn offered(response: &SyncResponse) -> ScopeSnapshot {
    assert_eq!(response.snapshots.len(), 1);
    response.snapshots[0].clone()
}

#[tokio::test]
async fn a_first_visit_reads_a_snapshot_and_then_what_changed_since() {
    let server = server_with_snapshot(true).await;
    let changed = sessions(1, 1).remove(0).key;
    server.put(vec![imported(changed, "room", "Hall 2")]).await;
    let mut device = newcomer();
    let response = device.exchange(&server, &[]).await;
    let snapshot = offered(&response);
    assert_eq!(
        snapshot.cursor,
        Cursor {
            epoch: 1,
            sequence: 401
        }
    );
    assert!(snapshot.chunks.len() > 2 && !response.more);
    // The first screen is in the first answer: the records of the first chunk, the programme first.
    assert_eq!(response.pages.len(), 1);
    let inline = &response.pages[0];
    assert_eq!(
        inline.cursor,
        Cursor {
            epoch: 1,
            sequence: 0
        }
    );
    assert_eq!(inline.records, fetch(&server, &snapshot, 0).await);
    assert_eq!(
        ContentHash::of(&page::encode(inline.scope, &inline.records)).0,
        snapshot.chunks[0].sha256.0
    );
    assert_eq!(inline.records[0].key.id, programme_id(1).into());

    // Whoever comes back before the last chunk is told what there is, and nothing twice.
    let again = device.exchange(&server, &[]).await;
    assert_eq!(
        (again.snapshots, again.pages),
        (vec![snapshot.clone()], Vec::new())
    );

    for place in 0..snapshot.chunks.len() {
        for record in fetch(&server, &snapshot, place).await {
            device.rows.insert(record.key, record);
        }
    }
    device.cursors.insert(snapshot.scope, snapshot.cursor);
    let since = device.exchange(&server, &[]).await;
    assert_eq!(record_count(&since), 1);
    assert!(since.snapshots.is_empty());
    let rows = server.rows(programme(1)).await;
    assert_eq!(device.rows.len(), rows.len());
    for row in rows {
        assert_eq!(device.rows[&row.record.key], row.record);
    }
}

#[tokio::test]
async fn who_does_not_take_snapshots_gets_pages() {
    let server = server_with_snapshot(true).await;
    let mut device = newcomer();
    device.takes_snapshots = false;
    let response = device.ask(&server, &[]).await;
    assert!(response.snapshots.is_empty());
    assert_eq!(record_count(&response), 401);
    // Nor does a small page keep a snapshot from being offered.
    device.takes_snapshots = true;
    device.page_records = 3;
    let response = device.ask(&server, &[]).await;
    assert_eq!((response.snapshots.len(), record_count(&response)), (1, 3));
}

#[tokio::test]
async fn chunks_may_be_kept_by_caches_as_far_as_they_are_public() {
    for (public, expected) in [(true, "public"), (false, "private")] {
        let server = server_with_snapshot(public).await;
        let mut device = Device::of_organiser(1);
        device.takes_snapshots = true;
        let snapshot = offered(&device.ask(&server, &[]).await);
        let url = server.url(&address(&snapshot, 1));
        let client = http_client();
        let own = client.get(&url).bearer_auth(TOKEN).send().await.unwrap();
        assert_eq!(own.status(), StatusCode::OK);
        let expected = format!("{expected}, max-age=31536000, immutable");
        assert_eq!(own.headers()[CACHE_CONTROL], expected.as_str());
        assert_eq!(own.headers()["vary"], "accept-encoding");
        let entity_tag = own.headers()[ETAG].clone();
        let held = client
            .get(&url)
            .bearer_auth(TOKEN)
            .header(IF_NONE_MATCH, entity_tag);
        assert_eq!(
            held.send().await.unwrap().status(),
            StatusCode::NOT_MODIFIED
        );

        // Without any header of ours, and without compression.
        let visitor = http_client().get(&url).send().await.unwrap();
        if public {
            assert!(!visitor.headers().contains_key(CONTENT_ENCODING));
            let content = visitor.bytes().await.unwrap();
            assert_eq!(ContentHash::of(&content), snapshot.chunks[1].sha256);
        } else {
            assert_eq!(visitor.status(), StatusCode::NOT_FOUND);
        }
        let wrong = client
            .get(&url)
            .bearer_auth("another")
            .send()
            .await
            .unwrap();
        assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn only_chunks_of_the_named_scope_are_given() {
    let server = server_with_snapshot(true).await;
    server.put(vec![programme_record(2, true)]).await;
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    let hash = snapshot.chunks[0].sha256;
    for path in [
        format!("{}/{hash}", programme(2)),
        format!("group/{}/{hash}", programme_id(1)),
        format!("person/{}/{hash}", programme_id(1)),
        format!("programme/1/{hash}"),
        format!("{}/{}", programme(1), "0".repeat(64)),
        format!("{}/..%2f..%2fkeruen.db", programme(1)),
    ] {
        let answer = server.get(&format!("/api/v1/chunks/{path}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_snapshot_is_made_anew_when_much_changed_and_its_chunks_stay_for_a_while() {
    let server = server_with_snapshot(true).await;
    let old = offered(&newcomer().ask(&server, &[]).await);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS + 2_000).await, 0);
    let changes: Vec<Record> = sessions(1, 60)
        .iter()
        .map(|session| imported(session.key, "room", "Hall 2"))
        .collect();
    server.put(changes).await;
    // Not while it is new, and not twice.
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS + 999).await, 0);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS + 2_000).await, 1);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS + 4_000).await, 0);
    let new = offered(&newcomer().ask(&server, &[]).await);
    assert_eq!(new.cursor.sequence, 461);
    fetch(&server, &old, 0).await;

    assert_eq!(server.renew_snapshots(&RULES, NOW_MS + 12_001).await, 0);
    let gone = server.get(&address(&old, 0)).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    for place in 0..new.chunks.len() {
        fetch(&server, &new, place).await;
    }
    assert_eq!(server.chunk_count(), new.chunks.len());
}

#[tokio::test]
async fn lost_chunks_are_made_anew() {
    let server = server_with_snapshot(true).await;
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    std::fs::remove_dir_all(server.folder.path().join("chunks")).unwrap();
    let answer = server.get(&address(&snapshot, 0)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let response = newcomer().ask(&server, &[]).await;
    assert!(response.snapshots.is_empty() && record_count(&response) == 401);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS).await, 1);
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    fetch(&server, &snapshot, 0).await;
}

#[tokio::test]
async fn damaged_chunks_are_made_anew() {
    let server = server_with_snapshot(true).await;
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    assert_eq!(server.remove_damaged_chunks().await, 0);
    let name = snapshot.chunks[1].sha256.to_string();
    let path = server
        .folder
        .path()
        .join("chunks")
        .join(&name[..2])
        .join(&name[2..]);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS).await, 0);
    assert_eq!(server.remove_damaged_chunks().await, 1);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS).await, 1);
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    fetch(&server, &snapshot, 1).await;
}

#[tokio::test]
async fn a_snapshot_from_before_a_forgotten_deletion_is_not_offered() {
    let server = server_with_snapshot(true).await;
    let mut organiser = Device::of_organiser(2);
    organiser.page_records = 1_000;
    organiser.pull(&server).await;
    let session = sessions(1, 1).remove(0).key;
    let deletion = organiser.delete(session);
    organiser.exchange(&server, &[deletion]).await;
    let pruned = server.write(|transaction| transaction.prune_tombstones(NOW_MS + 1, 10));
    assert_eq!(pruned.await, 1);
    let response = newcomer().ask(&server, &[]).await;
    assert!(response.snapshots.is_empty());
    assert_eq!(record_count(&response), 400);
    assert_eq!(server.renew_snapshots(&RULES, NOW_MS).await, 1);
    let snapshot = offered(&newcomer().ask(&server, &[]).await);
    let held: u32 = snapshot.chunks.iter().map(|chunk| chunk.records).sum();
    assert_eq!(held, 400);
}
