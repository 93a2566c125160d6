//! What can happen to the engine.

use super::ChunkName;
use crate::change::Change;
use crate::protocol::v1::{Problem, ScopeCursor};
use crate::protocol::v2::SyncResponse;
use crate::sum::Sum;

/// Why it may be time to exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// An edit was committed on this device.
    Commit,
    /// The browser says that there is a network.
    Online,
    /// The page became visible.
    Visible,
    /// The time that [`super::Effect::WakeAfter`] asked for has passed.
    Timer,
    /// Somebody tapped "sync now", joined, or the app was opened.
    Asked,
}

/// What is waiting on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The head of the outbox, oldest first, no longer than asked for, now frozen. Without what was
    /// set aside.
    pub changes: Vec<Change>,
    /// Whether there are more behind it.
    pub more: bool,
    /// How far the device has read each scope; of a scope that is read by snapshot, how far it will
    /// have read it once it holds the missing chunks.
    pub cursors: Vec<ScopeCursor>,
    /// Chunks of snapshots that the device does not hold yet, the most urgent first; not
    /// necessarily all of them.
    pub missing: Vec<ChunkName>,
}

/// What the server has acknowledged of a scope, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summed {
    /// How far the scope was read when it was summed up.
    pub at: ScopeCursor,
    /// The sum over its records, without this device's own changes on top.
    pub sum: Sum,
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

/// Why a chunk of a snapshot was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// The server has no such chunk any more, or what it sends under that name is something else.
    /// The device has forgotten the snapshot, so that the next exchange asks for another.
    NotThere,
    /// No answer, or one that says nothing about the chunk.
    Unreachable,
    /// Nothing arrived for too long.
    Stalled,
    /// The device could not save it.
    CannotSave,
}

/// Why saving an answer failed. The answer will be fetched again, so nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveFailure {
    /// The storage is full.
    Full,
    /// The device is not any more where it was when it asked: another tab has been told something else.
    Outdated,
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
    /// [`super::Effect::Read`] was done.
    Read {
        /// The number of the effect.
        exchange: u64,
        /// What waits; `Err` if the storage could not be read.
        outgoing: Result<Outgoing, SaveFailure>,
    },
    /// [`super::Effect::Send`] brought an answer.
    Answered {
        /// The number of the effect.
        exchange: u64,
        /// When it was sent, by the phone's clock in milliseconds since 1970 (UTC).
        sent_ms: u64,
        /// The answer.
        response: SyncResponse,
    },
    /// [`super::Effect::Send`] failed.
    SendFailed {
        /// The number of the effect.
        exchange: u64,
        /// Why.
        failure: SendFailure,
    },
    /// [`super::Effect::Save`] was done, or failed.
    Saved {
        /// The number of the effect.
        exchange: u64,
        /// `Err` if nothing of it was saved.
        result: Result<(), SaveFailure>,
    },
    /// [`super::Effect::Fetch`] was done, or failed.
    Fetched {
        /// The number of the effect.
        exchange: u64,
        /// Which chunk.
        chunk: ChunkName,
        /// `Ok` if the device holds it now.
        result: Result<(), FetchFailure>,
    },
    /// [`super::Effect::Sum`] was done. Scopes that are only half read are not summed up; an empty
    /// list says that it was not worth it or did not work, and is no failure.
    Summed {
        /// The number of the effect.
        exchange: u64,
        /// What was summed up.
        sums: Vec<Summed>,
    },
    /// The server says, without being asked, how far these scopes go by now.
    Hint(Vec<ScopeCursor>),
    /// The server began or stopped to give hints; `true` while it does.
    Live(bool),
}
