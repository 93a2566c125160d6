//! Devices that talk to the program, and remember what it acknowledged.

use keruen_server::bucket::choose_tls;
use std::collections::BTreeMap;

use keruen_domain::protocol::v1::{Cursor, Outcome, Problem, ScopeCursor};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, PROTOCOL_VERSION, VERSION_HEADER};
use keruen_domain::{
    Author, Change, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, Record, RecordId,
    RecordKey, ScopeId, encoding,
};

use crate::program::TOKEN;

const NOW_MS: u64 = 1_750_000_000_000;

/// Why there was no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The server said that it could not.
    Problem { status: u16, problem: Problem },
    /// Nothing, or half of something, came.
    Broken,
}

/// A device; the operator's, unless it is given another token.
pub(crate) struct Client {
    pub(crate) device: DeviceId,
    pub(crate) token: String,
    http: reqwest::Client,
    clock: Clock,
    made: u64,
    page_records: u32,
    pub(crate) cursors: BTreeMap<ScopeId, Cursor>,
    pub(crate) rows: BTreeMap<RecordKey, Record>,
}

impl Client {
    pub(crate) fn new(number: u64) -> Self {
        let device = DeviceId(number);
        choose_tls();
        Self {
            device,
            token: TOKEN.to_owned(),
            http: reqwest::Client::new(),
            clock: Clock::new(device, Hlc::default(), 0),
            made: 0,
            page_records: 1_000,
            cursors: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    /// The same, reading few records at a time.
    pub(crate) fn reading_slowly(number: u64) -> Self {
        Self {
            page_records: 7,
            ..Self::new(number)
        }
    }

    /// A change of a record of this device's own, or of one that several write.
    pub(crate) fn change(&mut self, number: u64, text: &str) -> Change {
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: RecordId::new(number, [3; 10]),
        };
        let mut edit = Edit::new(key, None, self.clock.stamp(NOW_MS), Author::Person);
        // A field of each device: nobody replaces what another wrote.
        let field = format!("body-{}-{}", self.device, self.made);
        edit.set(FieldKey::register(&field), text);
        self.made += 1;
        Change {
            id: ChangeId::new(self.device.0 << 24 | self.made, [4; 10]),
            record: edit.finish().expect("a text is an edit"),
        }
    }

    /// A request with these changes.
    pub(crate) fn request(&self, changes: Vec<Change>) -> SyncRequest {
        let at = |(scope, cursor): (&ScopeId, &Cursor)| ScopeCursor {
            scope: *scope,
            cursor: *cursor,
        };
        SyncRequest {
            changes,
            cursors: self.cursors.iter().map(at).collect(),
            page_records: self.page_records,
            takes_snapshots: false,
            sums: Vec::new(),
        }
    }

    /// Sends a request and saves what is answered.
    pub(crate) async fn send(
        &mut self,
        base: &str,
        request: &SyncRequest,
    ) -> Result<SyncResponse, NoAnswer> {
        let sent = self
            .http
            .post(format!("{base}/api/v1/sync"))
            .header(VERSION_HEADER, PROTOCOL_VERSION.to_string())
            .header(DEVICE_HEADER, self.device.to_string())
            .header("content-type", BINARY_MEDIA_TYPE)
            .header("accept", BINARY_MEDIA_TYPE)
            .bearer_auth(&self.token)
            .body(encoding::encode(request))
            .send();
        let answer = sent.await.map_err(|_| NoAnswer::Broken)?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.map_err(|_| NoAnswer::Broken)?;
        if status != 200 {
            let problem = encoding::decode(&bytes).map_err(|_| NoAnswer::Broken)?;
            return Err(NoAnswer::Problem { status, problem });
        }
        let response: SyncResponse = encoding::decode(&bytes).map_err(|_| NoAnswer::Broken)?;
        for page in &response.pages {
            for record in &page.records {
                let row = self.rows.entry(record.key);
                row.or_insert_with(|| Record::new(record.key))
                    .merge(record.clone());
            }
            self.cursors.insert(page.scope, page.cursor);
        }
        Ok(response)
    }

    /// Asks a question beside the exchange.
    pub(crate) async fn ask<Q: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        base: &str,
        path: &str,
        token: Option<&str>,
        question: &Q,
    ) -> Result<A, u16> {
        let request = self
            .http
            .post(format!("{base}{path}"))
            .header(DEVICE_HEADER, self.device.to_string())
            .header("content-type", BINARY_MEDIA_TYPE)
            .body(encoding::encode(question));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.map_err(|_| 0_u16)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(status);
        }
        let bytes = answer.bytes().await.map_err(|_| 0_u16)?;
        encoding::decode(&bytes).map_err(|_| 1)
    }

    /// Reads all there is.
    pub(crate) async fn read_all(&mut self, base: &str) {
        loop {
            let request = self.request(Vec::new());
            let response = self.send(base, &request).await.expect("an answer");
            if !response.more {
                return;
            }
        }
    }
}

/// Whether all of a request's changes were accepted.
pub(crate) fn is_accepted(response: &SyncResponse, changes: usize) -> bool {
    let accepted = |outcome: Outcome| matches!(outcome, Outcome::Accepted | Outcome::Bounded);
    response.results.len() == changes
        && response
            .results
            .iter()
            .all(|result| accepted(result.outcome))
}

/// Whether what a change says stands in these rows.
pub(crate) fn stands(rows: &BTreeMap<RecordKey, Record>, change: &Change) -> bool {
    let row = rows.get(&change.record.key);
    row.is_some_and(|row| {
        let mut fields = change.record.fields();
        fields.all(|(field, register)| row.value(field.as_str()) == register.value())
    })
}
