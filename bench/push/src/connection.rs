//! One device that pushes one change after the other over one connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use keruen_domain::encoding;
use keruen_domain::protocol::v1::{Outcome, SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, VERSION_HEADER};

use crate::changes::changes;
use crate::server::TOKEN;

const PATIENCE: Duration = Duration::from_secs(30);
/// Changes of today are not bounded by the server.
const NOW_MS: u64 = 1_750_000_000_000;

/// Pushes until the time is over; each change is accepted before the next one.
pub(crate) fn push(
    address: SocketAddr,
    number: u64,
    is_over: &AtomicBool,
    done: &AtomicU64,
) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut answers = BufReader::new(stream.try_clone()?);
    for change in changes(number, NOW_MS) {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let body = encoding::encode(&SyncRequest {
            changes: vec![change],
            cursors: Vec::new(),
            // All connections are one person's devices: they would read what the others write.
            page_records: 0,
        });
        let head = format!(
            "POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\n{VERSION_HEADER}: 1\r\n{DEVICE_HEADER}: {number:016x}\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: {BINARY_MEDIA_TYPE}\r\nAccept: {BINARY_MEDIA_TYPE}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend(body);
        stream.write_all(&request)?;
        let answer: SyncResponse = encoding::decode(&read_answer(&mut answers)?)?;
        let outcomes = answer.results.iter().map(|result| result.outcome);
        if !outcomes.eq([Outcome::Accepted]) {
            bail!("a change was not accepted: {:?}", answer.results);
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// The body of an answer with the status 200.
fn read_answer(answers: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        bail!("the server answered {}", line.trim());
    }
    let mut length = None;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
    }
    let mut body = vec![0; length.context("an answer without a length")?];
    answers.read_exact(&mut body)?;
    Ok(body)
}
