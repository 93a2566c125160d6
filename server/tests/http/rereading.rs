//! Sums, and scopes that are to be read anew.

use keruen_domain::protocol::v1::{Cursor, Outcome};
use keruen_domain::protocol::v2::{RereadReason, ScopeReread, SyncResponse};
use keruen_domain::{Change, ChangeId, ScopeId, Sum};
use keruen_server::pruning::Pruned;

use crate::harness::*;

async fn compared(device: &Device, server: &TestServer) -> SyncResponse {
    let mut request = device.request(Vec::new());
    request.takes_snapshots = true;
    request.sums = device.sums();
    device.send(server, &request).await
}

fn reread(scope: ScopeId, reason: RereadReason) -> Vec<ScopeReread> {
    vec![ScopeReread { scope, reason }]
}

#[tokio::test]
async fn replicas_that_hold_the_same_have_equal_sums() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 20)).await;
    let mut writer = Device::of_organiser(1);
    let mut other = Device::of_organiser(2);
    writer.pull(&server).await;
    other.pull(&server).await;
    for text in ["tea", "tea and bread"] {
        // Two at once, neither of which knows of the other.
        let one = writer.edit(note(1), "body", text);
        let two = other.edit(note(1), "body", "coffee");
        writer.exchange(&server, &[one]).await;
        other.exchange(&server, &[two]).await;
        writer.pull(&server).await;
        other.pull(&server).await;
    }
    for device in [&writer, &other] {
        assert_eq!(device.sums().len(), 2);
        let response = compared(device, &server).await;
        assert_eq!((response.reread, response.more), (Vec::new(), false));
    }
}

#[tokio::test]
async fn a_replica_that_diverged_is_told_so() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut device = Device::of_organiser(1);
    let changes = [
        device.edit(note(1), "body", "tea"),
        device.edit(note(2), "body", "bread"),
    ];
    device.exchange(&server, &changes).await;
    device.rows.remove(&note(2)).unwrap();
    let response = compared(&device, &server).await;
    assert_eq!(
        response.reread,
        reread(ScopeId::OWN, RereadReason::Diverged)
    );
    assert!(response.more && response.pages.is_empty());
}

#[tokio::test]
async fn who_edits_what_was_deleted_before_their_snapshot_is_told_of_it() {
    let server = TestServer::start().await;
    let (mut one, mut other) = (Device::of_organiser(1), Device::of_organiser(2));
    let change = one.edit(note(1), "body", "tea");
    one.exchange(&server, &[change]).await;
    let deletion = one.delete(note(1));
    one.exchange(&server, &[deletion]).await;
    // As if by a snapshot, which holds no tombstones.
    other.pull(&server).await;
    other.rows.clear();
    let change = other.edit(note(1), "body", "coffee");
    other.exchange(&server, &[change]).await;
    assert!(other.rows[&note(1)].is_deleted());
    let response = compared(&other, &server).await;
    assert_eq!(response.reread, []);
}

#[tokio::test]
async fn who_offers_what_was_deleted_before_their_snapshot_is_told_of_it() {
    let server = TestServer::start().await;
    let (mut one, mut other) = (Device::of_organiser(1), Device::of_organiser(2));
    let written = one.edit(note(1), "body", "tea");
    one.exchange(&server, std::slice::from_ref(&written)).await;
    let deletion = one.delete(note(1));
    one.exchange(&server, &[deletion]).await;
    other.pull(&server).await;
    other.rows.clear();
    other.rows.insert(note(1), written.record.clone());
    let again = Change {
        id: ChangeId::new(NOW_MS, [9; 10]),
        ..written
    };
    other.exchange(&server, &[again]).await;
    assert!(other.rows[&note(1)].is_deleted());
}

#[tokio::test]
async fn sums_are_compared_only_by_who_has_everything() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "tea");
    device.exchange(&server, &[change]).await;
    let behind = device.cursors.clone();
    let change = device.edit(note(2), "body", "bread");
    let mut request = device.request(vec![change.clone()]);
    request.takes_snapshots = true;
    request.sums = device.sums();
    request.sums[0].sum = Sum(1);
    // It writes in this request, then has not read what it wrote, then names no cursor.
    assert!(device.send(&server, &request).await.reread.is_empty());
    request.changes.clear();
    assert!(device.send(&server, &request).await.reread.is_empty());
    device.exchange(&server, &[change]).await;
    assert_ne!(device.cursors, behind);
    request.cursors.clear();
    assert!(device.send(&server, &request).await.reread.is_empty());
    request.cursors = device.request(Vec::new()).cursors;
    let response = device.send(&server, &request).await;
    assert_eq!(
        response.reread,
        reread(ScopeId::OWN, RereadReason::Diverged)
    );
}

