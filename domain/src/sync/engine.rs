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

use super::{Backoff, Connection, Phase, SyncStatus};
use crate::access::Refusal;
use crate::change::Change;
use crate::clock::offset_ms;
use crate::id::ChangeId;
use crate::protocol::limits;
use crate::protocol::v1::{
    Outcome, Problem, ProgrammeRole, ScopeCursor, SyncRequest, SyncResponse,
};
use crate::record::{Record, ScopeId};

/// Why it may be time to exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// An edit was committed on this device.
    Commit,
    /// The browser says that there is a network.
    Online,
    /// The page became visible.
    Visible,
    /// The time that [`Effect::WakeAfter`] asked for has passed.
    Timer,
    /// Somebody tapped "sync now", joined, or the app was opened.
    Asked,
}

/// What is waiting on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The head of the outbox, oldest first, no longer than asked for, now frozen.
    pub changes: Vec<Change>,
    /// Whether there are more behind it.
    pub more: bool,
    /// How far the device has read each scope.
    pub cursors: Vec<ScopeCursor>,
}

/// Why sending failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// No answer: no network, no server, or an answer that broke off.
    Unreachable,
    /// Nothing arrived for too long.
    Stalled,
    /// The server answered that it would not.
    Problem(Problem),
}

/// Why saving an answer failed. The answer will be fetched again, so nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveFailure {
    /// The storage is full.
    Full,
    /// Anything else.
    Other,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It may be time to exchange.
    Woke(Wake),
    /// This tab became the leader, or stopped being it.
    Leads(bool),
    /// The device got or lost a token; `true` if it has one.
    HasToken(bool),
    /// [`Effect::Read`] was done.
    Read {
        /// The number of the effect.
        exchange: u64,
        /// What waits; `Err` if the storage could not be read.
        outgoing: Result<Outgoing, SaveFailure>,
    },
    /// [`Effect::Send`] brought an answer.
    Answered {
        /// The number of the effect.
        exchange: u64,
        /// When it was sent, by the phone's clock in milliseconds since 1970 (UTC).
        sent_ms: u64,
        /// The answer.
        response: SyncResponse,
    },
    /// [`Effect::Send`] failed.
    SendFailed {
        /// The number of the effect.
        exchange: u64,
        /// Why.
        failure: SendFailure,
    },
    /// [`Effect::Save`] was done, or failed.
    Saved {
        /// The number of the effect.
        exchange: u64,
        /// `Err` if nothing of it was saved.
        result: Result<(), SaveFailure>,
    },
}

/// What is to be committed on the device, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavePlan {
    /// Changes that the server has: they leave the outbox.
    pub settled: Vec<ChangeId>,
    /// Changes that the server refused: they move to *needs attention*.
    pub refused: Vec<(ChangeId, Refusal)>,
    /// Changes that an older server did not understand: they stay, set aside until it is renewed.
    pub not_understood: Vec<ChangeId>,
    /// Records to be merged into the replica.
    pub records: Vec<Record>,
    /// Where the device is once it holds the records.
    pub cursors: Vec<ScopeCursor>,
    /// Scopes that the person may not read any more.
    pub revoked: Vec<ScopeId>,
    /// What the person is in which programme.
    pub roles: Vec<ProgrammeRole>,
    /// What to add to the phone's clock to get the server's, in milliseconds.
    pub clock_offset_ms: i64,
}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the outbox's head and the cursors; freeze what is read; come back with [`Event::Read`].
    Read {
        /// To be given back.
        exchange: u64,
        /// How many changes at most.
        max_changes: usize,
    },
    /// Send this; come back with [`Event::Answered`] or [`Event::SendFailed`].
    Send {
        /// To be given back.
        exchange: u64,
        /// The request.
        request: SyncRequest,
    },
    /// Commit this in one transaction; come back with [`Event::Saved`].
    Save {
        /// To be given back.
        exchange: u64,
        /// What is to be committed.
        plan: SavePlan,
    },
    /// Come back with [`Wake::Timer`] after this time, instead of any earlier such wish.
    WakeAfter {
        /// In milliseconds.
        pause_ms: u32,
    },
    /// Show this.
    Report(SyncStatus),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Following,
    Resting,
    Reading,
    Sending {
        sent: Vec<ChangeId>,
        more_outgoing: bool,
    },
    Saving {
        more: bool,
    },
    Waiting,
    Paused,
}

