//! What one device says and hears.

use keruen_domain::protocol::v1::Outcome;
use keruen_domain::protocol::v2::SyncResponse;
use keruen_domain::{Collection, PersonId, Refusal, Role, ScopeId, encoding};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};

use crate::harness::*;

#[tokio::test]
async fn a_repeated_request_changes_nothing_and_gets_the_same_results() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let changes = [
        device.edit(note(1), "body", "Ask about the budget"),
        device.edit(note(2), "body", "Buy tea"),
        device.edit(note(1), "body", "Ask about the budget of 2026"),
    ];
    let lost = device.ask(&server, &changes).await;
    assert_eq!(outcomes(&lost), [Outcome::Accepted; 3]);
    let own = ScopeId::Person(ORGANISER);
    let rows = server.rows(own).await;

    let repeated = device.exchange(&server, &changes).await;
    assert_eq!(repeated.results, lost.results);
    assert_eq!(server.rows(own).await, rows);
    assert_eq!(rows.len(), 2);
    let body = rows[1].record.value("body");
    assert_eq!(body.as_text(), Some("Ask about the budget of 2026"));
}

#[tokio::test]
async fn a_device_is_not_told_what_it_has_just_said() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "Ask about the budget");
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(record_count(&response), 0);
    assert_eq!(device.cursors[&ScopeId::OWN].sequence, 1);

    let change = device.edit(note(1), "body", "Ask about tea");
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(record_count(&response), 0);
    assert_eq!(device.cursors[&ScopeId::OWN].sequence, 2);

    let quiet = device.exchange(&server, &[]).await;
    assert!(quiet.pages.is_empty());
}

#[tokio::test]
async fn a_row_in_which_others_wrote_too_is_told_whole() {
    let server = TestServer::start().await;
    let mut one = Device::of_organiser(1);
    let mut other = Device::of_organiser(2);
    let first = one.edit(note(1), "body", "Ask about the budget");
    one.exchange(&server, &[first]).await;
    other.pull(&server).await;
    let theirs = other.edit(note(1), "title", "Budget");
    other.exchange(&server, &[theirs]).await;

    let own = one.edit(note(1), "body", "Ask about the budget of 2026");
    let response = one.exchange(&server, &[own]).await;
    assert_eq!(record_count(&response), 1);
    assert_eq!(one.text(&note(1), "title"), Some("Budget"));
}

#[tokio::test]
async fn visitors_read_public_programmes_and_write_nothing() {
    let server = TestServer::start().await;
    server
        .put(vec![programme_record(1, true), programme_record(2, false)])
        .await;
    server.put(sessions(1, 3)).await;
    server.put(sessions(2, 3)).await;
    let mut visitor = Device::visitor(1);
    let change = visitor.edit(note(1), "body", "Ask about the budget");
    let into_programme = key(programme(1), Collection::SESSION, 1_000);
    let session = visitor.edit(into_programme, "title", "Tea");
    let response = visitor.exchange(&server, &[change.clone(), session]).await;
    assert!(!response.joined);
    assert_eq!(response.roles, []);
    let refused = Outcome::Refused(Refusal::NotJoined);
    assert_eq!(outcomes(&response), [refused, refused]);
    assert_eq!(record_count(&response), 4);
    assert!(response.pages.iter().all(|page| page.scope == programme(1)));

    // The same change is welcome once the device has joined.
    visitor.token = Some(TOKEN);
    let response = visitor.exchange(&server, &[change]).await;
    assert!(response.joined);
    assert_eq!(outcomes(&response), [Outcome::Accepted]);
    assert_eq!(server.rows(ScopeId::Person(ORGANISER)).await.len(), 1);
    assert_eq!(
        record_count(&response),
        4,
        "the programme that is not public"
    );
    let roles: Vec<_> = response
        .roles
        .iter()
        .map(|role| (role.programme, role.role))
        .collect();
    let organiser = Role::Organiser;
    assert_eq!(
        roles,
        [(programme_id(1), organiser), (programme_id(2), organiser)]
    );
}

