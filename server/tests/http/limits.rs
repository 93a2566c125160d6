//! How much, how long and how often.

use keruen_domain::protocol::limits::{
    MAX_CHANGES, MAX_FIELDS, MAX_RECORD_BYTES, MAX_REQUEST_BYTES, MAX_SCOPES,
};
use keruen_domain::protocol::v1::{Cursor, Outcome, Problem};
use keruen_domain::{
    Author, Change, ChangeId, Clock, DeviceId, Edit, FieldKey, Hlc, Refusal, ScopeId, encoding,
};
use reqwest::StatusCode;

use crate::harness::*;

const TOO_LARGE: (StatusCode, Problem) = (StatusCode::PAYLOAD_TOO_LARGE, Problem::TooLarge);

#[tokio::test]
async fn a_body_may_be_so_long_and_no_longer() {
    let server = TestServer::start().await;
    let device = Device::of_organiser(1);
    let too_long = vec![0; MAX_REQUEST_BYTES + 1];
    let answer = device.post(&server).body(too_long).send().await.unwrap();
    assert_eq!(problem(answer).await, TOO_LARGE);
    let just_right = vec![0; MAX_REQUEST_BYTES];
    let answer = device.post(&server).body(just_right).send().await.unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::BAD_REQUEST,
        "read, but not understood"
    );
}

#[tokio::test]
async fn a_request_may_hold_so_many_changes_and_no_more() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let mut changes: Vec<Change> = (0..=MAX_CHANGES as u64)
        .map(|number| device.edit(note(number), "body", "tea"))
        .collect();
    let body = encoding::encode(&device.request(changes.clone()));
    let answer = device.post(&server).body(body).send().await.unwrap();
    assert_eq!(problem(answer).await, TOO_LARGE);
    assert!(server.rows(ScopeId::Person(ORGANISER)).await.is_empty());
    changes.pop();
    let response = device.exchange(&server, &changes).await;
    assert_eq!(outcomes(&response), vec![Outcome::Accepted; MAX_CHANGES]);
}

#[tokio::test]
async fn a_request_may_name_so_many_scopes_and_no_more() {
    let server = TestServer::start().await;
    let mut device = Device::visitor(1);
    let cursor = Cursor {
        epoch: 1,
        sequence: 0,
    };
    device.cursors = (0..=MAX_SCOPES as u64)
        .map(|number| (programme(number), cursor))
        .collect();
    let body = encoding::encode(&device.request(vec![]));
    let answer = device.post(&server).body(body).send().await.unwrap();
    assert_eq!(problem(answer).await, TOO_LARGE);
    device.cursors.pop_last();
    assert_eq!(device.ask(&server, &[]).await.revoked.len(), MAX_SCOPES);
}

#[tokio::test]
async fn a_change_that_is_too_large_does_not_hold_up_the_others() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(NOW_MS);
    let mut many = Edit::new(note(2), None, stamp, Author::Person);
    for number in 0..=MAX_FIELDS {
        many.set(FieldKey::register(&format!("field{number}")), true);
    }
    let mut long_name = Edit::new(note(3), None, stamp, Author::Person);
    long_name.set(
        FieldKey::register(&"n".repeat(FieldKey::MAX_BYTES + 1)),
        true,
    );
    let change = |number, edit: Edit<'_>| Change {
        id: ChangeId::new(number, RANDOM),
        record: edit.finish().unwrap(),
    };
    let changes = [
        device.edit(note(1), "body", &"x".repeat(MAX_RECORD_BYTES)),
        change(1, many),
        change(2, long_name),
        device.edit(note(4), "body", "tea"),
    ];
    let response = device.exchange(&server, &changes).await;
    let refused = Outcome::Refused(Refusal::TooLarge);
    assert_eq!(
        outcomes(&response),
        [refused, refused, refused, Outcome::Accepted]
    );
    assert_eq!(server.rows(ScopeId::Person(ORGANISER)).await.len(), 1);
}

#[tokio::test]
async fn a_device_that_asks_too_often_hears_when_to_come_back() {
    // The tests' clock stands still, so that the bucket never fills again.
    let server = TestServer::start_with(&["--device-rate", "1"]).await;
    let (eager, calm) = (Device::visitor(1), Device::visitor(2));
    let body = encoding::encode(&eager.request(vec![]));
    let ask = async |device: &Device| {
        device
            .post(&server)
            .body(body.clone())
            .send()
            .await
            .unwrap()
    };
    let mut allowed = 0;
    let refused = loop {
        let answer = ask(&eager).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        allowed += 1;
    };
    assert_eq!(allowed, 20);
    assert_eq!(refused.headers()["retry-after"], "1");
    let expected = Problem::TooMany {
        retry_after_ms: 1_000,
    };
    assert_eq!(
        problem(refused).await,
        (StatusCode::TOO_MANY_REQUESTS, expected)
    );
    assert_eq!(ask(&calm).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_cannot_make_itself_many_by_names_of_devices() {
    let server = TestServer::start_with(&["--device-rate", "1"]).await;
    let ask = async |number: u64, token: &str| {
        let device = Device::visitor(number);
        let question = device.post(&server).bearer_auth(token);
        let answer = question.body(encoding::encode(&device.request(vec![])));
        answer.send().await.unwrap().status()
    };
    let (one, other) = ("a".repeat(43), "b".repeat(43));
    for number in 0..20 {
        // Nobody knows the token, and asking is limited all the same.
        assert_eq!(ask(number, &one).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(20, &one).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(20, &other).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_address_cannot_make_itself_many_by_a_header() {
    let server = TestServer::start_with(&["--address-rate", "1"]).await;
    let mut statuses = Vec::new();
    for number in 0..21 {
        let device = Device::visitor(number);
        let request = device
            .post(&server)
            .header("x-forwarded-for", format!("10.0.0.{number}"));
        let body = encoding::encode(&device.request(vec![]));
        statuses.push(request.body(body).send().await.unwrap().status());
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(statuses.iter().all(|status| *status == StatusCode::OK));
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_address() {
    let arguments = ["--address-rate", "1", "--trusted-proxy", "127.0.0.1"];
    let server = TestServer::start_with(&arguments).await;
    let ask = async |number: u64, from: String| {
        let device = Device::visitor(number);
        let body = encoding::encode(&device.request(vec![]));
        let request = device.post(&server).header("x-forwarded-for", from);
        request.body(body).send().await.unwrap().status()
    };
    for number in 0..20 {
        let answered = ask(number, format!("2001:db8:1:2:{number}::1")).await;
        assert_eq!(answered, StatusCode::OK);
    }
    let other_end = ask(20, "2001:db8:1:2:ffff:ffff:ffff:ffff".to_owned()).await;
    assert_eq!(other_end, StatusCode::TOO_MANY_REQUESTS);
    let neighbour = ask(21, "2001:db8:1:3::1".to_owned()).await;
    assert_eq!(neighbour, StatusCode::OK);
}
