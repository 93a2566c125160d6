//! What the engine wants done.

use super::SyncStatus;
use crate::access::Refusal;
use crate::content::ContentHash;
use crate::id::ChangeId;
use crate::page;
use crate::protocol::v1::{ProgrammeRole, ScopeCursor};
use crate::protocol::v2::{ScopeReread, ScopeSnapshot, SyncRequest};
use crate::record::{Record, ScopeId};

/// What is to be committed on the device, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavePlan {
    /// Changes that the server has: they leave the outbox.
    pub settled: Vec<ChangeId>,
    /// Changes that the server refused: they move to *needs attention*.
    pub refused: Vec<(ChangeId, Refusal)>,
    /// Changes that an older server did not understand: they stay, set aside until it is renewed.
    /// Until then they are not read for sending, or they would block those behind them.
    pub not_understood: Vec<ChangeId>,
    /// Records to be merged into the replica.
    pub records: Vec<Record>,
    /// Where the device is once it holds the records.
    pub cursors: Vec<ScopeCursor>,
    /// Where it was when it asked: what `records` and `cursors` go on from. Nothing of the answer is
    /// saved if it is elsewhere by now.
    pub asked: Vec<ScopeCursor>,
    /// Scopes that the person may not read any more.
    pub revoked: Vec<ScopeId>,
    /// Scopes to be read by snapshot from now on. `records` may hold some of their records already.
    pub snapshots: Vec<ScopeSnapshot>,
    /// Chunks that came along with them, byte by byte.
    pub chunks: Vec<(ChunkName, Vec<u8>)>,
    /// Scopes to be read from their beginning. What the device holds of them stays visible until
    /// the new reading is complete.
    pub reread: Vec<ScopeReread>,
    /// Whether the server has more to tell than this.
    pub more: bool,
    /// Whether the server knows to whom the device belongs: what it has of the own scope, it tells.
    pub joined: bool,
    /// What the person is in which programme.
    pub roles: Vec<ProgrammeRole>,
    /// What to add to the phone's clock to get the server's, in milliseconds.
    pub clock_offset_ms: i64,
}

impl SavePlan {
    /// The records that come along with a snapshot are its first chunk itself, if they have its
    /// hash: kept as that, it need not be fetched. `sha256` may know no hash; then they stay records.
    pub async fn with_chunks(mut self, sha256: impl AsyncFn(&[u8]) -> Option<ContentHash>) -> Self {
        for snapshot in &self.snapshots {
            let scope = snapshot.scope;
            let (along, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.records)
                .into_iter()
                .partition(|record| record.key.scope == scope);
            self.records = others;
            let bytes = page::encode(scope, &along);
            let is_chunk = |sha256: &ContentHash| {
                let mut chunks = snapshot.chunks.iter();
                chunks.any(|chunk| chunk.sha256 == *sha256)
            };
            match sha256(&bytes).await.filter(is_chunk) {
                Some(sha256) => self.chunks.push((ChunkName { scope, sha256 }, bytes)),
                None => self.records.extend(along),
            }
        }
        self
    }
}

/// A chunk of a scope's snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkName {
    /// Of which scope.
    pub scope: ScopeId,
    /// The hash of its content.
    pub sha256: ContentHash,
}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the outbox's head and the cursors; freeze what is read; come back with [`super::Event::Read`].
    Read {
        /// To be given back.
        exchange: u64,
        /// How many changes at most.
        max_changes: usize,
        /// Whether this tab was told the time. Else the changes are read only if there are cursors: whoever
        /// has one was told the time with it.
        knows_time: bool,
    },
    /// Send this; come back with [`super::Event::Answered`] or [`super::Event::SendFailed`].
    Send {
        /// To be given back.
        exchange: u64,
        /// The request.
        request: SyncRequest,
    },
    /// Commit this in one transaction; come back with [`super::Event::Saved`].
    Save {
        /// To be given back.
        exchange: u64,
        /// What is to be committed.
        plan: SavePlan,
    },
    /// Fetch this chunk and keep it; come back with [`super::Event::Fetched`]. Several may be under
    /// way at a time.
    Fetch {
        /// To be given back.
        exchange: u64,
        /// Which chunk.
        chunk: ChunkName,
    },
    /// Sum up what the server has acknowledged of each scope; come back with
    /// [`super::Event::Summed`]. There is no hurry: the page is to stay responsive.
    Sum {
        /// To be given back.
        exchange: u64,
    },
    /// Come back with [`super::Wake::Timer`] after this time, instead of any earlier such wish.
    WakeAfter {
        /// In milliseconds.
        pause_ms: u32,
    },
    /// Show this.
    Report(SyncStatus),
}
