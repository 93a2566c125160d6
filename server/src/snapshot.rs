//! Snapshots: what a shared scope holds, in chunks that are made once and given to everybody who reads
//! it from the beginning.
//!
//! They are made beside the requests, never in one: from a view of one moment, most urgent records
//! first, each chunk compressed as well as it can be. Which chunks there are is in the database, their
//! bytes are in [`Chunks`](crate::store::Chunks). Changes after that moment reach devices by cursor.

mod chunks;
mod order;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use keruen_domain::ScopeId;
use keruen_domain::page::Part;
use keruen_domain::protocol::limits;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::Chunk;

use crate::store::{Chunks, ReadTransaction, ScopeState, Snapshot, Store, StoreError};

pub use chunks::{Cut, cut, decompress, is_chunk};

/// When snapshots are made, and of what size their chunks are.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Scopes with fewer live rows are read page by page.
    pub least_rows: u64,
    /// What the first chunk should have in bytes, compressed: it is sent along with the first answer.
    pub first_chunk_bytes: usize,
    /// What the other chunks should have in bytes, compressed.
    pub chunk_bytes: usize,
    /// How old a snapshot must be, in milliseconds, before another takes its place because rows changed.
    pub least_age_ms: u64,
    /// How long chunks of a replaced snapshot are kept, in milliseconds: somebody may be reading it.
    pub kept_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            least_rows: 500,
            first_chunk_bytes: 10_000,
            chunk_bytes: 48_000,
            least_age_ms: 5 * 60 * 1_000,
            kept_ms: 24 * 60 * 60 * 1_000,
        }
    }
}

/// A snapshot is made anew when more than one in so many rows may have changed.
const CHANGED_PART: u64 = 10;

/// Makes the snapshots that are due, removes chunks that nobody needs any more, and returns how many
/// snapshots it made. At most one of these should run at a time. `now_ms` is in milliseconds since
/// 1970 (UTC).
pub async fn renew(store: &dyn Store, rules: &Rules, now_ms: u64) -> Result<usize, StoreError> {
    let (rules, chunks) = (*rules, store.chunks());
    let due = store
        .read(move |transaction| due_scopes(transaction, &*chunks, &rules, now_ms))
        .await?;
    let made = due.len();
    for scope in due {
        make(store, &rules, scope, now_ms).await?;
    }
    let replaced_before_ms = now_ms.saturating_sub(rules.kept_ms);
    let unnamed = store
        .write(move |transaction| transaction.forget_snapshots(replaced_before_ms))
        .await?;
    let chunks = store.chunks();
    beside(move || {
        unnamed
            .iter()
            .try_for_each(|content| chunks.remove(content))
    })
    .await??;
    Ok(made)
}

/// Removes chunks whose bytes are not what they should be, so that they are made anew, and returns how
/// many it removed. It reads all of them: for the start of a server.
pub async fn remove_damaged(store: &dyn Store) -> Result<usize, StoreError> {
    let listed = store
        .read(|transaction| {
            let mut listed = Vec::new();
            for (scope, _) in transaction.scopes()? {
                let newest = transaction.snapshot(scope)?.into_iter();
                listed.extend(newest.flat_map(|snapshot| snapshot.chunks));
            }
            Ok(listed)
        })
        .await?;
    let chunks = store.chunks();
    let remove = move || {
        let mut removed = 0;
        for chunk in listed {
            let kept = chunks.get(&chunk.sha256)?;
            if kept.is_some_and(|bytes| !is_chunk(&chunk, &bytes)) {
                tracing::error!(chunk = %chunk.sha256, "a chunk is damaged; its snapshot is made anew");
                chunks.remove(&chunk.sha256)?;
                removed += 1;
            }
        }
        Ok(removed)
    };
    beside(remove).await?
}

/// Whether reading can begin with this snapshot: it is of this history, and no deletion after it has
/// been forgotten.
pub fn is_usable(snapshot: &Snapshot, epoch: u32, state: &ScopeState) -> bool {
    let cursor = snapshot.cursor;
    cursor.epoch == epoch
        && cursor.sequence <= state.last_sequence
        && cursor.sequence >= state.pruned_through
}

