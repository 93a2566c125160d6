//! Files that people send.

mod cuts;
mod limits;
mod notes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keruen_domain::protocol::files::upload;
use keruen_domain::protocol::people::{Joined, paths};
use keruen_domain::{ContentHash, Role};
use reqwest::{Method, RequestBuilder, Response};

use crate::harness::*;
use crate::people::{ask, invited, joining, private_programme};

/// A picture by its first bytes, and some more.
pub(crate) fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((bytes.len()..length).map(|place| (place * 7 % 251) as u8));
    bytes
}

/// A member of a programme with a device of their own.
pub(crate) async fn member(server: &TestServer, number: u64, role: Role, device: u64) -> Device {
    let secret = invited(server, number, role, 1).await;
    let question = joining(&secret, device);
    let mut device = Device::visitor(device);
    let _: Joined = ask(server, &device, paths::JOIN, &question).await.unwrap();
    device.token = Some(question.token.leak());
    device
}

/// A question of this device at this address.
pub(crate) fn tus(
    server: &TestServer,
    device: &Device,
    method: Method,
    path: &str,
) -> RequestBuilder {
    let request = http_client()
        .request(method, server.url(path))
        .header(upload::TUS_HEADER, upload::TUS_VERSION);
    match device.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

/// What is announced of a file beside its length.
pub(crate) fn metadata(number: u64, hash: &ContentHash, name: &str) -> String {
    let programme = STANDARD.encode(programme_id(number).to_string());
    metadata_of(&format!("programme {programme}"), hash, name)
}

/// The same for any scope, as it is to be said.
pub(crate) fn metadata_of(scope: &str, hash: &ContentHash, name: &str) -> String {
    let [hash, name] = [hash.to_string(), name.to_owned()].map(|text| STANDARD.encode(text));
    format!("{scope},sha256 {hash},filename {name}")
}

/// The answer to the announcement of a file with these bytes.
pub(crate) async fn announce(
    server: &TestServer,
    device: &Device,
    number: u64,
    bytes: &[u8],
    name: &str,
) -> Response {
    tus(server, device, Method::POST, upload::ADDRESS)
        .header(upload::LENGTH_HEADER, bytes.len())
        .header(
            upload::METADATA_HEADER,
            metadata(number, &ContentHash::of(bytes), name),
        )
        .send()
        .await
        .unwrap()
}

/// Where an announced file goes.
pub(crate) fn place(announced: &Response) -> String {
    assert_eq!(announced.status(), 201);
    announced.headers()["location"].to_str().unwrap().to_owned()
}

/// The answer to a piece.
pub(crate) async fn send(
    server: &TestServer,
    device: &Device,
    place: &str,
    offset: usize,
    piece: &[u8],
) -> Response {
    tus(server, device, Method::PATCH, place)
        .header(upload::OFFSET_HEADER, offset)
        .header("content-type", upload::PIECE_MEDIA_TYPE)
        .body(piece.to_vec())
        .send()
        .await
        .unwrap()
}

/// Status, code of the problem, offset.
pub(crate) fn told(answer: &Response) -> (u16, &str, Option<usize>) {
    let header = |name| Some(answer.headers().get(name)?.to_str().unwrap());
    (
        answer.status().as_u16(),
        header("keruen-problem").unwrap_or_default(),
        header(upload::OFFSET_HEADER).map(|offset| offset.parse().unwrap()),
    )
}

/// How much is here.
pub(crate) async fn ask_standing(server: &TestServer, device: &Device, place: &str) -> Response {
    let asked = tus(server, device, Method::HEAD, place);
    asked.send().await.unwrap()
}

/// The file's status for somebody, and its bytes.
pub(crate) async fn fetch(server: &TestServer, device: &Device, bytes: &[u8]) -> (u16, Vec<u8>) {
    let path = format!("/api/v1/files/{}", ContentHash::of(bytes));
    let answer = tus(server, device, Method::GET, &path)
        .send()
        .await
        .unwrap();
    (
        answer.status().as_u16(),
        answer.bytes().await.unwrap().to_vec(),
    )
}

/// How many files lie in the folder of those on their way.
pub(crate) fn on_their_way(server: &TestServer) -> usize {
    let folder = server.folder.path().join("unfinished");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_file_goes_in_pieces_and_is_the_programmes() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let participant = member(&server, 1, Role::Participant, 2).await;
    let bytes = picture(3_000_000);
    let announced = announce(&server, &trainer, 1, &bytes, "Карта.png").await;
    assert_eq!(told(&announced), (201, "", Some(0)));
    let headers = announced.headers();
    assert_eq!(headers[upload::TUS_HEADER], upload::TUS_VERSION);
    assert!(headers.contains_key(upload::EXPIRES_HEADER));
    let place = place(&announced);
    let (half, size) = (1_234_567, bytes.len());
    let first = send(&server, &trainer, &place, 0, &bytes[..half]).await;
    assert_eq!(told(&first), (204, "", Some(half)));
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(half)));
    assert_eq!(standing.headers()[upload::LENGTH_HEADER], size.to_string());
    assert_eq!(fetch(&server, &trainer, &bytes).await.0, 404);
    let last = send(&server, &trainer, &place, half, &bytes[half..]).await;
    assert_eq!(told(&last), (204, "", Some(size)));
    assert_eq!(last.headers()[upload::MEDIA_TYPE_HEADER], "image/png");
    let (status, fetched) = fetch(&server, &participant, &bytes).await;
    assert!(status == 200 && fetched == bytes);
    assert_eq!(fetch(&server, &Device::visitor(3), &bytes).await.0, 404);
    // Whoever did not hear the answer asks.
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(size)));
    assert_eq!(standing.headers()[upload::MEDIA_TYPE_HEADER], "image/png");
    let nothing = send(&server, &trainer, &place, size, b"").await;
    assert_eq!(told(&nothing), (204, "", Some(size)));
    // What is known of it, without bytes.
    assert_eq!(on_their_way(&server), 1);
    let parts = format!("/api/v1/files/{}/parts", ContentHash::of(&bytes));
    let parts = tus(&server, &participant, Method::GET, &parts).send().await;
    let parts: keruen_domain::protocol::files::Parts = parts.unwrap().json().await.unwrap();
    assert_eq!(parts.sha256.len(), 3);
}