#[tokio::test]
async fn the_own_scope_bears_no_real_name_on_devices() {
    let server = TestServer::start().await;
    let mut one = Device::of_organiser(1);
    let by_real_name = key(ScopeId::Person(ORGANISER), Collection::NOTE, 2);
    let changes = [
        one.edit(note(1), "body", "written as own"),
        one.edit(by_real_name, "body", "written by the real name"),
    ];
    let response = one.exchange(&server, &changes).await;
    assert_eq!(outcomes(&response), [Outcome::Accepted; 2]);
    assert_eq!(server.rows(ScopeId::Person(ORGANISER)).await.len(), 2);
    assert!(server.rows(ScopeId::OWN).await.is_empty());

    let mut other = Device::of_organiser(2);
    let body = encoding::encode(&other.request(vec![]));
    let answer = other.post(&server).body(body).send().await.unwrap();
    let bytes = answer.bytes().await.unwrap();
    let name = ORGANISER.uuid();
    assert!(!bytes.windows(16).any(|window| window == name.as_bytes()));
    other.save(&encoding::decode(&bytes).unwrap());
    assert_eq!(other.text(&note(1), "body"), Some("written as own"));
    assert_eq!(
        other.text(&note(2), "body"),
        Some("written by the real name")
    );
    assert!(other.rows.keys().all(|key| key.scope == ScopeId::OWN));
}

#[tokio::test]
async fn scopes_of_others_are_revoked_and_refused() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let stranger = ScopeId::Person(PersonId::new(5, RANDOM));
    let mut device = Device::of_organiser(1);
    device.pull(&server).await;
    device
        .cursors
        .insert(stranger, device.cursors[&programme(1)]);
    let change = device.edit(key(stranger, Collection::NOTE, 1), "body", "not mine");
    let response = device.exchange(&server, &[change]).await;
    assert_eq!(response.revoked, [stranger]);
    assert_eq!(outcomes(&response), [Outcome::Refused(Refusal::NotAMember)]);
    assert!(server.rows(stranger).await.is_empty());
}

#[tokio::test]
async fn a_programme_that_is_no_longer_public_is_revoked_for_visitors_but_their_notes_are_not() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut visitor = Device::visitor(1);
    visitor.pull(&server).await;
    visitor
        .cursors
        .insert(ScopeId::OWN, visitor.cursors[&programme(1)]);
    server.put(vec![programme_record(1, false)]).await;
    let response = visitor.exchange(&server, &[]).await;
    assert_eq!(response.revoked, [programme(1)]);
    assert!(response.pages.is_empty());
}

#[tokio::test]
async fn json_says_the_same_as_the_binary_form() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 5)).await;
    let device = Device::of_organiser(1);
    let request = device.request(vec![]);
    let binary = device.ask(&server, &[]).await;
    let json = device
        .post(&server)
        .header(CONTENT_TYPE, "application/json");
    // `header` adds: a request of one content type is built anew.
    let mut json = json.build().unwrap();
    json.headers_mut()
        .insert(CONTENT_TYPE, "application/json".parse().unwrap());
    *json.body_mut() = Some(serde_json::to_vec(&request).unwrap().into());
    let response = http_client().execute(json).await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let answer: SyncResponse = response.json().await.unwrap();
    assert_eq!(answer, binary);

    let asked = device.post(&server).header(ACCEPT, "application/json");
    let response = asked.body(encoding::encode(&request)).send().await.unwrap();
    assert_eq!(response.json::<SyncResponse>().await.unwrap(), binary);
}

#[tokio::test]
async fn long_answers_are_compressed_and_short_ones_are_not() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    server.put(sessions(1, 90)).await;
    let mut device = Device::visitor(1);
    let plain = encoding::encode(&device.ask(&server, &[]).await);
    for (name, decompress) in [("br", unbrotli as fn(&[u8]) -> Vec<u8>), ("gzip", gunzip)] {
        let request = device.post(&server).header(ACCEPT_ENCODING, name);
        let body = encoding::encode(&device.request(vec![]));
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.headers()[CONTENT_ENCODING], name);
        assert_eq!(response.headers()["vary"], "accept-encoding");
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.len() * 2 < plain.len());
        assert_eq!(decompress(&bytes), plain);
    }
    device.pull(&server).await;
    let request = device.post(&server).header(ACCEPT_ENCODING, "br");
    let body = encoding::encode(&device.request(vec![]));
    let response = request.body(body).send().await.unwrap();
    assert!(!response.headers().contains_key(CONTENT_ENCODING));
    let bytes = response.bytes().await.unwrap();
    assert!(
        bytes.len() < 20,
        "a quiet exchange is {} bytes",
        bytes.len()
    );
}

fn unbrotli(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut &*bytes, &mut plain).unwrap();
    plain
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

#[tokio::test]
async fn a_quiet_exchange_writes_nothing() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "Ask about the budget");
    device.exchange(&server, &[change]).await;
    let before = server.database_bytes();
    device.exchange(&server, &[]).await;
    assert!(server.database_bytes() == before);
}
