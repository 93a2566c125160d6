//! The process is killed while somebody sends a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keruen_domain::protocol::files::upload;
use keruen_domain::{ContentHash, ProgrammeId};
use keruen_server::bucket::choose_tls;
use reqwest::{Method, RequestBuilder};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::program::{Program, TOKEN};

const SIZE: usize = 6_000_000;

fn ask(method: Method, url: String) -> RequestBuilder {
    choose_tls();
    let request = reqwest::Client::new().request(method, url);
    let request = request.header(upload::TUS_HEADER, upload::TUS_VERSION);
    request.bearer_auth(TOKEN)
}

/// How much of the file the server says is there.
async fn offset(base: &str, place: &str) -> usize {
    let asked = ask(Method::HEAD, format!("{base}{place}")).send().await;
    let answer = asked.expect("an answer");
    assert_eq!(answer.status(), 200);
    let offset = &answer.headers()[upload::OFFSET_HEADER];
    offset.to_str().expect("text").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_on_where_the_killed_server_had_written() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let bytes: Vec<u8> = (0..SIZE).map(|place| (place * 31 % 253) as u8).collect();
    let mut program = Program::start(&data, &[]).expect("it starts");
    let programme = ProgrammeId::new(1, [1; 10]);
    let values = [
        programme.to_string(),
        ContentHash::of(&bytes).to_string(),
        "a.bin".to_owned(),
    ];
    let [programme, sha256, name] = values.map(|value| STANDARD.encode(value));
    let announced = ask(Method::POST, format!("{}{}", program.base, upload::ADDRESS))
        .header(upload::LENGTH_HEADER, SIZE)
        .header(
            upload::METADATA_HEADER,
            format!("programme {programme},sha256 {sha256},filename {name}"),
        )
        .send();
    let announced = announced.await.expect("an answer");
    assert_eq!(announced.status(), 201);
    let place = announced.headers()["location"].to_str().expect("text");
    let part = place.rsplit('/').next().expect("a name");
    let part = data.join("unfinished").join(format!("{part}.part"));

    let mut held = 0;
    for kill in 1..=4 {
        let address = program.base.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let head = format!(
            "PATCH {place} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n{}: {}\r\n{}: {held}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            upload::TUS_HEADER,
            upload::TUS_VERSION,
            upload::OFFSET_HEADER,
            upload::PIECE_MEDIA_TYPE,
            SIZE - held,
        );
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        let piece = &bytes[held..kill * SIZE / 5];
        stream.write_all(piece).await.expect("it is sent");
        // Somewhere within what it is writing.
        while std::fs::metadata(&part).expect("it is there").len() <= held as u64 {
            tokio::task::yield_now().await;
        }
        program.kill();
        let written = std::fs::metadata(&part).expect("it is there").len();
        program = Program::start(&data, &[]).expect("it starts after every kill");
        let before = held;
        held = offset(&program.base, place).await;
        assert_eq!(held as u64, written, "not a byte is sent twice");
        assert!(held > before && held <= kill * SIZE / 5);
    }
    let last = ask(Method::PATCH, format!("{}{place}", program.base))
        .header(upload::OFFSET_HEADER, held)
        .header("content-type", upload::PIECE_MEDIA_TYPE)
        .body(bytes[held..].to_vec())
        .send();
    assert_eq!(last.await.expect("an answer").status(), 204);
    let url = format!("{}/api/v1/files/{}", program.base, ContentHash::of(&bytes));
    let fetched = ask(Method::GET, url).send().await.expect("an answer");
    assert!(fetched.bytes().await.expect("the file") == bytes);
    let (ended_well, _) = program.stop();
    assert!(ended_well);
}
