//! Devices that push numbered notes to a server, and one that reads them all.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, Result, bail, ensure};
use keruen_domain::model::fields;
use keruen_domain::protocol::v1::{Cursor, Outcome, ScopeCursor};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, PROTOCOL_VERSION, VERSION_HEADER};
use keruen_domain::{
    Author, Change, ChangeId, Collection, DeviceId, Edit, FieldKey, Hlc, Record, RecordId,
    RecordKey, ScopeId, Stamp, encoding,
};

use crate::program::TOKEN;

const NOW_MS: u64 = 1_750_000_000_000;
const MOST_CHANGES: u64 = 4;
const PAGE_RECORDS: u32 = 500;

/// One connection to a server.
pub(crate) struct Device {
    number: u64,
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Device {
    pub(crate) fn connect(address: SocketAddr, number: u64) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let answers = BufReader::new(stream.try_clone()?);
        Ok(Self {
            number,
            stream,
            answers,
        })
    }

    /// Pushes the notes after this one in requests of a few changes each, for ever. `note` hears the
    /// number of the last one of each request that was answered. What may have been pushed before
    /// is pushed again under the same name.
    pub(crate) fn push_after(
        &mut self,
        mut last: u64,
        note: impl Fn(u64) -> Result<()>,
    ) -> Result<()> {
        loop {
            let until = last + 1 + last % MOST_CHANGES;
            let changes = (last + 1..=until).map(|number| change(self.number, number));
            let answer = self.exchange(&SyncRequest {
                changes: changes
                    .collect::<Option<_>>()
                    .context("a note is an edit")?,
                cursors: Vec::new(),
                page_records: 0,
                takes_snapshots: false,
                sums: Vec::new(),
            })?;
            let outcomes = answer.results.iter().map(|result| result.outcome);
            let accepted = outcomes.filter(|outcome| *outcome == Outcome::Accepted);
            ensure!(
                accepted.count() as u64 == until - last,
                "a change was not accepted: {:?}",
                answer.results
            );
            last = until;
            note(last)?;
        }
    }

    /// Reads all there is and counts for each of so many devices the notes that are there: the
    /// greatest number up to which none is missing.
    pub(crate) fn count_notes(&mut self, devices: u64) -> Result<Vec<u64>> {
        let mut rows: BTreeMap<RecordKey, Record> = BTreeMap::new();
        let mut cursors: BTreeMap<ScopeId, Cursor> = BTreeMap::new();
        loop {
            let at = |(scope, cursor): (&ScopeId, &Cursor)| ScopeCursor {
                scope: *scope,
                cursor: *cursor,
            };
            let answer = self.exchange(&SyncRequest {
                changes: Vec::new(),
                cursors: cursors.iter().map(at).collect(),
                page_records: PAGE_RECORDS,
                takes_snapshots: false,
                sums: Vec::new(),
            })?;
            for page in answer.pages {
                for record in page.records {
                    let row = rows.entry(record.key);
                    row.or_insert_with(|| Record::new(record.key)).merge(record);
                }
                cursors.insert(page.scope, page.cursor);
            }
            if !answer.more {
                break;
            }
        }
        let is_there = |device: u64, number: u64| {
            let row = rows.get(&key(device, number));
            row.is_some_and(|row| row.value(fields::BODY).as_text() == Some(&text(device, number)))
        };
        let count = |device| {
            (1_u64..)
                .take_while(|number| is_there(device, *number))
                .count() as u64
        };
        Ok((0..devices).map(count).collect())
    }

    fn exchange(&mut self, request: &SyncRequest) -> Result<SyncResponse> {
        let body = encoding::encode(request);
        let device = DeviceId(self.number + 1);
        let head = format!(
            "POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\n{VERSION_HEADER}: {PROTOCOL_VERSION}\r\n\
             {DEVICE_HEADER}: {device}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: {BINARY_MEDIA_TYPE}\r\nAccept: {BINARY_MEDIA_TYPE}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), &body].concat())?;
        Ok(encoding::decode(&read_answer(&mut self.answers)?)?)
    }
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

/// Some bits of its own for each note.
fn bits(device: u64, number: u64) -> [u8; 10] {
    let mut bits = [0; 10];
    bits[..2].copy_from_slice(&(device as u16).to_be_bytes());
    bits[2..].copy_from_slice(&number.to_be_bytes());
    bits
}

fn key(device: u64, number: u64) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(NOW_MS, bits(device, number)),
    }
}

fn text(device: u64, number: u64) -> String {
    let words = "Ask about the budget of the museum. Бюджет, сроки. ";
    format!("Note {number} of {device}. ") + &words.repeat(1 + (number % 20) as usize)
}

/// The same change whenever it is made.
fn change(device: u64, number: u64) -> Option<Change> {
    let stamp = Stamp {
        time: Hlc::from_unix_ms(NOW_MS + number),
        device: DeviceId(device + 1),
    };
    let mut edit = Edit::new(key(device, number), None, stamp, Author::Person);
    edit.set(FieldKey::register(fields::BODY), text(device, number));
    Some(Change {
        id: ChangeId::new(NOW_MS, bits(device, number)),
        record: edit.finish()?,
    })
}
