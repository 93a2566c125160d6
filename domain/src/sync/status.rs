//! What the interface may know of the engine.

use serde::{Deserialize, Serialize};

/// Whether the server can be reached, as far as anybody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connection {
    /// No attempt has ended yet since the app was opened.
    #[default]
    Unknown,
    /// The last attempt got an answer.
    Reached,
    /// The last attempt did not.
    Lost,
}

/// What the engine is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Another tab does the work.
    #[default]
    Following,
    /// Nothing to do until the next wake.
    Resting,
    /// Reading what is to be sent, sending it, or saving the answer.
    Exchanging,
    /// An attempt failed; the next one comes by itself.
    Waiting,
    /// The server refuses the device's token: nothing is sent until the person joins again. The
    /// outbox is untouched.
    NotAuthorised,
    /// The server does not speak this version: the app has to be renewed. The outbox is untouched.
    VersionNotSupported,
    /// The device could not save the answer; the next attempt comes by itself.
    CannotSave,
    /// The same, because its storage is full.
    StorageFull,
}

/// The engine as the interface sees it. What waits in the outbox, the store knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatus {
    /// Whether the server can be reached.
    pub connection: Connection,
    /// What is being done.
    pub phase: Phase,
    /// When the server last answered, by the phone's clock, in milliseconds since 1970 (UTC).
    pub last_contact_ms: Option<u64>,
    /// Whether the server said that the device belongs to somebody; `None` before it said anything.
    pub joined: Option<bool>,
    /// Whether chunks of snapshots are missing: not everything is on this device yet.
    pub lacks_chunks: bool,
    /// What to add to the phone's clock to get the server's, in milliseconds.
    pub clock_offset_ms: i64,
}

impl SyncStatus {
    /// A phone's clock that is further off than this deserves a word, in milliseconds.
    pub const CLOCK_WARNING_MS: i64 = 10 * 60 * 1_000;

    /// Whether the server answered last, and could not do its part.
    pub fn server_is_faulty(&self) -> bool {
        self.phase == Phase::Waiting && self.connection == Connection::Reached
    }

    /// Whether the phone's clock is so wrong that the person should know.
    pub const fn clock_is_off(&self) -> bool {
        self.clock_offset_ms.abs() > Self::CLOCK_WARNING_MS
    }
}