#[tokio::test]
async fn what_is_not_what_was_announced_is_refused_and_not_kept() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let (bytes, mut other) = (picture(5_000), picture(5_000));
    other[4_000] ^= 1;
    let page = b"<html>hello".as_slice();
    for (bytes, sent, name, code) in [
        (bytes.as_slice(), other.as_slice(), "a.png", "wrong-content"),
        (page, page, "a.png", "wrong-type"),
        (bytes.as_slice(), bytes.as_slice(), "a.txt", "wrong-type"),
    ] {
        let place = place(&announce(&server, &trainer, 1, bytes, name).await);
        let refused = send(&server, &trainer, &place, 0, sent).await;
        assert_eq!(told(&refused), (422, code, None), "{name}");
        // Whoever did not hear it hears it again.
        let standing = ask_standing(&server, &trainer, &place).await;
        assert_eq!(told(&standing), (422, code, None));
        let again = send(&server, &trainer, &place, sent.len(), b"").await;
        assert_eq!(told(&again), (422, code, None));
        assert_eq!(fetch(&server, &trainer, bytes).await.0, 404);
        assert_eq!(fetch(&server, &trainer, sent).await.0, 404);
    }
    assert_eq!(on_their_way(&server), 3, "no bytes of them");
    // A page that is only to be saved is a file like any other.
    let place = place(&announce(&server, &trainer, 1, page, "a.html").await);
    let sent = send(&server, &trainer, &place, 0, page).await;
    assert_eq!(
        sent.headers()[upload::MEDIA_TYPE_HEADER],
        "application/octet-stream"
    );
}

