//! ```text
//!              ┌────────────── Woke ◄───────────────┐
//!              ▼                                    │ (timer, commit, online, visible, asked)
//!  Resting ► Reading ──Read──► Sending ──Answered──► Saving ──Saved──► more? ─► Reading
//!              │                  │                    │                │no
//!              │ReadFailed        │SendFailed          │SaveFailed      ▼
//!              └────────────► Waiting (backoff) ◄──────┘             Resting
//! ```
//!
//! Only the leading tab's engine leaves `Following`. An answer to a request of before is dropped:
//! effects carry a number that must come back.
//!
//! Progress does not hang on any one change or answer: a request that is too large or that the
//! server cannot read is halved at once, down to the one change that is to blame, which is set
//! aside when the exchange works without it; an answer that promises more and brings nothing ends
//! in a rest; after a broken transfer the next one is smaller.

mod sent;

use self::sent::{Sent, Suspect};
use super::{
    Backoff, Connection, Effect, Event, Outgoing, Phase, SaveFailure, SendFailure, SyncStatus, Wake,
};
use crate::access::Refusal;
use crate::clock::offset_ms;
use crate::id::ChangeId;
use crate::protocol::limits;
use crate::protocol::v1::{Outcome, Problem};
use crate::protocol::v2::SyncResponse;

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Following,
    Resting,
    Reading,
    Sending(Sent),
    Saving { more: bool },
    Waiting(Until),
    Paused,
}

/// What ends a pause before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// Any sign that it may work now.
    Hope,
    /// Only a person: the server asked to be left alone.
    Asked,
}

