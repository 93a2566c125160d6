//! The file on its way to the server, as a trainer's phone sends it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keruen_domain::protocol::files::upload;
use keruen_domain::{ContentHash, ProgrammeId};

use crate::server::TOKEN;

/// Announces the file and sends it in one piece; gives how long that took.
pub(crate) fn send(address: SocketAddr, sha256: &ContentHash, bytes: &[u8]) -> Result<Duration> {
    let begun = Instant::now();
    let programme = ProgrammeId::new(1, [1; 10]).to_string();
    let values = [programme, sha256.to_string(), "film.bin".to_owned()];
    let [programme, sha256, name] = values.map(|value| STANDARD.encode(value));
    let announced = ask(
        address,
        &format!(
            "POST {} HTTP/1.1\r\n{}: {}\r\n{}: programme {programme},sha256 {sha256},filename {name}\r\n",
            upload::ADDRESS,
            upload::LENGTH_HEADER,
            bytes.len(),
            upload::METADATA_HEADER,
        ),
        b"",
        "201",
    )?;
    let place = announced.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.eq_ignore_ascii_case("location")).then(|| value.trim().to_owned())
    });
    let place = place.context("the file has no place")?;
    ask(
        address,
        &format!(
            "PATCH {place} HTTP/1.1\r\n{}: 0\r\nContent-Type: {}\r\n",
            upload::OFFSET_HEADER,
            upload::PIECE_MEDIA_TYPE
        ),
        bytes,
        "204",
    )?;
    Ok(begun.elapsed())
}

fn ask(address: SocketAddr, head: &str, body: &[u8], status: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let rest = format!(
        "{}: {}\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        upload::TUS_HEADER,
        upload::TUS_VERSION,
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(rest.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if !answer.starts_with(&format!("HTTP/1.1 {status}")) {
        bail!(
            "the server answered {}",
            answer.lines().next().unwrap_or_default()
        );
    }
    Ok(answer)
}
