//! Connections that end in the middle, and servers that do.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// Sends a part of a piece, as from a phone in a tunnel, and leaves the connection as it is.
async fn begin(
    server: &TestServer,
    device: &Device,
    place: &str,
    offset: usize,
    announced: usize,
    piece: &[u8],
) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n{}: {}\r\n{}: {offset}\r\ncontent-type: {}\r\ncontent-length: {announced}\r\n\r\n",
        device.token.unwrap(),
        upload::TUS_HEADER,
        upload::TUS_VERSION,
        upload::OFFSET_HEADER,
        upload::PIECE_MEDIA_TYPE,
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(piece).await.unwrap();
    stream
}

/// Waits until so much is written, by the file itself: to ask would end the piece.
async fn written(server: &TestServer, place: &str, bytes: usize) {
    let name = place.rsplit('/').next().unwrap();
    let part = format!("{name}.part");
    let path = server.folder.path().join("unfinished").join(part);
    loop {
        let length = std::fs::metadata(&path).unwrap().len();
        assert!(length <= bytes as u64);
        if length == bytes as u64 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_link_that_dies_again_and_again_costs_no_byte_twice() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let bytes = picture(1_000_000);
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let mut offset = 0;
    while bytes.len() - offset > 130_000 {
        let piece = &bytes[offset..offset + 130_000];
        let rest = bytes.len() - offset;
        let stream = begin(&server, &trainer, &place, offset, rest, piece).await;
        offset += piece.len();
        written(&server, &place, offset).await;
        drop(stream);
        let standing = ask_standing(&server, &trainer, &place).await;
        assert_eq!(told(&standing), (200, "", Some(offset)));
    }
    let last = send(&server, &trainer, &place, offset, &bytes[offset..]).await;
    assert_eq!(told(&last), (204, "", Some(bytes.len())));
    assert_eq!(fetch(&server, &trainer, &bytes).await, (200, bytes));
}

#[tokio::test]
async fn who_comes_again_does_not_wait_for_the_dead_connection() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let bytes = picture(10_000);
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let mut dead = begin(&server, &trainer, &place, 0, 10_000, &bytes[..4_000]).await;
    written(&server, &place, 4_000).await;
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(4_000)));
    let mut answer = String::new();
    let _ = dead.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    assert!(answer.contains("taken-over"), "{answer}");

    let _dead = begin(
        &server,
        &trainer,
        &place,
        4_000,
        6_000,
        &bytes[4_000..5_000],
    )
    .await;
    written(&server, &place, 5_000).await;
    let sent = send(&server, &trainer, &place, 5_000, &bytes[5_000..]).await;
    assert_eq!(told(&sent), (204, "", Some(10_000)));
    assert_eq!(fetch(&server, &trainer, &bytes).await, (200, bytes));
}

#[tokio::test]
async fn a_piece_begins_where_the_last_one_ended_and_ends_with_the_file() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let bytes = picture(1_000);
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let first = send(&server, &trainer, &place, 0, &bytes[..400]).await;
    assert_eq!(told(&first), (204, "", Some(400)));
    for wrong in [0, 399, 401, 1_000] {
        let answer = send(&server, &trainer, &place, wrong, &bytes[400..]).await;
        assert_eq!(told(&answer), (409, "wrong-offset", Some(400)), "{wrong}");
    }
    let mut longer = bytes[400..].to_vec();
    longer.push(0);
    let answer = send(&server, &trainer, &place, 400, &longer).await;
    assert_eq!(told(&answer), (413, "too-large", None));
    let standing = ask_standing(&server, &trainer, &place).await;
    let (status, _, offset) = told(&standing);
    assert!(status == 200 && offset.unwrap() < 1_000);
    let offset = offset.unwrap();
    let last = send(&server, &trainer, &place, offset, &bytes[offset..]).await;
    assert_eq!(told(&last), (204, "", Some(1_000)));
}

#[tokio::test]
async fn what_came_before_a_restart_is_there_after_it() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let start = || TestServer::start_in(folder.clone(), 1, Some(TOKEN), &[]);
    let server = start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let bytes = picture(500_000);
    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let stream = begin(&server, &trainer, &place, 0, 500_000, &bytes[..77_777]).await;
    written(&server, &place, 77_777).await;
    drop((server, stream));

    let server = start().await;
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(77_777)));
    // It ended when all was here and before anybody had looked.
    let name = place.rsplit('/').next().unwrap();
    let part = folder
        .path()
        .join("unfinished")
        .join(format!("{name}.part"));
    std::fs::write(part, &bytes).unwrap();
    drop(server);
    let server = start().await;
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(500_000)));
    assert_eq!(standing.headers()[upload::MEDIA_TYPE_HEADER], "image/png");
    assert_eq!(fetch(&server, &trainer, &bytes).await, (200, bytes));
}
