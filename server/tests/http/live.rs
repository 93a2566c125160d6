//! Hints: how far scopes go, and nothing else.

use keruen_domain::protocol::live::{Hints, PATH};
use keruen_domain::protocol::v1::{Cursor, ScopeCursor};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER};
use keruen_domain::{ScopeId, protocol};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};

use crate::harness::*;

/// An open stream, and what it has said of each scope.
pub(crate) struct Listener {
    stream: reqwest::Response,
    hints: Hints,
}

async fn connect(server: &TestServer, device: &Device) -> reqwest::Response {
    let request = http_client()
        .get(server.url(PATH))
        .header(DEVICE_HEADER, device.id.to_string())
        .header(ACCEPT, BINARY_MEDIA_TYPE)
        .header(ACCEPT_ENCODING, "br, gzip");
    let request = match device.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.unwrap()
}

impl Listener {
    pub(crate) async fn of(server: &TestServer, device: &Device) -> Self {
        let stream = connect(server, device).await;
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(stream.headers()[CONTENT_TYPE], "text/event-stream");
        assert!(!stream.headers().contains_key(CONTENT_ENCODING));
        let hints = Hints::default();
        Self { stream, hints }
    }

    /// The next event; empty at the end of the stream.
    pub(crate) async fn next(&mut self) -> Vec<ScopeCursor> {
        while let Some(piece) = self.stream.chunk().await.unwrap() {
            let hints = self.hints.take(&piece);
            if !hints.is_empty() {
                return hints;
            }
        }
        Vec::new()
    }
}

fn at(scope: ScopeId, sequence: u64) -> ScopeCursor {
    let cursor = Cursor { epoch: 1, sequence };
    ScopeCursor { scope, cursor }
}

#[tokio::test]
async fn what_others_write_is_hinted_at_to_who_may_read_it() {
    let server = TestServer::start().await;
    server
        .put(vec![programme_record(1, true), programme_record(2, false)])
        .await;
    let mut organiser = Device::of_organiser(1);
    let mut own = Listener::of(&server, &organiser).await;
    let mut public = Listener::of(&server, &Device::visitor(2)).await;
    assert_eq!(own.next().await, [at(programme(1), 1), at(programme(2), 1)]);
    assert_eq!(public.next().await, [at(programme(1), 1)]);

    // A private note, then something that everybody may read: the visitor hears of that only.
    let note = organiser.edit(note(1), "body", "a secret of mine");
    organiser.exchange(&server, &[note]).await;
    while !own.next().await.contains(&at(ScopeId::OWN, 1)) {}
    let session = key(programme(1), keruen_domain::Collection::SESSION, 5);
    let change = organiser.edit(session, "room", "Hall 2");
    organiser.exchange(&server, &[change]).await;
    loop {
        let heard = public.next().await;
        assert!(
            heard.iter().all(|hint| hint.scope == programme(1)),
            "{heard:?}"
        );
        if heard == [at(programme(1), 2)] {
            break;
        }
    }
    assert!(own.next().await.contains(&at(programme(1), 2)));
}

#[tokio::test]
async fn what_is_written_beside_the_server_is_noticed() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut listener = Listener::of(&server, &Device::visitor(1)).await;
    assert_eq!(listener.next().await, [at(programme(1), 1)]);
    // As an import does it: no request wakes anybody.
    server.put(sessions(1, 3)).await;
    while listener.next().await != [at(programme(1), 4)] {}
}

#[tokio::test]
async fn connections_are_few_and_need_a_device_and_no_wrong_token() {
    let server = TestServer::start_with(&["--live-connections", "2"]).await;
    server.put(vec![programme_record(1, true)]).await;
    let mut first = Listener::of(&server, &Device::visitor(1)).await;
    let second = Listener::of(&server, &Device::visitor(2)).await;
    first.next().await;
    let third = connect(&server, &Device::visitor(3)).await;
    assert_eq!(third.headers()["retry-after"], "60");
    let (status, problem) = problem(third).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(matches!(problem, protocol::v1::Problem::TooMany { .. }));
    drop(second);
    // The end of a connection is noticed by itself, without a line to send.
    while connect(&server, &Device::visitor(3)).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    let nameless = server.get(PATH).await;
    assert_eq!(nameless.status(), StatusCode::BAD_REQUEST);
    let mut wrong = Device::visitor(4);
    wrong.token = Some("another-token-than-the-organisers");
    assert_eq!(
        connect(&server, &wrong).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let mut listener = Listener::of(&server, &Device::visitor(1)).await;
    assert_eq!(listener.next().await.len(), 1);
    server.stop();
    assert!(listener.next().await.is_empty());
}