#[tokio::test]
async fn a_cursor_of_another_history_is_said_to_be_one() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut device = Device::visitor(1);
    device.takes_snapshots = true;
    for cursor in [
        Cursor {
            epoch: 2,
            sequence: 1,
        },
        Cursor {
            epoch: 1,
            sequence: 2,
        },
    ] {
        device.cursors.insert(programme(1), cursor);
        let response = device.ask(&server, &[]).await;
        let expected = reread(programme(1), RereadReason::OtherHistory);
        assert_eq!(response.reread, expected, "{cursor:?}");
        assert!(response.more && response.pages.is_empty());
    }
    device.cursors.clear();
    assert_eq!(device.pull(&server).await, (1, 1));
}

#[tokio::test]
async fn who_may_have_missed_a_deletion_reads_anew() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    device.takes_snapshots = true;
    let changes = [
        device.edit(note(1), "body", "tea"),
        device.edit(note(2), "body", "bread"),
    ];
    device.exchange(&server, &changes).await;
    let mut away = Device::of_organiser(2);
    away.takes_snapshots = true;
    away.pull(&server).await;
    let deletion = device.delete(note(1));
    device.exchange(&server, &[deletion]).await;
    let pruned = server.write(|transaction| transaction.prune_tombstones(NOW_MS + 1, 10));
    assert_eq!(pruned.await, 1);

    let response = away.ask(&server, &[]).await;
    assert_eq!(response.reread, reread(ScopeId::OWN, RereadReason::TooOld));
    // Who had read the deletion goes on, and its sum is that of the server.
    let response = compared(&device, &server).await;
    assert!(response.reread.is_empty() && response.pages.is_empty());
    away.cursors.clear();
    away.rows.clear();
    assert_eq!(away.pull(&server).await, (1, 1));
    assert!(compared(&away, &server).await.reread.is_empty());
}

/// Page by page, the cursor of a device that has just begun is below the deletion too.
#[tokio::test]
async fn who_begins_gets_past_a_forgotten_deletion() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let changes = [1, 2, 3, 4].map(|number| device.edit(note(number), "body", "tea"));
    device.exchange(&server, &changes).await;
    let deletion = device.delete(note(4));
    device.exchange(&server, &[deletion]).await;
    let pruned = server.write(|transaction| transaction.prune_tombstones(NOW_MS + 1, 10));
    assert_eq!(pruned.await, 1);
    for takes_snapshots in [true, false] {
        let mut new = Device::of_organiser(2);
        new.takes_snapshots = takes_snapshots;
        new.page_records = 1;
        assert_eq!(new.pull(&server).await, (3, 3));
        assert!(compared(&new, &server).await.reread.is_empty());
    }
}

#[tokio::test]
async fn deletions_are_forgotten_after_a_while_and_a_late_edit_is_not_lost() {
    let server = TestServer::start().await;
    let mut away = Device::of_organiser(1);
    away.takes_snapshots = true;
    away.page_records = 1_000;
    let changes: Vec<_> = (0..450)
        .map(|number| away.edit(note(number), "body", "tea"))
        .collect();
    away.exchange(&server, &changes).await;
    let mut other = Device::of_organiser(2);
    other.page_records = 1_000;
    other.pull(&server).await;
    let deletions: Vec<_> = (0..450).map(|number| other.delete(note(number))).collect();
    other.exchange(&server, &deletions).await;
    assert_eq!(server.prune(1_000, NOW_MS + 1_000).await, Pruned::default());
    let pruned = server.prune(1_000, NOW_MS + 1_001).await;
    assert_eq!((pruned.tombstones, pruned.changes), (450, 900));
    assert!(server.rows(ScopeId::Person(ORGANISER)).await.is_empty());

    // Whoever was away edits what was deleted: the edit is taken, and is all that comes back of it.
    let late = away.edit(note(7), "title", "Ask about tea");
    let response = away.ask(&server, std::slice::from_ref(&late)).await;
    assert_eq!(outcomes(&response), [Outcome::Accepted]);
    assert_eq!(response.reread, reread(ScopeId::OWN, RereadReason::TooOld));
    // Repeated after its acceptance was forgotten, it changes nothing.
    let rows = server.rows(ScopeId::Person(ORGANISER)).await;
    assert_eq!(
        (rows.len(), rows[0].record.value("body").as_text()),
        (1, None)
    );
    server.prune(1_000, NOW_MS + 1_001).await;
    away.ask(&server, &[late]).await;
    assert_eq!(server.rows(ScopeId::Person(ORGANISER)).await, rows);
}