fn due_scopes(
    transaction: &dyn ReadTransaction,
    chunks: &dyn Chunks,
    rules: &Rules,
    now_ms: u64,
) -> Result<Vec<ScopeId>, StoreError> {
    let epoch = transaction.epoch()?;
    let mut due = Vec::new();
    for (scope, state) in transaction.scopes()? {
        let is_shared = !matches!(scope, ScopeId::Person(_));
        if !is_shared || state.live_rows < rules.least_rows {
            continue;
        }
        let is_due = match transaction.snapshot(scope)? {
            Some(snapshot) if is_usable(&snapshot, epoch, &state) => {
                let changes = state.last_sequence - snapshot.cursor.sequence;
                let is_old = now_ms >= snapshot.built_ms.saturating_add(rules.least_age_ms);
                let has_changed = changes.saturating_mul(CHANGED_PART) > state.live_rows;
                has_changed && is_old || lacks_chunks(&snapshot, chunks)
            }
            Some(_) | None => true,
        };
        if is_due {
            due.push(scope);
        }
    }
    Ok(due)
}

fn lacks_chunks(snapshot: &Snapshot, chunks: &dyn Chunks) -> bool {
    let missing = snapshot
        .chunks
        .iter()
        .find(|chunk| !chunks.has(&chunk.sha256));
    if let Some(chunk) = missing {
        tracing::error!(chunk = %chunk.sha256, "a chunk is missing; its snapshot is made anew");
    }
    missing.is_some()
}

/// Where a scope was at one moment, with its live rows, most urgent first.
struct Moment {
    scope: ScopeId,
    cursor: Cursor,
    records: Vec<Part>,
}

async fn make(
    store: &dyn Store,
    rules: &Rules,
    scope: ScopeId,
    now_ms: u64,
) -> Result<(), StoreError> {
    let began = Instant::now();
    let moment = store
        .read(move |transaction| read_moment(transaction, scope, now_ms))
        .await?;
    let (rules, chunks) = (*rules, store.chunks());
    let rows = moment.records.len();
    let cursor = moment.cursor;
    let listed = beside(move || put_chunks(&moment, &rules, chunks)).await??;
    let bytes: u64 = listed.iter().map(|chunk| u64::from(chunk.size_bytes)).sum();
    if listed.len() > limits::MAX_CHUNKS {
        tracing::error!(%scope, rows, "too large for a snapshot");
        return Ok(());
    }
    let chunk_count = listed.len();
    let snapshot = Snapshot {
        cursor,
        built_ms: now_ms,
        chunks: listed,
    };
    store
        .write(move |transaction| transaction.put_snapshot(scope, &snapshot))
        .await?;
    let duration_ms = began.elapsed().as_millis();
    tracing::info!(%scope, rows, chunks = chunk_count, bytes, duration_ms, "made a snapshot");
    Ok(())
}

fn read_moment(
    transaction: &dyn ReadTransaction,
    scope: ScopeId,
    now_ms: u64,
) -> Result<Moment, StoreError> {
    let cursor = Cursor {
        epoch: transaction.epoch()?,
        sequence: transaction.scope(scope)?.last_sequence,
    };
    let mut ranked = Vec::new();
    transaction.rows_after(scope, 0, &mut |row| {
        if !row.record.is_deleted() {
            let rank = order::rank(&row.record, now_ms);
            ranked.push((rank, Part::of(&row.record)));
        }
        ControlFlow::Continue(())
    })?;
    ranked.sort_unstable();
    let records = ranked.into_iter().map(|(_, part)| part).collect();
    Ok(Moment {
        scope,
        cursor,
        records,
    })
}

fn put_chunks(
    moment: &Moment,
    rules: &Rules,
    chunks: Arc<dyn Chunks>,
) -> Result<Vec<Chunk>, StoreError> {
    let mut listed = Vec::new();
    for made in cut(moment.scope, &moment.records, rules) {
        chunks.put(&made.chunk.sha256, &made.compressed)?;
        listed.push(made.chunk);
    }
    Ok(listed)
}

/// Does what takes long beside the threads that talk; at once where there are none.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StoreError::Closed)
}
