//! What can happen to the engine.

use crate::change::Change;
use crate::protocol::v1::{Problem, ScopeCursor};
use crate::protocol::v2::SyncResponse;

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
}
