//! The way to the server and back: what is lost, doubled, cut, delayed or refused on it.

use keruen_domain::encoding::{decode, encode};
use keruen_domain::protocol::v1::{self, Outcome, Problem};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::sync::{Event, SendFailure};

use super::{Happening, Spot, World};
use crate::hardship::Trouble;

/// Silence after which a device gives a request up, in milliseconds.
const STALL_MS: u64 = 20_000;
/// After this time in a healed world, the page that led before knows that it does not, in milliseconds.
const CALM_AFTER_MS: u64 = 5_000;
/// What a proxy with a small limit still takes, in bytes.
const SMALL_BODY: usize = 700;

/// A request under way.
#[derive(Clone)]
pub(crate) struct Request {
    exchange: u64,
    sent_ms: u64,
    token: Option<String>,
    bytes: Vec<u8>,
}

impl World {
    pub(super) fn send(&mut self, spot: Spot, exchange: u64, request: SyncRequest) {
        if self.healed {
            self.requests_after_healing += 1;
        }
        let now_ms = self.now_ms;
        let device = &self.devices[spot.device];
        let sent_ms = device.phone_ms(now_ms);
        let is_out_of_reach = device.out_of_reach_until_ms > now_ms;
        let bytes = if device.speaks_version_1 {
            self.told.count("exchange in version 1");
            encode(&v1::SyncRequest {
                changes: request.changes,
                cursors: request.cursors,
                page_records: request.page_records,
            })
        } else {
            encode(&request)
        };
        let is_calm = self.healed && self.now_ms > self.healed_at_ms + CALM_AFTER_MS;
        let Some(tab) = self.tab(spot) else { return };
        assert!(tab.leads || !is_calm, "only the page that leads sends");
        let mut request = Request {
            exchange,
            sent_ms,
            token: tab.store.token(),
            bytes,
        };
        if is_out_of_reach || self.hardship.strikes(Trouble::RequestsLost, 40) {
            self.told.count("request lost");
            return self.fail(spot, exchange, SendFailure::Unreachable);
        }
        if self.hardship.strikes(Trouble::Spoilt, 15) {
            self.told.count("request cut");
            let length = self.hardship.random.below(request.bytes.len() as u64);
            request.bytes.truncate(length as usize);
        }
        if self.hardship.strikes(Trouble::RequestsDoubled, 40) {
            self.told.count("request doubled");
            self.travel("request late", Happening::Request(spot, request.clone()));
        }
        self.travel("request late", Happening::Request(spot, request));
    }

    /// Something is under way, for a long time when times are bad.
    fn travel(&mut self, late: &'static str, happening: Happening) {
        if self.hardship.strikes(Trouble::Slow, 40) {
            self.told.count(late);
            self.soon(2 * STALL_MS, happening);
        } else {
            self.soon(200, happening);
        }
    }

    fn fail(&mut self, spot: Spot, exchange: u64, failure: SendFailure) {
        let most_ms = match failure {
            SendFailure::Stalled => STALL_MS,
            _ => 300,
        };
        let event = Event::SendFailed { exchange, failure };
        self.soon(most_ms, Happening::Tell(spot, event));
    }

    fn refuse(&mut self, spot: Spot, exchange: u64, problem: Problem) {
        self.fail(spot, exchange, SendFailure::Problem(problem));
    }

    /// A request arrives.
    pub(super) fn serve(&mut self, spot: Spot, request: Request) {
        let exchange = request.exchange;
        if self.hardship.strikes(Trouble::ServerBusy, 30) {
            self.told.count("server busy");
            let problem = if self.hardship.random.percent(50) {
                Problem::Unavailable
            } else {
                Problem::TooMany {
                    retry_after_ms: 40_000,
                }
            };
            return self.refuse(spot, exchange, problem);
        }
        if request.bytes.len() > SMALL_BODY && self.hardship.strikes(Trouble::Spoilt, 40) {
            self.told.count("server too small");
            return self.refuse(spot, exchange, Problem::TooLarge);
        }
        let device = &self.devices[spot.device];
        let is_old = device.speaks_version_1;
        let read = if is_old {
            decode::<v1::SyncRequest>(&request.bytes).map(SyncRequest::from)
        } else {
            decode::<SyncRequest>(&request.bytes)
        };
        let Ok(mut asked) = read else {
            return self.refuse(spot, exchange, Problem::Malformed);
        };
        asked.page_records = asked.page_records.min(self.page_limit);
        let name = match &device.tabs[spot.tab] {
            Some(tab) => tab.store.device(),
            // The page is gone, its request is not.
            None => device.on_disk().store.device(),
        };
        let answered = self
            .server
            .answer(name, request.token.as_deref(), asked, self.now_ms);
        let response = match answered {
            Ok(response) => response,
            Err(problem) => {
                self.told.count("token refused");
                return self.refuse(spot, exchange, problem);
            }
        };
        if response.more {
            self.told.count("page full");
        }
        if !response.results.is_empty() {
            self.hint_all();
        }
        let bounded = response.results.iter();
        let bounded = bounded.filter(|result| result.outcome == Outcome::Bounded);
        self.told.add_times("stamp bounded", bounded.count() as u64);
        // The server's process may die between its commit and its answer.
        if self.hardship.strikes(Trouble::AnswersLost, 35)
            || self.hardship.strikes(Trouble::ServerBusy, 10)
        {
            self.told.count("answer lost");
            return self.fail(spot, exchange, SendFailure::Stalled);
        }
        self.answer(spot, &request, response, is_old);
    }

    fn answer(&mut self, spot: Spot, request: &Request, response: SyncResponse, is_old: bool) {
        let exchange = request.exchange;
        let mut bytes = if is_old {
            encode(&v1::SyncResponse::from(response))
        } else {
            encode(&response)
        };
        if self.hardship.strikes(Trouble::Spoilt, 15) {
            self.told.count("answer cut");
            let length = self.hardship.random.below(bytes.len() as u64);
            bytes.truncate(length as usize);
        }
        let read = if is_old {
            decode::<v1::SyncResponse>(&bytes).map(in_new_words)
        } else {
            decode(&bytes)
        };
        // What is not an answer of ours is nobody's.
        let Ok(response) = read else {
            return self.fail(spot, exchange, SendFailure::Unreachable);
        };
        let event = Event::Answered {
            exchange,
            sent_ms: request.sent_ms,
            response,
        };
        if self.hardship.strikes(Trouble::AnswersLost, 20) {
            // The device gives up first.
            self.told.count("answer late");
            self.fail(spot, exchange, SendFailure::Stalled);
            return self.after(STALL_MS + 1, Happening::Tell(spot, event));
        }
        self.travel("answer late", Happening::Tell(spot, event));
        self.listen(spot);
    }
}

fn in_new_words(response: v1::SyncResponse) -> SyncResponse {
    SyncResponse {
        server_time_ms: response.server_time_ms,
        joined: response.joined,
        roles: response.roles,
        results: response.results,
        pages: response.pages,
        revoked: response.revoked,
        more: response.more,
        ..SyncResponse::default()
    }
}
