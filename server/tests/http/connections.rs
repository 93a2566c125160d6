//! Nobody holds the server who does nothing, and nobody is cut off who is only slow.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use keruen_server::serve::{Certificate, CertificateFiles, Doors, Listening, Patience};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};

use crate::harness::*;

/// Times that a test can wait for; those that it does not try are long.
const LONG: Patience = Patience {
    handshake: Duration::from_secs(600),
    header: Duration::from_secs(600),
    piece: Duration::from_secs(600),
    body_bytes_per_second: 1_000,
    answer: Duration::from_secs(600),
    farewell: Duration::from_millis(50),
    certificate: Duration::from_secs(600),
};
const SHORT: Duration = Duration::from_millis(400);
/// By then what is waited for has not come.
const NEVER: Duration = Duration::from_secs(60);

async fn start(patience: Patience) -> TestServer {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    TestServer::start_with_patience(folder, 1, Some(TOKEN), &[], patience).await
}

/// What comes until the connection's end.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that was reset has ended too.
    let _ = timeout(NEVER, stream.read_to_end(&mut bytes))
        .await
        .expect("it is cut off");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes bytes one by one until that is refused.
async fn drip(writer: &mut (impl tokio::io::AsyncWrite + Unpin)) {
    let mut ticks = interval(SHORT / 40);
    loop {
        ticks.tick().await;
        if writer.write_all(b"x").await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_header_that_does_not_come_ends_the_connection_and_others_are_served_meanwhile() {
    let server = start(Patience {
        header: SHORT,
        ..LONG
    })
    .await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    let begin = Instant::now();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: here\r\nx: ")
        .await
        .unwrap();
    second
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let (mut reader, mut writer) = slow.split();
    let mut said = Vec::new();
    let others = async {
        let answer = server.get("/healthz").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(begin.elapsed() < SHORT, "others wait for nobody");
    };
    let cut = async {
        tokio::select! {
            _ = reader.read_to_end(&mut said) => {}
            () = drip(&mut writer) => {}
        }
    };
    let ends = async { tokio::join!(others, cut, rest(&mut silent), rest(&mut second)) };
    timeout(NEVER, ends).await.expect("all are cut off");
    assert!(begin.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_asked_any_more_ends() {
    let server = start(Patience {
        header: SHORT,
        ..LONG
    })
    .await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n")
        .await
        .unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

/// Asks with a body of which only the begin is there.
async fn ask_slowly(server: &TestServer, bytes: usize) -> TcpStream {
    let head = format!(
        "POST /api/v1/sync HTTP/1.1\r\nhost: here\r\nkeruen-protocol: 2\r\n\
         keruen-device: 0000000000000001\r\ncontent-type: {BINARY_MEDIA_TYPE}\r\n\
         content-length: {bytes}\r\n\r\nx"
    );
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_with_come_again() {
    let server = start(Patience {
        piece: SHORT,
        ..LONG
    })
    .await;
    let mut stream = ask_slowly(&server, 100).await;
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    let said = rest(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("keruen-problem: too-slow"), "{said}");
}

#[tokio::test]
async fn a_body_must_come_at_some_speed() {
    // A byte each 10 ms is a tenth of this.
    let server = start(Patience {
        piece: SHORT,
        ..LONG
    })
    .await;
    let mut stream = ask_slowly(&server, 1_000_000).await;
    let (mut reader, mut writer) = stream.split();
    let mut said = vec![0; 12];
    let dripping = async {
        drip(&mut writer).await;
        std::future::pending::<()>().await;
    };
    let answer = async {
        tokio::select! {
            read = reader.read_exact(&mut said) => { read.unwrap(); }
            () = dripping => {}
        }
    };
    timeout(NEVER, answer).await.expect("it is cut off");
    assert_eq!(said, b"HTTP/1.1 408");
}

/// More than the system takes for a peer who reads nothing.
const LARGE_BYTES: usize = 64 << 20;

/// A server of one large answer.
async fn start_large(patience: Patience, doors: Arc<Doors>) -> SocketAddr {
    let large = async || Body::from(vec![0; LARGE_BYTES]);
    let router = Router::new().route("/", get(large));
    let listening = Listening::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
    let listening = listening.unwrap().with_patience(patience).with_doors(doors);
    let address = listening.address;
    tokio::spawn(listening.serve(router, std::future::pending(), || {}));
    address
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

#[tokio::test]
async fn who_does_not_take_the_answer_makes_room_for_others() {
    let patience = Patience {
        answer: SHORT,
        ..LONG
    };
    let address = start_large(patience, Doors::new(1, 1, &[])).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(ASK).await.unwrap();
    let ended = async {
        loop {
            let mut other = TcpStream::connect(address).await.unwrap();
            // Whoever finds no room may be told so by a reset.
            let _ = other.write_all(ASK).await;
            let mut first = [0];
            if matches!(other.read(&mut first).await, Ok(1)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(NEVER, ended).await.expect("there is room again");
}

#[tokio::test]
async fn who_takes_the_answer_slowly_gets_all_of_it() {
    let patience = Patience {
        answer: SHORT,
        header: SHORT,
        ..LONG
    };
    let address = start_large(patience, Doors::new(1, 1, &[])).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(ASK).await.unwrap();
    let begin = Instant::now();
    let mut ticks = interval(SHORT / 20);
    let (mut piece, mut read) = (vec![0; 1 << 20], 0);
    loop {
        ticks.tick().await;
        match timeout(NEVER, slow.read(&mut piece))
            .await
            .unwrap()
            .unwrap()
        {
            0 => break,
            bytes => read += bytes,
        }
    }
    assert!(read > LARGE_BYTES, "{read}");
    assert!(begin.elapsed() > SHORT * 2);
}

#[tokio::test]
async fn a_stream_of_hints_outlives_all_patience() {
    let patience = Patience {
        header: SHORT,
        answer: SHORT,
        piece: SHORT,
        ..LONG
    };
    let server = start(patience).await;
    let mut device = Device::of_organiser(1);
    let request = http_client().get(server.url("/api/v1/live"));
    let request = request.header("keruen-device", device.id.to_string());
    let mut stream = request.bearer_auth(TOKEN).send().await.unwrap();
    // Those who connect after it are cut off one after the other, and it is not.
    for _ in 0..3 {
        rest(&mut TcpStream::connect(server.address).await.unwrap()).await;
    }
    let change = device.edit(note(1), "body", "tea");
    device.exchange(&server, &[change]).await;
    let hint = timeout(NEVER, stream.chunk()).await.unwrap().unwrap();
    assert!(hint.is_some_and(|hint| hint.starts_with(b"data: ")));
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_a_proxy_as_many_as_there_are() {
    let served = async |proxies: &[IpAddr]| {
        let address = start_large(LONG, Doors::new(9, 2, proxies)).await;
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let _ = stream.write_all(ASK).await;
            let mut first = [0];
            let read = timeout(NEVER, stream.read(&mut first)).await.unwrap();
            streams.push((stream, matches!(read, Ok(1))));
        }
        streams
            .iter()
            .map(|(_, is_served)| *is_served)
            .collect::<Vec<_>>()
    };
    assert_eq!(served(&[]).await, [true, true, false]);
    assert_eq!(
        served(&[Ipv4Addr::LOCALHOST.into()]).await,
        [true, true, true]
    );
}

#[tokio::test]
async fn a_handshake_that_never_comes_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = CertificateFiles {
        certificate: folder.path().join("certificate.pem"),
        key: folder.path().join("key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let certificate = Certificate::read(files).await.unwrap();
    let listening = Listening::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
    let patience = Patience {
        handshake: SHORT,
        ..LONG
    };
    let listening = listening.unwrap().with_patience(patience);
    let listening = listening.with_certificate(certificate);
    let address = listening.address;
    tokio::spawn(listening.serve(Router::new(), std::future::pending(), || {}));
    let begin = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    assert!(begin.elapsed() >= SHORT);
}
