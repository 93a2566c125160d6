//! HTTPS with a certificate in files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use keruen_server::bucket::choose_tls;
use keruen_server::serve::{Certificate, CertificateFiles, Listening, Patience};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::program::Program;

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Writes a new certificate and its key.
fn write_certificate(files: &CertificateFiles) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
    std::fs::write(&files.certificate, made.cert.pem()).expect("there is room");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("there is room");
    made.cert.der().clone()
}

fn files(folder: &Path) -> CertificateFiles {
    CertificateFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    }
}

fn start(data: &Path, files: &CertificateFiles) -> Result<Program, crate::program::NotStarted> {
    let text = |path: &Path| path.to_str().expect("it is text").to_owned();
    let (certificate, key) = (text(&files.certificate), text(&files.key));
    let environment = [
        ("KERUEN_TLS_CERTIFICATE", &*certificate),
        ("KERUEN_TLS_KEY", &*key),
    ];
    Program::start(data, &environment)
}

/// Connects, believing only these.
async fn connect(
    address: &str,
    believed: &[&CertificateDer<'static>],
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in believed {
        roots.add((*certificate).clone()).expect("it is one");
    }
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has all")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("it is a name");
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn https_is_spoken_in_both_versions_and_asks_browsers_to_keep_to_it() {
    let folder = tempfile::tempdir().expect("there is room");
    let files = files(folder.path());
    let certificate = write_certificate(&files);
    let program = start(&folder.path().join("data"), &files).expect("it starts");
    let address = program.base.strip_prefix("http://").expect("it has one");

    let mut first = connect(address, &[&certificate], b"http/1.1")
        .await
        .expect("it is believed");
    first.write_all(ASK).await.expect("it is taken");
    let mut said = Vec::new();
    first.read_to_end(&mut said).await.expect("it ends well");
    let said = String::from_utf8_lossy(&said);
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let kept = "strict-transport-security: max-age=31536000; includesubdomains";
    assert!(said.to_ascii_lowercase().contains(kept), "{said}");

    let second = connect(address, &[&certificate], b"h2")
        .await
        .expect("it is believed");
    assert_eq!(second.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(second);
    let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await;
    let (mut sender, connection) = shaken.expect("it speaks HTTP/2");
    tokio::spawn(connection);
    let request = Request::get("https://localhost/healthz").body(Body::empty());
    let answer = sender
        .send_request(request.expect("it is one"))
        .await
        .expect("it is answered");
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"));

    assert!(ask(format!("{}/healthz", program.base)).await.is_err());
    let (ended_well, log) = program.stop();
    assert!(ended_well && !log.contains("under way"), "{log}");
}

#[tokio::test]
async fn plain_http_says_nothing_of_https() {
    let folder = tempfile::tempdir().expect("there is room");
    let program = Program::start(folder.path(), &[]).expect("it starts");
    let answer = ask(format!("{}/healthz", program.base))
        .await
        .expect("it answers");
    assert!(!answer.headers().contains_key("strict-transport-security"));
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_reason() {
    let folder = tempfile::tempdir().expect("there is room");
    let data = folder.path().join("data");
    let files = files(folder.path());
    let said = || match start(&data, &files) {
        Ok(_) => panic!("it must not start"),
        Err(not_started) => not_started.said,
    };
    let missing = said();
    assert!(
        missing.contains("cannot read") && missing.contains("certificate.pem"),
        "{missing}"
    );
    write_certificate(&files);
    let key = std::fs::read(&files.key).expect("it is there");
    std::fs::write(&files.key, "no key").expect("there is room");
    let broken = said();
    assert!(
        broken.contains("key.pem holds no private key as PEM"),
        "{broken}"
    );
    write_certificate(&files);
    std::fs::write(&files.key, key).expect("there is room");
    let others = said();
    assert!(
        others.contains("cannot be used with the key in"),
        "{others}"
    );

    let certificate = files.certificate.to_str().expect("it is text");
    let alone = Program::start(&data, &[("KERUEN_TLS_CERTIFICATE", certificate)]);
    let alone = alone
        .err()
        .map(|not_started| not_started.said)
        .unwrap_or_default();
    assert!(alone.contains("--tls-key"), "{alone}");
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().expect("there is room");
    let files = files(folder.path());
    let first = write_certificate(&files);
    let certificate = Certificate::read(files.clone())
        .await
        .expect("it can be used");
    let listening = Listening::at(([127, 0, 0, 1], 0).into())
        .await
        .expect("a port is free");
    let patience = Patience {
        certificate: Duration::from_millis(1),
        ..Patience::USUAL
    };
    let listening = listening
        .with_patience(patience)
        .with_certificate(certificate);
    let address = listening.address.to_string();
    let router = Router::new().route("/", get(async || "here"));
    let server = tokio::spawn(listening.serve(router, std::future::pending(), || {}));

    // Half a renewal: many looks later the first is still there.
    std::fs::write(&files.certificate, "broken").expect("there is room");
    for _ in 0..20 {
        connect(&address, &[&first], b"h2")
            .await
            .expect("the first is kept");
    }
    let second = write_certificate(&files);
    let renewed = async {
        // Until then it is the first, and never none.
        while connect(&address, &[&second], b"h2").await.is_err() {
            connect(&address, &[&first, &second], b"h2")
                .await
                .expect("one of them is there");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), renewed)
        .await
        .expect("it is taken");
    assert!(connect(&address, &[&first], b"h2").await.is_err());
    server.abort();
}

/// Asks as anybody does.
async fn ask(url: String) -> reqwest::Result<reqwest::Response> {
    choose_tls();
    reqwest::get(url).await
}