/// The engine of one tab.
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
    status: SyncStatus,
    backoff: Backoff,
    /// Counts attempts; answers to earlier ones are dropped.
    exchange: u64,
    /// How many changes the next request may carry: halved when a request stalls or is too large.
    batch: usize,
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
    const FULL_BATCH: usize = 200;

    /// An engine that follows until it hears otherwise.
    pub fn new(has_token: bool) -> Self {
        Self {
            state: State::Following,
            status: SyncStatus::default(),
            backoff: Backoff::default(),
            exchange: 0,
            batch: Self::FULL_BATCH,
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
            Event::Read { exchange, outgoing } if self.expects(exchange, &State::Reading) => {
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

    fn expects(&self, exchange: u64, state: &State) -> bool {
        exchange == self.exchange && self.state == *state
    }

    const fn phase(&self) -> Phase {
        match self.state {
            State::Following => Phase::Following,
            State::Resting => Phase::Resting,
            State::Reading | State::Sending { .. } | State::Saving { .. } => Phase::Exchanging,
            // Set where the reason is known.
            State::Waiting | State::Paused => self.status.phase,
        }
    }

    fn woke(&mut self, wake: Wake) -> Vec<Effect> {
        match self.state {
            State::Following => Vec::new(),
            State::Resting => self.begin(),
            // A commit does not shorten a pause that a failure asked for; a person or a sign of a
            // network does.
            State::Waiting if wake == Wake::Commit => Vec::new(),
            State::Waiting => self.begin(),
            State::Paused if wake == Wake::Asked => self.begin(),
            State::Paused => Vec::new(),
            State::Reading | State::Sending { .. } | State::Saving { .. } => {
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
            max_changes: self.batch,
        }]
    }

    fn read(&mut self, outgoing: Result<Outgoing, SaveFailure>, random: u32) -> Vec<Effect> {
        let Ok(outgoing) = outgoing else {
            return self.wait(Phase::CannotSave, random);
        };
        // Without a token the server would refuse everything; what is written stays on this phone.
        let (changes, more_outgoing) = if self.has_token {
            (outgoing.changes, outgoing.more)
        } else {
            (Vec::new(), false)
        };
        let sent = changes.iter().map(|change| change.id).collect();
        self.state = State::Sending {
            sent,
            more_outgoing,
        };
        let request = SyncRequest {
            changes,
            cursors: outgoing.cursors,
            page_records: Self::PAGE_RECORDS,
        };
        vec![Effect::Send {
            exchange: self.exchange,
            request,
        }]
    }

    fn answered(&mut self, response: SyncResponse, sent_ms: u64, now_ms: u64) -> Vec<Effect> {
        let State::Sending {
            sent,
            more_outgoing,
        } = &self.state
        else {
            return Vec::new();
        };
        let mut plan = SavePlan {
            revoked: response.revoked,
            roles: response.roles,
            clock_offset_ms: offset_ms(response.server_time_ms, sent_ms, now_ms),
            ..SavePlan::default()
        };
        // An answer about something that was not asked settles nothing.
        for result in response
            .results
            .into_iter()
            .filter(|result| sent.contains(&result.change))
        {
            match result.outcome {
                Outcome::Accepted => plan.settled.push(result.change),
                Outcome::Refused(refusal) => plan.refused.push((result.change, refusal)),
                Outcome::NotUnderstood => plan.not_understood.push(result.change),
            }
        }
        for page in response.pages {
            plan.cursors.push(ScopeCursor {
                scope: page.scope,
                cursor: page.cursor,
            });
            plan.records.extend(page.records);
        }
        let advanced = plan.settled.len() + plan.refused.len() + plan.not_understood.len() > 0;
        let more = response.more || *more_outgoing && advanced;
        self.state = State::Saving { more };
        self.batch = (self.batch * 2).min(Self::FULL_BATCH);
        self.status.connection = Connection::Reached;
        self.status.last_contact_ms = Some(now_ms);
        self.status.joined = Some(response.joined);
        self.status.clock_offset_ms = plan.clock_offset_ms;
        vec![Effect::Save {
            exchange: self.exchange,
            plan,
        }]
    }

    fn send_failed(&mut self, failure: SendFailure, random: u32) -> Vec<Effect> {
        let State::Sending { .. } = self.state else {
            return Vec::new();
        };
        match failure {
            SendFailure::Unreachable => {
                self.status.connection = Connection::Lost;
                self.wait(Phase::Waiting, random)
            }
            SendFailure::Stalled => {
                self.status.connection = Connection::Lost;
                self.shrink();
                self.wait(Phase::Waiting, random)
            }
            SendFailure::Problem(problem) => {
                self.status.connection = Connection::Reached;
                match problem {
                    Problem::NotAuthorised => self.pause(Phase::NotAuthorised),
                    Problem::VersionNotSupported { .. } => self.pause(Phase::VersionNotSupported),
                    Problem::TooLarge => {
                        self.shrink();
                        self.wait(Phase::Waiting, random)
                    }
                    Problem::TooMany { retry_after_ms } => {
                        let mut effects = self.wait(Phase::Waiting, random);
                        if let Some(Effect::WakeAfter { pause_ms }) = effects.first_mut() {
                            *pause_ms = retry_after_ms.max(*pause_ms);
                        }
                        effects
                    }
                    Problem::Malformed | Problem::Unavailable => self.wait(Phase::Waiting, random),
                }
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

    fn shrink(&mut self) {
        self.batch = (self.batch / 2).max(1);
    }

    fn wait(&mut self, phase: Phase, random: u32) -> Vec<Effect> {
        self.exchange += 1;
        self.state = State::Waiting;
        self.status.phase = phase;
        vec![Effect::WakeAfter {
            pause_ms: self.backoff.pause_ms(random),
        }]
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
