//! Devices that speak version 1 of the protocol go on working.

use keruen_domain::protocol::v1::{self, Outcome};
use keruen_domain::{ScopeId, encoding};
use keruen_server::snapshot::Rules;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use crate::harness::*;

/// What an app of version 1 sends, to the last byte, in hexadecimal digits.
const REQUEST: &str = include_str!("../../../domain/tests/fixtures/v1/request.hex");

fn frozen_request() -> Vec<u8> {
    let digits: String = REQUEST.split_whitespace().collect();
    let byte = |place| u8::from_str_radix(&digits[place..place + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

async fn ask(server: &TestServer, device: &Device, body: Vec<u8>) -> v1::SyncResponse {
    let request = http_client()
        .post(server.sync_url())
        .header("keruen-protocol", "1")
        .header("keruen-device", device.id.to_string())
        .header(CONTENT_TYPE, "application/vnd.keruen.sync")
        .bearer_auth(TOKEN);
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    // Nothing may follow what version 1 knows.
    encoding::decode(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_frozen_request_is_answered_in_its_own_words() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let request: v1::SyncRequest = encoding::decode(&frozen_request()).unwrap();
    let device = Device::of_organiser(1);
    let response = ask(&server, &device, frozen_request()).await;
    let changes: Vec<_> = request.changes.iter().map(|change| change.id).collect();
    let answered: Vec<_> = response
        .results
        .iter()
        .map(|result| result.change)
        .collect();
    assert_eq!(answered, changes);
    assert!(!changes.is_empty() && response.joined);
    assert!(response.pages.iter().any(|page| page.scope == programme(1)));
}

#[tokio::test]
async fn it_is_never_told_what_it_has_no_words_for() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 100)).await;
    let rules = Rules {
        least_rows: 50,
        ..Rules::default()
    };
    assert_eq!(server.renew_snapshots(&rules, NOW_MS).await, 1);
    let mut device = Device::of_organiser(1);
    device.ahead_ms = 365 * 24 * 60 * 60 * 1_000;
    let elsewhere = v1::Cursor {
        epoch: 9,
        sequence: 9,
    };
    let request = v1::SyncRequest {
        changes: vec![device.edit(note(1), "body", "tea")],
        cursors: vec![v1::ScopeCursor {
            scope: programme(1),
            cursor: elsewhere,
        }],
        page_records: 1_000,
    };
    let response = ask(&server, &device, encoding::encode(&request)).await;
    // A bounded stamp is acceptance, another history is everything from the beginning, in pages.
    assert_eq!(response.results[0].outcome, Outcome::Accepted);
    let told = |scope| response.pages.iter().find(|page| page.scope == scope);
    assert_eq!(told(programme(1)).unwrap().records.len(), 101);
    assert_eq!(told(ScopeId::OWN).unwrap().records.len(), 1);
    assert!(!response.more);
}
