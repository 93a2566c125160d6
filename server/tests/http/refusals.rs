//! Requests that are not what they should be: a clear answer, and an unchanged database.

use std::io::Write as _;

use keruen_domain::encoding;
use keruen_domain::protocol::v1::Problem;
use keruen_domain::protocol::v2::SyncRequest;
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, VERSION_HEADER};
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::harness::*;

/// Sends a body with exactly these headers.
async fn send(
    server: &TestServer,
    headers: &[(&'static str, &str)],
    body: Vec<u8>,
) -> reqwest::Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let request = http_client().post(server.sync_url()).headers(map);
    request.body(body).send().await.unwrap()
}

const GOOD: [(&str, &str); 3] = [
    (VERSION_HEADER, "2"),
    (DEVICE_HEADER, "0123456789abcdef"),
    ("content-type", BINARY_MEDIA_TYPE),
];

fn good_with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut headers: Vec<_> = GOOD
        .into_iter()
        .filter(|(known, _)| *known != name)
        .collect();
    headers.push((name, value));
    headers
}

fn good_without(name: &str) -> Vec<(&'static str, &'static str)> {
    GOOD.into_iter()
        .filter(|(known, _)| *known != name)
        .collect()
}

fn empty_request() -> Vec<u8> {
    encoding::encode(&SyncRequest {
        changes: vec![],
        cursors: vec![],
        page_records: 10,
        takes_snapshots: false,
        sums: Vec::new(),
    })
}

#[tokio::test]
async fn headers_must_say_version_device_and_form() {
    let server = TestServer::start().await;
    let body = empty_request();
    let malformed = (StatusCode::BAD_REQUEST, Problem::Malformed);
    let unknown_form = (StatusCode::UNSUPPORTED_MEDIA_TYPE, Problem::Malformed);
    let too_new = (
        StatusCode::BAD_REQUEST,
        Problem::VersionNotSupported {
            oldest: 1,
            newest: 2,
        },
    );
    assert_eq!(
        send(&server, &GOOD, body.clone()).await.status(),
        StatusCode::OK
    );
    for (headers, expected) in [
        (good_without(VERSION_HEADER), malformed),
        (good_with(VERSION_HEADER, "one"), malformed),
        (good_with(VERSION_HEADER, "3"), too_new),
        (good_with(VERSION_HEADER, "0"), too_new),
        (good_without(DEVICE_HEADER), malformed),
        (good_with(DEVICE_HEADER, "0123"), malformed),
        (good_with("content-encoding", "br"), unknown_form),
    ] {
        let answer = send(&server, &headers, body.clone()).await;
        assert_eq!(problem(answer).await, expected, "{headers:?}");
    }
    let answer = send(&server, &good_with("content-type", "text/plain"), body).await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(answer.text().await.unwrap(), "\"Malformed\"");
}

#[tokio::test]
async fn a_wrong_token_is_not_a_visitor() {
    let server = TestServer::start().await;
    for token in ["Bearer wrong", "Bearer ", "Basic YTpi", "wrong"] {
        let headers = good_with("authorization", token);
        let answer = send(&server, &headers, empty_request()).await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        let expected = (StatusCode::UNAUTHORIZED, Problem::NotAuthorised);
        assert_eq!(problem(answer).await, expected, "{token:?}");
    }
}

#[tokio::test]
async fn a_server_without_a_token_accepts_none() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let server = TestServer::start_in(folder, 1, None, &[]).await;
    let device = Device::of_organiser(1);
    let answer = device
        .post(&server)
        .body(empty_request())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn broken_bodies_are_refused_and_change_nothing() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "Ask about the budget");
    device.exchange(&server, &[change]).await;
    let before = server.database_bytes();

    let change = device.edit(note(2), "body", "Buy tea");
    let whole = encoding::encode(&device.request(vec![change]));
    let mut broken: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
    broken.push([&*whole, b"x"].concat());
    broken.push(vec![0xff; 64]);
    for body in broken {
        let length = body.len();
        let answer = device.post(&server).body(body).send().await.unwrap();
        let expected = (StatusCode::BAD_REQUEST, Problem::Malformed);
        assert_eq!(problem(answer).await, expected, "of {length} bytes");
    }
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{\"changes\":[]}",
        "{\"changes\":[{}],\"cursors\":[],\"page_records\":1}",
    ] {
        let headers = good_with("content-type", "application/json");
        let answer = send(&server, &headers, text.into()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text:?}");
    }
    assert!(server.database_bytes() == before);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[tokio::test]
async fn compressed_requests_are_read_and_bombs_are_not() {
    let server = TestServer::start().await;
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", &"Ask about the budget. ".repeat(200));
    let body = gzip(&encoding::encode(&device.request(vec![change])));
    let post = || device.post(&server).header(CONTENT_ENCODING, "gzip");
    let answer = post().body(body.clone()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);

    let before = server.database_bytes();
    let cut = body[..body.len() - 5].to_vec();
    let answer = post().body(cut).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let bomb = gzip(&vec![0; 100 * 1024 * 1024]);
    assert!(bomb.len() < 200 * 1024);
    let answer = post().body(bomb).send().await.unwrap();
    let expected = (StatusCode::PAYLOAD_TOO_LARGE, Problem::TooLarge);
    assert_eq!(problem(answer).await, expected);
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn problems_come_in_the_form_of_the_request() {
    let server = TestServer::start().await;
    let mut headers = good_with("content-type", "application/json");
    headers.push((AUTHORIZATION.as_str(), "Bearer wrong"));
    let answer = send(&server, &headers, b"{}".to_vec()).await;
    assert_eq!(answer.headers()["keruen-problem"], "not-authorised");
    assert_eq!(answer.text().await.unwrap(), "\"NotAuthorised\"");
}