/// The engine of one tab.
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
    status: SyncStatus,
    backoff: Backoff,
    /// Counts attempts; answers to earlier ones are dropped.
    exchange: u64,
    /// How many changes the next request may carry.
    batch: usize,
    /// How many records the next answer may carry.
    page: u32,
    suspect: Option<Suspect>,
    /// Something happened while an exchange was under way that may need another.
    again: bool,
    has_token: bool,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Engine {
    /// How long after a quiet exchange to look for news, in milliseconds.
    pub const REST_MS: u32 = 60_000;
    /// How many records an answer may carry.
    pub const PAGE_RECORDS: u32 = limits::MAX_PAGE_RECORDS;
    /// How many records an answer may carry at least, however bad the link.
    pub const SMALLEST_PAGE_RECORDS: u32 = 50;
    /// How many bytes of changes a request carries, unless a single change is larger.
    pub const REQUEST_BYTES: usize = 256 * 1024;
    /// The longest pause that a server may ask for, in milliseconds.
    pub const LONGEST_ASKED_PAUSE_MS: u32 = 15 * 60 * 1_000;
    const FULL_BATCH: usize = 200;
    /// Being out of reach says little about the size of requests: not smaller than this for it.
    const BATCH_OUT_OF_REACH: usize = 25;

    /// An engine that follows until it hears otherwise.
    pub fn new(has_token: bool) -> Self {
        Self {
            state: State::Following,
            status: SyncStatus::default(),
            backoff: Backoff::default(),
            exchange: 0,
            batch: Self::FULL_BATCH,
            page: Self::PAGE_RECORDS,
            suspect: None,
            again: false,
            has_token,
        }
    }

    /// What the interface may know.
    pub const fn status(&self) -> SyncStatus {
        self.status
    }

    /// Takes note of what happened and says what to do. `now_ms` is the phone's clock in
    /// milliseconds since 1970 (UTC), `random` any 32 random bits.
    pub fn handle(&mut self, event: Event, now_ms: u64, random: u32) -> Vec<Effect> {
        let before = self.status;
        let mut effects = match event {
            Event::Woke(wake) => self.woke(wake),
            Event::Leads(leads) => self.leads(leads),
            Event::HasToken(has_token) => self.token_changed(has_token),
            Event::Read { exchange, outgoing } if exchange == self.exchange => {
                self.read(outgoing, random)
            }
            Event::Answered {
                exchange,
                sent_ms,
                response,
            } if exchange == self.exchange => self.answered(response, sent_ms, now_ms),
            Event::SendFailed { exchange, failure } if exchange == self.exchange => {
                self.send_failed(failure, random)
            }
            Event::Saved { exchange, result } if exchange == self.exchange => {
                self.saved(result, random)
            }
            // Belongs to an exchange that was given up.
            Event::Read { .. }
            | Event::Answered { .. }
            | Event::SendFailed { .. }
            | Event::Saved { .. } => Vec::new(),
        };
        self.status.phase = self.phase();
        if self.status != before {
            effects.push(Effect::Report(self.status));
        }
        effects
    }

    const fn phase(&self) -> Phase {
        match self.state {
            State::Following => Phase::Following,
            State::Resting => Phase::Resting,
            State::Reading | State::Sending(_) | State::Saving { .. } => Phase::Exchanging,
            // Set where the reason is known.
            State::Waiting(_) | State::Paused => self.status.phase,
        }
    }

    fn woke(&mut self, wake: Wake) -> Vec<Effect> {
        // What is written without a token stays on this phone, so there is nothing to exchange.
        if wake == Wake::Commit && !self.has_token {
            return Vec::new();
        }
        match self.state {
            State::Following => Vec::new(),
            State::Resting => self.begin(),
            State::Waiting(until) => match wake {
                // A commit does not shorten a pause that a failure asked for.
                Wake::Commit => Vec::new(),
                Wake::Online | Wake::Visible if until == Until::Asked => Vec::new(),
                Wake::Online | Wake::Visible | Wake::Timer | Wake::Asked => self.begin(),
            },
            State::Paused if wake == Wake::Asked => self.begin(),
            State::Paused => Vec::new(),
            State::Reading | State::Sending(_) | State::Saving { .. } => {
                self.again |= wake != Wake::Timer;
                Vec::new()
            }
        }
    }

    fn leads(&mut self, leads: bool) -> Vec<Effect> {
        match (leads, &self.state) {
            (true, State::Following) => self.begin(),
            (true, _) => Vec::new(),
            (false, _) => {
                self.exchange += 1;
                self.state = State::Following;
                Vec::new()
            }
        }
    }

    fn token_changed(&mut self, has_token: bool) -> Vec<Effect> {
        self.has_token = has_token;
        self.status.joined = None;
        if self.state == State::Following {
            Vec::new()
        } else {
            self.begin()
        }
    }

    fn begin(&mut self) -> Vec<Effect> {
        self.exchange += 1;
        self.again = false;
        self.state = State::Reading;
        vec![Effect::Read {
            exchange: self.exchange,
            // What is not going to be sent need not be frozen.
            max_changes: if self.has_token { self.batch } else { 0 },
        }]
    }

    fn read(&mut self, outgoing: Result<Outgoing, SaveFailure>, random: u32) -> Vec<Effect> {
        if self.state != State::Reading {
            return Vec::new();
        }
        let Ok(mut outgoing) = outgoing else {
            return self.wait(Phase::CannotSave, random);
        };
        // Without a token the server would refuse everything.
        if !self.has_token {
            outgoing.changes.clear();
            outgoing.more = false;
        }
        let (sent, request) = Sent::of(outgoing, self.suspect, self.page);
        self.state = State::Sending(sent);
        vec![Effect::Send {
            exchange: self.exchange,
            request,
        }]
    }

    fn answered(&mut self, response: SyncResponse, sent_ms: u64, now_ms: u64) -> Vec<Effect> {
        let State::Sending(sent) = &self.state else {
            return Vec::new();
        };
        let joined = response.joined;
        let clock_offset_ms = offset_ms(response.server_time_ms, sent_ms, now_ms);
        let (plan, more) = sent.judge(response, clock_offset_ms);
        self.suspect = None;
        self.state = State::Saving { more };
        self.batch = (self.batch * 2).min(Self::FULL_BATCH);
        self.page = (self.page * 2).min(Self::PAGE_RECORDS);
        self.status.connection = Connection::Reached;
        self.status.last_contact_ms = Some(now_ms);
        self.status.joined = Some(joined);
        self.status.clock_offset_ms = clock_offset_ms;
        vec![Effect::Save {
            exchange: self.exchange,
            plan,
        }]
    }

    fn send_failed(&mut self, failure: SendFailure, random: u32) -> Vec<Effect> {
        let State::Sending(sent) = &self.state else {
            return Vec::new();
        };
        let sent = sent.changes.clone();
        match failure {
            SendFailure::Unreachable => {
                self.status.connection = Connection::Lost;
                self.shrink(self.batch, Self::BATCH_OUT_OF_REACH);
                self.wait(Phase::Waiting, random)
            }
            SendFailure::Stalled => {
                self.status.connection = Connection::Lost;
                self.shrink(sent.len(), 1);
                self.wait(Phase::Waiting, random)
            }
            SendFailure::Problem(problem) => {
                self.status.connection = Connection::Reached;
                match problem {
                    Problem::NotAuthorised => self.pause(Phase::NotAuthorised),
                    Problem::VersionNotSupported { .. } => self.pause(Phase::VersionNotSupported),
                    Problem::TooLarge => {
                        self.isolate(&sent, Outcome::Refused(Refusal::TooLarge), random)
                    }
                    Problem::Malformed => self.isolate(&sent, Outcome::NotUnderstood, random),
                    Problem::TooMany { retry_after_ms } => self.leave_alone(retry_after_ms, random),
                    Problem::Unavailable => self.wait(Phase::Waiting, random),
                }
            }
        }
    }

    /// The server would not take a request as a whole: finds the change that is to blame, by
    /// halves, and at last by leaving it out. If it fails without any change, no change is to blame.
    fn isolate(&mut self, sent: &[ChangeId], outcome: Outcome, random: u32) -> Vec<Effect> {
        match *sent {
            [] => {
                self.suspect = None;
                self.wait(Phase::Waiting, random)
            }
            [change] => {
                self.suspect = Some(Suspect { change, outcome });
                self.batch = 1;
                self.begin()
            }
            _ => {
                self.batch = sent.len() / 2;
                self.begin()
            }
        }
    }

    fn saved(&mut self, result: Result<(), SaveFailure>, random: u32) -> Vec<Effect> {
        let State::Saving { more } = self.state else {
            return Vec::new();
        };
        if result.is_err() {
            return self.wait(Phase::CannotSave, random);
        }
        self.backoff.reset();
        if more || self.again {
            return self.begin();
        }
        self.state = State::Resting;
        vec![Effect::WakeAfter {
            pause_ms: Self::REST_MS,
        }]
    }

    /// A transfer broke: the next one is half as large, so that it may fit into a short window.
    fn shrink(&mut self, sent: usize, least: usize) {
        if sent > 0 {
            let halved = (self.batch.min(sent) / 2).max(least);
            self.batch = self.batch.min(halved);
        }
        self.page = (self.page / 2).max(Self::SMALLEST_PAGE_RECORDS);
    }

    fn wait(&mut self, phase: Phase, random: u32) -> Vec<Effect> {
        let pause_ms = self.backoff.pause_ms(random);
        self.wait_for(pause_ms, Until::Hope, phase)
    }

    fn leave_alone(&mut self, retry_after_ms: u32, random: u32) -> Vec<Effect> {
        let pause_ms = self.backoff.pause_ms(random).max(retry_after_ms);
        let pause_ms = pause_ms.min(Self::LONGEST_ASKED_PAUSE_MS);
        self.wait_for(pause_ms, Until::Asked, Phase::Waiting)
    }

    fn wait_for(&mut self, pause_ms: u32, until: Until, phase: Phase) -> Vec<Effect> {
        self.exchange += 1;
        self.state = State::Waiting(until);
        self.status.phase = phase;
        vec![Effect::WakeAfter { pause_ms }]
    }

    fn pause(&mut self, phase: Phase) -> Vec<Effect> {
        self.exchange += 1;
        self.state = State::Paused;
        self.status.phase = phase;
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