#[tokio::test]
async fn only_who_may_write_materials_sends_files_and_only_their_own() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    server.put(vec![programme_record(3, true)]).await;
    let bytes = picture(100);
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let organiser = member(&server, 1, Role::Organiser, 2).await;
    let participant = member(&server, 1, Role::Participant, 3).await;
    let visitor = Device::visitor(4);
    for (device, number, status) in [
        (&visitor, 1, 401),
        (&visitor, 3, 401),
        (&participant, 1, 403),
        (&trainer, 2, 404),
        (&trainer, 3, 403),
        (&trainer, 9, 404),
        (&organiser, 1, 201),
        (&Device::of_organiser(5), 2, 201),
    ] {
        let answer = announce(&server, device, number, &bytes, "a.png").await;
        assert_eq!(answer.status(), status, "{number}");
    }
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    for device in [&visitor, &participant, &organiser] {
        let status = if device.token.is_none() { 401 } else { 404 };
        let status = if device.id == participant.id {
            404
        } else {
            status
        };
        let asked = ask_standing(&server, device, &place).await;
        assert_eq!(asked.status(), status);
        let sent = send(&server, device, &place, 0, &bytes).await;
        assert_eq!(sent.status(), status);
        let ended = tus(&server, device, Method::DELETE, &place);
        assert_eq!(ended.send().await.unwrap().status(), status);
    }
    let own = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&own), (200, "", Some(0)));
}

#[tokio::test]
async fn whoever_is_a_trainer_no_more_sends_no_more() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let bytes = picture(100);
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let first = send(&server, &trainer, &place, 0, &bytes[..50]).await;
    assert_eq!(told(&first), (204, "", Some(50)));
    let person = crate::people::me(&server, &trainer).await.person;
    server
        .write(move |write| {
            for mut membership in write.memberships(person)? {
                membership.role = Role::Participant;
                write.put_membership(&membership)?;
            }
            Ok(())
        })
        .await;
    let sent = send(&server, &trainer, &place, 50, &bytes[50..]).await;
    assert_eq!(sent.status(), 403);
    assert_eq!(fetch(&server, &trainer, &bytes).await.0, 404);
}

#[tokio::test]
async fn a_hash_gives_no_file_to_whoever_could_not_read_it() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let bytes = picture(1_000);
    let owner = member(&server, 1, Role::Trainer, 1).await;
    let owned = place(&announce(&server, &owner, 1, &bytes, "a.png").await);
    let sent = send(&server, &owner, &owned, 0, &bytes).await;
    assert_eq!(sent.status(), 204);

    // Of another programme: no difference to a file that nobody has.
    let stranger = member(&server, 2, Role::Organiser, 2).await;
    let held = announce(&server, &stranger, 2, &bytes, "b.png").await;
    let unknown = announce(&server, &stranger, 2, &picture(1_001), "b.png").await;
    assert_eq!(told(&held), (201, "", Some(0)));
    assert_eq!(told(&held), told(&unknown));
    let names = |answer: &Response| {
        let names = answer.headers().keys();
        names.map(|name| name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&held), names(&unknown));
    assert_eq!(fetch(&server, &stranger, &bytes).await.0, 404);
    // Whoever has the bytes has them.
    let sent = send(&server, &stranger, &place(&held), 0, &bytes).await;
    assert_eq!(told(&sent), (204, "", Some(1_000)));
    assert_eq!(fetch(&server, &stranger, &bytes).await.0, 200);
}

#[tokio::test]
async fn a_file_that_the_asker_may_read_anyway_needs_no_bytes() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let bytes = picture(1_000);
    let operator = Device::of_organiser(1);
    let first = place(&announce(&server, &operator, 1, &bytes, "a.png").await);
    assert_eq!(
        send(&server, &operator, &first, 0, &bytes).await.status(),
        204
    );
    let of_second = member(&server, 2, Role::Participant, 2).await;
    assert_eq!(fetch(&server, &of_second, &bytes).await.0, 404);
    let second = announce(&server, &operator, 2, &bytes, "b.png").await;
    assert_eq!(told(&second), (201, "", Some(1_000)));
    assert_eq!(second.headers()[upload::MEDIA_TYPE_HEADER], "image/png");
    assert_eq!(
        fetch(&server, &of_second, &bytes).await,
        (200, bytes.clone())
    );
    let standing = ask_standing(&server, &operator, &place(&second)).await;
    assert_eq!(told(&standing), (200, "", Some(1_000)));
    // The name must be true of it here too.
    let wrong = announce(&server, &operator, 2, &bytes, "b.pdf").await;
    assert_eq!(told(&wrong), (422, "wrong-type", None));
}
