//! Version 1 of the messages, and the parts of them that version 2 speaks too.

use serde::{Deserialize, Serialize};

use crate::access::{Refusal, Role};
use crate::change::Change;
use crate::id::{ChangeId, ProgrammeId};
use crate::record::{Record, ScopeId};

/// A place in a scope's history, as the server gave it out. Devices keep it and give it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cursor {
    /// Which history: another one after the server was restored from a backup.
    pub epoch: u32,
    /// The last row of it that the device has.
    pub sequence: u64,
}

/// How far a device has read a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeCursor {
    /// The scope.
    pub scope: ScopeId,
    /// The device has everything up to here.
    pub cursor: Cursor,
}

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FirstSyncRequest))]
pub struct SyncRequest {
    /// The head of its outbox, oldest first.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub changes: Vec<Change>,
    /// How far it has read each scope that it holds. Scopes that it may read and does not name are
    /// news to it from their beginning.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub cursors: Vec<ScopeCursor>,
    /// The most records it wants in the answer; the server may send fewer.
    pub page_records: u32,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FirstSyncResponse))]
pub struct SyncResponse {
    /// The server's clock in milliseconds since 1970 (UTC), when it answered.
    pub server_time_ms: u64,
    /// Whether the device belongs to somebody: its own scope can be written.
    pub joined: bool,
    /// What its owner is in which programme.
    pub roles: Vec<ProgrammeRole>,
    /// One result for each change of the request, in the same order.
    pub results: Vec<ChangeResult>,
    /// News, in the order in which the server changed.
    pub pages: Vec<ScopePage>,
    /// Scopes that the device named and may not read any more.
    pub revoked: Vec<ScopeId>,
    /// Whether there is more news than fitted into this answer.
    pub more: bool,
}

/// Somebody's role in a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProgrammeRole {
    /// The programme.
    pub programme: ProgrammeId,
    /// What they are in it.
    pub role: Role,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeResult {
    /// Which change.
    pub change: ChangeId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a change. One that was accepted is accepted at every repetition; one that was
/// refused may be allowed later, when its writer has joined.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// Durable on the server. If others had written too, the merged row is among the news.
    Accepted,
    /// Not allowed: the device keeps it, visibly, for its owner to decide.
    Refused(Refusal),
    /// The device is newer than the server in what it says here: the device keeps it and offers it
    /// again when the server has been renewed.
    NotUnderstood,
    /// Durable as [`Outcome::Accepted`], and stamped from too far ahead: the server put the present
    /// in the place of that time, and the row as it stands now is among the news. Never said in
    /// version 1.
    Bounded,
}

/// News of one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopePage {
    /// The scope.
    pub scope: ScopeId,
    /// Where the device is in the scope's history once it holds these records.
    pub cursor: Cursor,
    /// Records as the server has them. To be merged into what the device has; the same record may
    /// come again at any time.
    pub records: Vec<Record>,
}

/// Why a server did not answer a request at all. Nothing of the request was done.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Problem {
    /// The body or a header is not what the protocol says.
    Malformed,
    /// The token is unknown, expired or revoked.
    NotAuthorised,
    /// More bytes, changes or scopes than allowed.
    TooLarge,
    /// Too many requests; ask again after this time.
    TooMany {
        /// In milliseconds.
        retry_after_ms: u32,
    },
    /// The server does not speak this version.
    VersionNotSupported {
        /// The oldest that it speaks.
        oldest: u16,
        /// The newest that it speaks.
        newest: u16,
    },
    /// The server could not do its part; asking again later is right.
    Unavailable,
}
