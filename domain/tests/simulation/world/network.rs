//! The way to the server and back: what is lost, doubled, delayed or answered with a problem.

use keruen_domain::encoding;
use keruen_domain::protocol::v1::Problem;
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::sync::{Event, SendFailure};

use super::{Happening, To, World};

impl World {
    pub(super) fn send(&mut self, to: To, exchange: u64, request: &SyncRequest) {
        if self.healed {
            self.requests_after_healing += 1;
        }
        let device = &self.devices[to.device];
        let token = device.has_token;
        let sent_ms = device.phone_ms(self.now_ms);
        let out_of_reach = device.out_of_reach_until_ms > self.now_ms && !self.healed;
        if out_of_reach || self.trouble(15) {
            self.told.count("lost request");
            return self.fail(to, exchange, SendFailure::Unreachable);
        }
        let mut copies = 1;
        if self.trouble(10) {
            self.told.count("doubled");
            copies = 2;
        }
        for _ in 0..copies {
            let bytes = encoding::encode(request);
            self.soon(
                3_000,
                Happening::Request {
                    to,
                    exchange,
                    sent_ms,
                    token,
                    bytes,
                },
            );
        }
    }

    fn fail(&mut self, to: To, exchange: u64, failure: SendFailure) {
        self.soon(
            20_000,
            Happening::Tell(to, Event::SendFailed { exchange, failure }),
        );
    }

    pub(super) fn serve(&mut self, to: To, exchange: u64, sent_ms: u64, token: bool, bytes: &[u8]) {
        if self.trouble(10) {
            self.told.count("busy");
            let problem = if self.random.percent(50) {
                Problem::Unavailable
            } else {
                Problem::TooMany {
                    retry_after_ms: 40_000,
                }
            };
            return self.fail(to, exchange, SendFailure::Problem(problem));
        }
        // A proxy on the way that takes less than the server, or spoils what it carries.
        let is_long = bytes.len() > 900;
        if is_long && self.trouble(50) || self.trouble(2) {
            self.told.count("unreadable");
            let problem = if is_long {
                Problem::TooLarge
            } else {
                Problem::Unavailable
            };
            return self.fail(to, exchange, SendFailure::Problem(problem));
        }
        let request: SyncRequest = encoding::decode(bytes).expect("the network keeps bytes whole");
        let id = self.devices[to.device].id;
        let response = match self.server.answer(id, token, request, self.now_ms) {
            Ok(response) => response,
            Err(problem) => {
                self.told.count("token refused");
                return self.fail(to, exchange, SendFailure::Problem(problem));
            }
        };
        if self.trouble(20) {
            self.told.count("lost answer");
            return self.fail(to, exchange, SendFailure::Stalled);
        }
        let bytes = encoding::encode(&response);
        let response: SyncResponse =
            encoding::decode(&bytes).expect("what was encoded can be decoded");
        let event = Event::Answered {
            exchange,
            sent_ms,
            response,
        };
        self.soon(3_000, Happening::Tell(to, event));
    }
}
