//! Several devices, and the server's restarts between them.

use keruen_domain::protocol::v1::Cursor;
use keruen_domain::{Collection, ScopeId};
use keruen_server::store::{Identity, SqliteStore};

use crate::harness::*;

#[tokio::test]
async fn two_devices_converge_on_different_fields() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 1)).await;
    let session = key(programme(1), Collection::SESSION, 1_000);
    let (mut one, mut other) = (Device::of_organiser(1), Device::of_organiser(2));
    one.pull(&server).await;
    other.pull(&server).await;

    let room = one.edit(session, "room", "Hall 2");
    let title = other.edit(session, "title", "Mapping an ecosystem");
    one.exchange(&server, &[room]).await;
    other.exchange(&server, &[title]).await;
    one.pull(&server).await;
    other.pull(&server).await;
    assert_eq!(one.rows, other.rows);
    assert_eq!(one.text(&session, "room"), Some("Hall 2"));
    assert_eq!(one.text(&session, "title"), Some("Mapping an ecosystem"));
}

#[tokio::test]
async fn two_devices_keep_both_texts_of_one_field() {
    let server = TestServer::start().await;
    let (mut one, mut other) = (Device::of_organiser(1), Device::of_organiser(2));
    let changes = [one.edit(note(1), "body", "written on the train")];
    one.exchange(&server, &changes).await;
    let changes = [other.edit(note(1), "body", "written in the hall")];
    other.exchange(&server, &changes).await;
    one.pull(&server).await;
    other.pull(&server).await;
    assert_eq!(one.rows, other.rows);
    let body = one.rows[&note(1)].field("body").unwrap();
    let others: Vec<_> = body
        .others()
        .map(|version| version.value.as_text())
        .collect();
    assert_eq!(body.value().as_text(), Some("written in the hall"));
    assert_eq!(others, [Some("written on the train")]);
}

#[tokio::test]
async fn a_restarted_server_knows_everything() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "Ask about the budget");
    let lost = device.ask(&server, std::slice::from_ref(&change)).await;
    let folder = server.folder.clone();
    drop(server);

    let server = TestServer::start_in(folder, 2, Some(TOKEN), &[]).await;
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(response.results, lost.results);
    assert_eq!(
        device.cursors[&ScopeId::OWN],
        Cursor {
            epoch: 1,
            sequence: 1
        }
    );
    let mut other = Device::of_organiser(2);
    assert_eq!(other.pull(&server).await, (1, 1));
}

#[tokio::test]
async fn another_history_is_read_from_its_beginning() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 3)).await;
    let mut device = Device::of_organiser(1);
    assert_eq!(device.pull(&server).await, (1, 4));
    let folder = server.folder.clone();
    drop(server);

    let restored = Identity {
        epoch: 2,
        organiser: ORGANISER,
    };
    SqliteStore::renew_epoch(folder.path(), restored).unwrap();
    let server = TestServer::start_in(folder, 3, Some(TOKEN), &[]).await;
    let response = device.exchange(&server, &[]).await;
    assert_eq!(record_count(&response), 4);
    assert_eq!(
        device.cursors[&programme(1)],
        Cursor {
            epoch: 2,
            sequence: 4
        }
    );
    assert_eq!(device.pull(&server).await, (1, 0));
}

#[tokio::test]
async fn a_cursor_from_ahead_of_the_history_is_not_believed() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut device = Device::visitor(1);
    let ahead = Cursor {
        epoch: 1,
        sequence: 900,
    };
    device.cursors.insert(programme(1), ahead);
    assert_eq!(device.pull(&server).await, (1, 1));
    assert_eq!(device.cursors[&programme(1)].sequence, 1);
}
