//! ```text
//!              ┌────────────── Woke ◄───────────────┐
//!              ▼                                    │ (timer, commit, online, visible, asked)
//!  Resting ► Reading ──Read──► Sending ──Answered──► Saving ──Saved──► more? ─► Reading
//!              │                  │                    │                │no
//!              │ReadFailed        │SendFailed          │SaveFailed      ▼
//!              └────────────► Waiting (backoff) ◄──────┘             Resting
//! ```
//!
//! What is left of snapshots is fetched chunk by chunk where an exchange without `more` would rest:
//! `Saving ► Reading ► Fetching ► Reading …`; as soon as there is something to send, that goes first.
//! After the first quiet exchange the device sums up what it holds (`Summing`) and asks whether the
//! server has the same.
//!
//! Only the leading tab's engine leaves `Following`. An answer to a request of before is dropped:
//! effects carry a number that must come back.
//!
//! Progress does not hang on any one change or answer: a request that is too large or that the
//! server cannot read is halved at once, down to the one change that is to blame, which is set
//! aside when the exchange works without it; an answer that promises more and brings nothing ends
//! in a rest; after a broken transfer the next one is smaller.

mod fetching;
mod known;
mod sent;

use self::fetching::{Fetching, Lanes};
use self::known::Known;
use self::sent::{Manner, Next, Sent, Suspect};
use super::{
    Backoff, ChunkName, Connection, Effect, Event, FetchFailure, Outgoing, Phase, SaveFailure,
    SendFailure, Summed, SyncStatus, Wake,
};
use crate::access::Refusal;
use crate::clock::offset_ms;
use crate::id::ChangeId;
use crate::mutation::{self, Mutation};
use crate::protocol::limits;
use crate::protocol::v1::{Outcome, Problem, ScopeCursor};
use crate::protocol::v2::SyncResponse;

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Following,
    Resting,
    Reading,
    Sending(Sent),
    Saving(Next),
    Fetching(Fetching),
    Summing,
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
    /// The next step is an exchange even when nothing is to be sent.
    due: bool,
    lanes: Lanes,
    /// Between chunks that were not there.
    fetch_backoff: Backoff,
    /// How many chunks in a row were not there.
    chunks_missed: u32,
    /// How many answers in a row wanted a scope to be read anew.
    rereads: u32,
    known: Known,
    /// A server has told the time, now or before. A phone's clock may be years ahead: what is
    /// written before that is stamped anew, so it is not read for sending, which freezes it.
    knows_time: bool,
    /// Changes wait for the time.
    waits_for_time: bool,
    /// The server tells by itself when there is news.
    is_live: bool,
    /// The chunks that are fetched are of scopes of which the device had nothing: when they are there,
    /// nothing is to be held against them.
    is_first_reading: bool,
    /// A scope was to be read anew since this tab was opened.
    has_reread: bool,
    wants_sums: bool,
    /// Sums were made and not compared, because something was written meanwhile.
    has_missed_sums: bool,
    /// When it was last summed up, by the phone's clock.
    summed_ms: Option<u64>,
    /// For the next request.
    sums: Vec<Summed>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Engine {
    /// How long after a quiet exchange to look for news, in milliseconds.
    pub const REST_MS: u32 = 60_000;
    /// The same while the server tells by itself when there is news.
    pub const LIVE_REST_MS: u32 = 10 * 60_000;
    /// How long after it was summed up to sum up again, in milliseconds; also when nobody asks.
    pub const SUM_AGAIN_MS: u64 = 24 * 60 * 60 * 1_000;
    /// After so many chunks in a row that were not there, scopes are read page by page.
    const MOST_CHUNKS_MISSED: u32 = 3;
    /// So many answers in a row that want something to be read anew are followed at once.
    const MOST_REREADS: u32 = 3;
    /// How many records an answer may carry.
    pub const PAGE_RECORDS: u32 = limits::MAX_PAGE_RECORDS;
    /// How many records an answer may carry at least, however bad the link.
    pub const SMALLEST_PAGE_RECORDS: u32 = 50;
    /// How many bytes of changes a request carries, unless a single change is larger. Compressed,
    /// some 100 kB: forty seconds on a link of 23 kbit/s.
    pub const REQUEST_BYTES: usize = 384 * 1024;
    /// The longest pause that a server may ask for, in milliseconds.
    pub const LONGEST_ASKED_PAUSE_MS: u32 = 15 * 60 * 1_000;
    const FULL_BATCH: usize = limits::MAX_CHANGES;
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
            due: true,
            lanes: Lanes::default(),
            fetch_backoff: Backoff::default(),
            chunks_missed: 0,
            rereads: 0,
            known: Known::default(),
            knows_time: false,
            waits_for_time: false,
            is_first_reading: false,
            has_reread: false,
            is_live: false,
            wants_sums: true,
            has_missed_sums: false,
            summed_ms: None,
            sums: Vec::new(),
        }
    }

    /// What the interface may know.
    pub const fn status(&self) -> SyncStatus {
        self.status
    }

    /// Whether it waits for chunks: the first exchange is over then.
    pub const fn is_fetching(&self) -> bool {
        matches!(self.state, State::Fetching(_))
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
                self.read(outgoing, now_ms, random)
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
                self.saved(result, now_ms, random)
            }
            Event::Fetched {
                exchange,
                chunk,
                result,
            } if exchange == self.exchange => self.fetched(chunk, result, now_ms, random),
            Event::Summed { exchange, sums } if exchange == self.exchange => {
                self.summed(sums, now_ms)
            }
            Event::Hint(cursors) => self.hinted(cursors),
            Event::Live(is_live) => self.live_changed(is_live),
            // Belongs to an exchange that was given up.
            Event::Read { .. }
            | Event::Answered { .. }
            | Event::SendFailed { .. }
            | Event::Saved { .. }
            | Event::Fetched { .. }
            | Event::Summed { .. } => Vec::new(),
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
            State::Reading | State::Sending(_) | State::Saving(_) | State::Fetching(_) => {
                Phase::Exchanging
            }
            State::Summing => Phase::Resting,
            // Set where the reason is known.
            State::Waiting(_) | State::Paused => self.status.phase,
        }
    }

    fn woke(&mut self, wake: Wake) -> Vec<Effect> {
        // What is written without a token stays on this phone, so there is nothing to exchange.
        if wake == Wake::Commit && !self.has_token {
            return Vec::new();
        }
        // After a rest and not at once: where others write all the time, there would be no end.
        let is_rested = wake == Wake::Timer;
        self.wants_sums |=
            wake == Wake::Asked || is_rested && std::mem::take(&mut self.has_missed_sums);
        match self.state {
            State::Following => Vec::new(),
            State::Resting | State::Summing => self.begin(),
            State::Waiting(until) => match wake {
                // A commit does not shorten a pause that a failure asked for.
                Wake::Commit => Vec::new(),
                Wake::Online | Wake::Visible if until == Until::Asked => Vec::new(),
                Wake::Online | Wake::Visible | Wake::Timer | Wake::Asked => self.begin(),
            },
            State::Paused if wake == Wake::Asked => self.begin(),
            State::Paused => Vec::new(),
            State::Reading | State::Sending(_) | State::Saving(_) | State::Fetching(_) => {
                self.again |= wake != Wake::Timer;
                Vec::new()
            }
        }
    }

    fn leads(&mut self, leads: bool) -> Vec<Effect> {
        match (leads, &self.state) {
            (true, State::Following) => {
                self.is_first_reading = false;
                self.begin()
            }
            (true, _) => Vec::new(),
            (false, _) if mutation::is(Mutation::LeadKept) => Vec::new(),
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
        self.due = true;
        self.look()
    }

    /// Looks at what waits on the device: for an exchange if one is due, else for chunks to fetch.
    fn look(&mut self) -> Vec<Effect> {
        self.exchange += 1;
        self.again = false;
        self.state = State::Reading;
        vec![Effect::Read {
            exchange: self.exchange,
            // What is not going to be sent need not be frozen.
            max_changes: if self.has_token { self.batch } else { 0 },
            knows_time: self.knows_time,
        }]
    }

    fn read(
        &mut self,
        outgoing: Result<Outgoing, SaveFailure>,
        now_ms: u64,
        random: u32,
    ) -> Vec<Effect> {
        if self.state != State::Reading {
            return Vec::new();
        }
        let mut outgoing = match outgoing {
            Ok(outgoing) => outgoing,
            Err(failure) => return self.wait(phase_of(failure), random),
        };
        // Without a token the server would refuse everything.
        if !self.has_token {
            outgoing.changes.clear();
            outgoing.more = false;
        }
        self.knows_time |= !outgoing.cursors.is_empty();
        self.waits_for_time |= !self.knows_time && self.has_token && outgoing.more;
        self.status.lacks_chunks = !outgoing.missing.is_empty();
        if !self.due && outgoing.changes.is_empty() && !outgoing.missing.is_empty() {
            self.state = State::Fetching(Fetching::of(outgoing.missing));
            return self.fetch_on(now_ms);
        }
        let is_nothing_due =
            !self.due && outgoing.changes.is_empty() && !outgoing.more && !self.again;
        if is_nothing_due && self.is_first_reading && self.is_live && self.known.is_all() {
            return self.settle_down(now_ms);
        }
        let manner = Manner {
            suspect: self.suspect,
            page_records: self.page,
            takes_snapshots: self.chunks_missed < Self::MOST_CHUNKS_MISSED,
            sums: std::mem::take(&mut self.sums),
        };
        let sums_made = manner.sums.len();
        let (sent, request) = Sent::of(outgoing, manner);
        self.has_missed_sums |= request.sums.len() < sums_made;
        self.known.ask();
        self.state = State::Sending(sent);
        vec![Effect::Send {
            exchange: self.exchange,
            request,
        }]
    }

    fn fetch_on(&mut self, now_ms: u64) -> Vec<Effect> {
        let exchange = self.exchange;
        let State::Fetching(fetching) = &mut self.state else {
            return Vec::new();
        };
        let next = fetching.next(self.lanes, now_ms).into_iter();
        next.map(|chunk| Effect::Fetch { exchange, chunk })
            .collect()
    }

    fn fetched(
        &mut self,
        chunk: ChunkName,
        result: Result<(), FetchFailure>,
        now_ms: u64,
        random: u32,
    ) -> Vec<Effect> {
        let State::Fetching(fetching) = &mut self.state else {
            return Vec::new();
        };
        if !fetching.came(chunk, result, &mut self.lanes, now_ms) {
            return Vec::new();
        }
        if result.is_ok() {
            self.fetch_backoff.reset();
            self.backoff.reset();
            self.chunks_missed = 0;
            self.status.connection = Connection::Reached;
        }
        // Something waits to be exchanged: it goes before the chunks that nobody asked for yet.
        let (is_idle, failure) = (fetching.is_idle(), fetching.failure());
        if !self.again {
            let more = self.fetch_on(now_ms);
            if !more.is_empty() {
                return more;
            }
        }
        match failure {
            _ if !is_idle => Vec::new(),
            None if self.again => self.begin(),
            None => {
                self.due = false;
                self.look()
            }
            Some(FetchFailure::NotThere) => {
                self.chunks_missed += 1;
                let pause_ms = self.fetch_backoff.pause_ms(random);
                self.wait_for(pause_ms, Until::Hope, Phase::Waiting)
            }
            Some(FetchFailure::Unreachable | FetchFailure::Stalled) => {
                self.status.connection = Connection::Lost;
                self.wait(Phase::Waiting, random)
            }
            Some(FetchFailure::CannotSave) => self.wait(Phase::CannotSave, random),
        }
    }

    fn hinted(&mut self, cursors: Vec<ScopeCursor>) -> Vec<Effect> {
        self.known.hint(cursors);
        match self.state {
            State::Resting | State::Summing | State::Waiting(Until::Hope)
                if self.known.is_behind() =>
            {
                self.begin()
            }
            // Looked at when the answer was saved: it may bring just this.
            _ => Vec::new(),
        }
    }

    fn live_changed(&mut self, is_live: bool) -> Vec<Effect> {
        self.is_live = is_live;
        match self.state {
            State::Resting => self.rest(),
            _ => Vec::new(),
        }
    }

    fn rest(&mut self) -> Vec<Effect> {
        self.state = State::Resting;
        // Hints tell what others write, and not that something is missing here.
        let pause_ms = if self.is_live && !self.has_missed_sums {
            Self::LIVE_REST_MS
        } else {
            Self::REST_MS
        };
        vec![Effect::WakeAfter { pause_ms }]
    }

    fn summed(&mut self, sums: Vec<Summed>, now_ms: u64) -> Vec<Effect> {
        if self.state != State::Summing {
            return Vec::new();
        }
        self.wants_sums = false;
        self.summed_ms = Some(now_ms);
        if sums.is_empty() {
            return self.rest();
        }
        self.sums = sums;
        self.begin()
    }

    fn answered(&mut self, response: SyncResponse, sent_ms: u64, now_ms: u64) -> Vec<Effect> {
        let State::Sending(sent) = &self.state else {
            return Vec::new();
        };
        let joined = response.joined;
        let clock_offset_ms = offset_ms(response.server_time_ms, sent_ms, now_ms);
        let (plan, mut next) = sent.judge(response, clock_offset_ms);
        self.known.read(sent, &plan);
        self.has_missed_sums |= sent.carries_sums && !plan.cursors.is_empty();
        if plan.reread.is_empty() {
            self.rereads = 0;
        } else {
            self.has_reread = true;
            self.rereads += 1;
            next.more &= self.rereads <= Self::MOST_REREADS;
        }
        self.knows_time = true;
        next.more |= std::mem::take(&mut self.waits_for_time);
        self.suspect = None;
        self.status.lacks_chunks |= !plan.snapshots.is_empty();
        self.is_first_reading |= !plan.snapshots.is_empty();
        self.is_first_reading &= !self.has_reread;
        self.state = State::Saving(next);
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
        let carried_sums = sent.carries_sums;
        let sent = sent.changes.clone();
        let is_broken = !matches!(failure, SendFailure::Problem(_));
        self.wants_sums |= carried_sums && is_broken;
        self.has_missed_sums |= carried_sums;
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

    fn saved(&mut self, result: Result<(), SaveFailure>, now_ms: u64, random: u32) -> Vec<Effect> {
        let State::Saving(next) = self.state else {
            return Vec::new();
        };
        if let Err(failure) = result {
            return self.wait(phase_of(failure), random);
        }
        self.backoff.reset();
        if next.more || self.again || self.known.is_behind() {
            return self.begin();
        }
        if next.fetch {
            self.due = false;
            return self.look();
        }
        self.settle_down(now_ms)
    }

    /// Everything is exchanged.
    fn settle_down(&mut self, now_ms: u64) -> Vec<Effect> {
        let is_old = |summed_ms: u64| now_ms >= summed_ms.saturating_add(Self::SUM_AGAIN_MS);
        self.wants_sums |= self.summed_ms.is_some_and(is_old);
        if self.wants_sums && !self.known.is_nothing() {
            self.exchange += 1;
            self.state = State::Summing;
            return vec![Effect::Sum {
                exchange: self.exchange,
            }];
        }
        self.rest()
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

const fn phase_of(failure: SaveFailure) -> Phase {
    match failure {
        SaveFailure::Full => Phase::StorageFull,
        // Nothing is wrong with the device.
        SaveFailure::Outdated => Phase::Exchanging,
        SaveFailure::Other => Phase::CannotSave,
    }
}

#[cfg(test)]
mod tests;
