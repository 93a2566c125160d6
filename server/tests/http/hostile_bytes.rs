//! Requests that no browser makes: addresses that climb, values that would end a header, bodies that grow.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use keruen_domain::protocol::people::NewSecret;
use keruen_domain::protocol::people::paths as people;
use keruen_domain::protocol::shares::{NewShare, Shared, paths as shares};
use keruen_domain::protocol::{DEVICE_HEADER, VERSION_HEADER, limits};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::*;
use crate::people::{ask, private_programme};

const DEVICE: &str = "0123456789abcdef";

/// Sends these bytes, which no client would let pass, and reads until the server is done.
async fn raw(server: &TestServer, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that hangs up early has answered all the same.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: keruen\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn addresses_that_climb_lead_nowhere() {
    let (folder, root) = client_folder();
    std::fs::write(folder.path().join("outside.js"), "planted").unwrap();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    private_programme(&server, 1).await;
    std::fs::write(server.folder.path().join("outside.js"), "planted").unwrap();
    let before = server.database_bytes();
    let up = [
        "..",
        "%2e%2e",
        ".%2e",
        "%252e%252e",
        "..%2f..",
        "..%5c..",
        "%c0%ae%c0%ae",
        "....//",
    ];
    let below = [
        "/",
        "/styles/",
        "/api/v1/files/",
        "/api/v1/chunks/programme/x/",
        "/s/",
        "/s/x/files/",
        "/s/x/materials/",
    ];
    let mut addresses = Vec::new();
    for folder in below {
        for up in up {
            for target in ["outside.js", "keruen.db", "etc/passwd", "%00", "%ff"] {
                addresses.push(format!("{folder}{up}/{target}"));
                addresses.push(format!("{folder}{up}/{up}/{up}/{up}/{up}/{target}"));
                addresses.push(format!("{folder}{up}%2f{target}"));
            }
        }
        addresses.extend(["%00", "%ff", "%", "%zz"].map(|odd| [folder, odd].concat()));
    }
    addresses.extend(["//etc/passwd", "/etc/passwd", "file:///etc/passwd", "*"].map(str::to_owned));
    for address in addresses {
        let answer = raw(&server, &get(&address)).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        // An address of a place in the app is answered with the app itself.
        let is_app = status == "200" && answer.contains("<title>Keruen</title>");
        assert!(
            is_app || matches!(status, "400" | "404"),
            "{address}: {answer}"
        );
        for content in ["planted", "SQLite format", "root:"] {
            assert!(!answer.contains(content), "{address}");
        }
        // Words of the libraries beneath are not answers of ours.
        assert!(!answer.contains("Invalid U"), "{address}: {answer}");
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn no_value_ends_a_header() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let question = NewShare {
        programme: programme_id(1),
        shared: Shared::Agenda,
        valid_ms: None,
        passphrase: "a long way".to_owned(),
        note: String::new(),
    };
    let made: NewSecret = ask(&server, &Device::of_organiser(1), shares::NEW, &question)
        .await
        .unwrap();
    let secret = made.secret;
    let before = server.database_bytes();
    let client = http_client_that_stays();
    for value in [
        "%0d%0aset-cookie:%20a=b",
        "%0aset-cookie:%20a=b",
        "%0d%0a%0d%0a<script>",
        "%00",
    ] {
        for (is_typed, path) in [
            (false, format!("/s/{secret}?lang={value}")),
            (false, format!("/s/{secret}?ticket={value}")),
            (false, format!("/s/{value}")),
            (
                false,
                format!("/s/{secret}/materials/{value}?lang={value}&ticket={value}"),
            ),
            (false, format!("/s/{secret}/files/{value}")),
            (true, format!("/s/{secret}?lang={value}")),
            (true, format!("/s/{value}")),
        ] {
            let request = if is_typed {
                let form = "application/x-www-form-urlencoded";
                let request = client.post(server.url(&path)).header(CONTENT_TYPE, form);
                request.body("passphrase=a+long+way")
            } else {
                client.get(server.url(&path))
            };
            let answer = request.send().await.unwrap();
            assert!(answer.status().as_u16() < 500, "{path}");
            let headers = answer.headers();
            assert!(!headers.contains_key("set-cookie"), "{path}");
            if let Some(location) = headers.get("location") {
                let location = location.to_str().unwrap();
                assert!(location.starts_with(&format!("/s/{secret}")), "{location}");
                assert!(!location.contains("set-cookie"), "{location}");
            }
        }
    }
    // Lines that are folded, names with spaces, two lengths: not taken for anything else.
    let head = "POST /api/v1/me HTTP/1.1\r\nhost: keruen\r\nconnection: close\r\ncontent-type: application/json\r\n";
    for headers in [
        "content-length: 4\r\ncontent-length: 5\r\n\r\nnull",
        "content-length: 4\r\nkeruen-device: 0123\r\n 456789abcdef\r\n\r\nnull",
        "content-length : 4\r\n\r\nnull",
        "content-length: 4\r\nauthor\0ization: x\r\n\r\nnull",
        "content-length: -4\r\n\r\nnull",
    ] {
        let answer = raw(&server, &[head, headers].concat()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers:?}: {answer}");
    }
    assert!(server.database_bytes() == before);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut writer = DeflateEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

const QUESTIONS: [&str; 23] = [
    "/api/v1/sync",
    people::INVITATION,
    people::JOIN,
    people::ADD_DEVICE,
    people::ME,
    people::DEVICE_LINK,
    people::RECOVERY_CODE,
    people::REVOKE_DEVICE,
    people::MEMBERS,
    people::CHANGE_ROLE,
    people::LEAVE_PROGRAMME,
    people::INVITATIONS,
    people::INVITE,
    people::REVOKE_INVITATION,
    people::GROUPS,
    people::NEW_GROUP,
    people::ADD_TO_GROUP,
    people::LEAVE_GROUP,
    people::WRITERS,
    shares::OPEN,
    shares::NEW,
    shares::LIST,
    shares::REVOKE,
];

async fn post(server: &TestServer, path: &str, encoding: &str, body: Vec<u8>) -> (u16, String) {
    let answer = http_client()
        .post(server.url(path))
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_ENCODING, encoding)
        .header(DEVICE_HEADER, DEVICE)
        .header(VERSION_HEADER, "2")
        .bearer_auth(TOKEN)
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap())
}

#[tokio::test]
async fn what_grows_when_it_is_unpacked_is_refused_everywhere() {
    let server = TestServer::start_with(&["--device-rate", "0"]).await;
    let before = server.database_bytes();
    let plain = vec![b' '; limits::MAX_REQUEST_BYTES + 1];
    let bomb = gzip(&plain);
    assert!(bomb.len() < 16 * 1_024, "it is small as it comes");
    for path in QUESTIONS {
        let too_large = (413, "\"TooLarge\"".to_owned());
        assert_eq!(
            post(&server, path, "gzip", bomb.clone()).await,
            too_large,
            "{path}"
        );
        // A bomb in a bomb is unpacked once, and then is nothing.
        let twice = post(&server, path, "gzip", gzip(&bomb)).await;
        assert_eq!(twice, (400, "\"Malformed\"".to_owned()), "{path}");
        for (encoding, body) in [
            ("deflate", deflate(&plain)),
            ("br", b"\x8b".to_vec()),
            ("zstd", b"\x28\xb5\x2f\xfd".to_vec()),
            ("gzip, gzip", gzip(&bomb)),
            ("GZIP\u{e9}", bomb.clone()),
        ] {
            let (status, _) = post(&server, path, encoding, body).await;
            assert_eq!(status, 415, "{path}: {encoding}");
        }
    }
    // A form is read as it comes.
    let (status, _) = post(&server, "/s/x", "gzip", bomb).await;
    assert_eq!(status, 404);
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn huge_and_deep_exchanges_are_refused() {
    let server = TestServer::start_with(&["--device-rate", "0"]).await;
    let before = server.database_bytes();
    let deep = |open: &str| open.repeat(200_000 / open.len()).into_bytes();
    let wide = |item: &str| {
        let many = vec![item; 100_000].join(",");
        format!(
            r#"{{"changes":[{many}],"cursors":[],"page_records":1,"takes_snapshots":false,"sums":[]}}"#
        )
    };
    for (expected, body) in [
        (413, vec![b'['; limits::MAX_REQUEST_BYTES + 1]),
        (413, vec![b'1'; limits::MAX_REQUEST_BYTES + 1]),
        (400, deep("[")),
        (400, deep("{\"changes\":[")),
        (400, deep("{\"a\":")),
        (400, wide("1").into_bytes()),
        (400, wide("{}").into_bytes()),
        (
            400,
            format!("{{\"page_records\":{}}}", "9".repeat(100_000)).into_bytes(),
        ),
        (
            400,
            format!("{{\"page_records\":1e{}}}", "9".repeat(100_000)).into_bytes(),
        ),
        (
            400,
            b"{\"changes\":[],\"changes\":[],\"cursors\":[]}".to_vec(),
        ),
        (400, b"\"\\ud800\"".to_vec()),
        (400, b"\xff\xfe".to_vec()),
    ] {
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let (status, _) = post(&server, "/api/v1/sync", "identity", body).await;
        assert_eq!(status, expected, "{start}");
    }
    assert!(server.database_bytes() == before);
}
