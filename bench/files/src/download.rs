//! One who fetches the file.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::server::TOKEN;

const PATIENCE: Duration = Duration::from_secs(60);
const BUFFER_BYTES: usize = 128 * 1024;

/// Fetches the file and throws it away; fails if it is not of this length.
pub(crate) fn fetch(address: SocketAddr, place: &str, bytes: usize) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "GET {place} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        bail!("{address} answered {}", line.trim());
    }
    while line.trim() != "" {
        line.clear();
        answer.read_line(&mut line)?;
    }
    let mut came = answer.buffer().len();
    let mut stream = answer.into_inner();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            length => came += length,
        }
    }
    ensure!(came == bytes, "{came} bytes came of {bytes}");
    Ok(())
}
