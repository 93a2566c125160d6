//! What the server says by itself while a page is open: how far scopes go by now, never what is in
//! them.
//!
//! `GET /api/v1/live` is answered with a stream of server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>). Each event is one line of data:
//! the hexadecimal digits of a list of [`ScopeCursor`] in the binary form of [`crate::encoding`],
//! with the scopes named as the device names them. Comments, lines that begin with a colon, keep
//! the connection alive.

use super::v1::ScopeCursor;
use crate::encoding;

/// Where hints are given.
pub const PATH: &str = "/api/v1/live";
/// At least so often there is a line, if only a comment, in milliseconds.
pub const KEEP_ALIVE_MS: u64 = 25_000;

const DATA: &[u8] = b"data:";
/// More than a thousand scopes take, which is more than a device has.
const LONGEST_LINE_BYTES: usize = 128 * 1024;

/// The data of an event that says this.
pub fn data(cursors: &[ScopeCursor]) -> String {
    let bytes = encoding::encode(&cursors);
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn parse(data: &[u8]) -> Option<Vec<ScopeCursor>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = data.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect();
    rest.is_empty().then_some(())?;
    encoding::decode(&bytes?).ok()
}

/// Reads hints out of a stream that arrives in any pieces. What is not a hint is skipped.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    line: Vec<u8>,
    /// The line is longer than any hint.
    is_too_long: bool,
}

impl Hints {
    /// Takes in the next piece of the stream and returns what it completes.
    pub fn take(&mut self, piece: &[u8]) -> Vec<ScopeCursor> {
        let mut hints = Vec::new();
        for byte in piece {
            match byte {
                b'\r' | b'\n' => {
                    if let Some(data) = self.line.strip_prefix(DATA).filter(|_| !self.is_too_long) {
                        hints.extend(parse(data.trim_ascii()).into_iter().flatten());
                    }
                    *self = Self::default();
                }
                _ if self.line.len() < LONGEST_LINE_BYTES => self.line.push(*byte),
                _ => self.is_too_long = true,
            }
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ProgrammeId;
    use crate::protocol::v1::Cursor;
    use crate::record::ScopeId;

    fn cursors() -> Vec<ScopeCursor> {
        let at = |scope, sequence| ScopeCursor {
            scope,
            cursor: Cursor { epoch: 3, sequence },
        };
        let programme = ScopeId::Programme(ProgrammeId::new(5, [5; 10]));
        vec![at(ScopeId::OWN, 1), at(programme, 70_000)]
    }

    #[test]
    fn hints_arrive_in_any_pieces() {
        let stream = format!(
            ": hello\r\n\r\ndata: {}\n\ndata: 0g\nevent: x\n\ndata:{}\n\n",
            data(&cursors()),
            data(&cursors()[..1]),
        );
        let expected: Vec<_> = [&cursors()[..], &cursors()[..1]].concat();
        for size in 1..stream.len() {
            let mut hints = Hints::default();
            let pieces = stream.as_bytes().chunks(size);
            let heard: Vec<_> = pieces.flat_map(|piece| hints.take(piece)).collect();
            assert_eq!(heard, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_end_takes_little_room() {
        let mut hints = Hints::default();
        hints.take(b"data: ");
        for _ in 0..100 {
            assert_eq!(hints.take(&[b'0'; 10_000]), []);
        }
        assert!(hints.line.capacity() <= 2 * LONGEST_LINE_BYTES);
        assert_eq!(hints.take(b"\n"), []);
        let line = format!("data: {}\n", data(&cursors()));
        assert_eq!(hints.take(line.as_bytes()), cursors());
    }
}
