//! Version 2 of the messages: first visits by snapshot, sums that notice a replica that diverged,
//! and scopes that are to be read anew.

use serde::{Deserialize, Serialize};

use super::v1::{self, ChangeResult, Cursor, Outcome, ProgrammeRole, ScopeCursor, ScopePage};
use crate::change::Change;
use crate::content::ContentHash;
use crate::record::ScopeId;
use crate::sum::Sum;

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Whether it reads [`SyncResponse::snapshots`] and [`SyncResponse::reread`].
    pub takes_snapshots: bool,
    /// Sums of scopes that it wants compared, as it holds them at the cursors that it names.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub sums: Vec<ScopeSum>,
}

/// What a device holds of a scope, in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeSum {
    /// The scope.
    pub scope: ScopeId,
    /// The sum over what the server has acknowledged, without the device's own changes on top.
    pub sum: Sum,
}

/// What a server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Whether there is more news than fitted into this answer. Chunks of snapshots do not count.
    pub more: bool,
    /// Scopes with much to read from the beginning: their chunks are fetched one by one, and the
    /// news after them by cursor as usual.
    pub snapshots: Vec<ScopeSnapshot>,
    /// Scopes of which the device is to forget its cursor, and why. This answer brings no page of
    /// them.
    pub reread: Vec<ScopeReread>,
}

/// A scope as it was at one moment, in chunks that never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeSnapshot {
    /// The scope.
    pub scope: ScopeId,
    /// Where the device is in the scope's history once it holds all chunks.
    pub cursor: Cursor,
    /// The chunks, most urgent first.
    pub chunks: Vec<Chunk>,
}

/// Some records of a snapshot, fetched by their hash.
///
/// The content is what [`crate::page::encode`] makes. It holds no tombstones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chunk {
    /// SHA-256 of the content, uncompressed.
    pub sha256: ContentHash,
    /// How many bytes travel: the content's size as it is compressed on the server.
    pub size_bytes: u32,
    /// How many records it holds.
    pub records: u32,
}

/// A scope that is to be read from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeReread {
    /// The scope.
    pub scope: ScopeId,
    /// Why.
    pub reason: RereadReason,
}

/// Why a scope is to be read from its beginning, and what becomes of what the device holds of it.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RereadReason {
    /// The cursor is of another history: the server was restored from a backup. What the device
    /// holds and the server no longer knows is offered again.
    OtherHistory,
    /// The cursor is older than the deletions that the server still knows of. What the device holds
    /// and the server does not was deleted.
    TooOld,
    /// The sums differ. What the device holds and the server does not is offered again.
    Diverged,
}

impl From<v1::SyncRequest> for SyncRequest {
    fn from(request: v1::SyncRequest) -> Self {
        Self {
            changes: request.changes,
            cursors: request.cursors,
            page_records: request.page_records,
            takes_snapshots: false,
            sums: Vec::new(),
        }
    }
}

impl From<SyncResponse> for v1::SyncResponse {
    /// What version 1 has no words for is left out; a server does not say it to a request that
    /// [does not take snapshots](SyncRequest::takes_snapshots).
    fn from(response: SyncResponse) -> Self {
        let in_old_words = |result: ChangeResult| ChangeResult {
            outcome: match result.outcome {
                Outcome::Bounded => Outcome::Accepted,
                other => other,
            },
            ..result
        };
        Self {
            server_time_ms: response.server_time_ms,
            joined: response.joined,
            roles: response.roles,
            results: response.results.into_iter().map(in_old_words).collect(),
            pages: response.pages,
            revoked: response.revoked,
            more: response.more,
        }
    }
}
