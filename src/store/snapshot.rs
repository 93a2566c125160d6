//! Scopes that are read by snapshot: chunk by chunk, in whatever order they arrive.
//!
//! A chunk is a sealed page under the hash of its content. Which chunks are held follows from that,
//! so that an interrupted reading goes on where it was, even with the manifest of a later snapshot.
//! While chunks are missing, the scope's place in its history stands in the manifest: news after it
//! may come in meanwhile and move it.

use std::collections::{BTreeMap, BTreeSet};

use futures_lite::future::zip;
use keruen_domain::page::{self, Directory};
use keruen_domain::protocol::v1::ScopeCursor;
use keruen_domain::protocol::v2::{RereadReason, ScopeSnapshot};
use keruen_domain::sync::ChunkName;
use keruen_domain::{Collection, ScopeId};

use super::schema::{Table, chunk_key, page_prefix, scope_key, seal, unseal};
use super::{Committed, Durability, Store, StoreError, Transaction, device, reread};

/// How many missing chunks are named at a time.
const NAMED: usize = 32;

/// What became of a chunk that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is on the device, or nobody wants it any more.
    Kept,
    /// It cannot be read, or holds what does not belong there.
    Damaged,
}

/// A chunk that can be read.
struct Arrived {
    chunk: ChunkName,
    bytes: Vec<u8>,
    collections: BTreeSet<Collection>,
}

/// What is not there of the snapshots.
pub(super) struct Missing {
    /// Where the scopes will be.
    pub(super) cursors: Vec<ScopeCursor>,
    /// The most urgent chunks first.
    pub(super) chunks: Vec<ChunkName>,
}

impl Store {
    /// Keeps chunks, byte by byte as they came, all in one transaction: many take little longer than one.
    /// The caller has compared them with their hashes. Says what became of each.
    ///
    /// With the last chunk, the scope's cursor is where its manifest says.
    pub async fn keep_chunks(
        &self,
        arrived: Vec<(ChunkName, Vec<u8>)>,
    ) -> Result<Vec<Kept>, StoreError> {
        const TABLES: [Table; 4] = [Table::Meta, Table::Pages, Table::Snapshots, Table::Cursors];
        let mut outcomes = Vec::with_capacity(arrived.len());
        let mut by_scope: BTreeMap<String, Vec<Arrived>> = BTreeMap::new();
        for (chunk, bytes) in arrived {
            // What is in it need not be read for that: its hash is what the server said.
            let is_of_scope = |directory: &Directory| directory.scope == chunk.scope;
            let Some(directory) = page::index(&bytes).ok().filter(is_of_scope) else {
                outcomes.push(Kept::Damaged);
                continue;
            };
            outcomes.push(Kept::Kept);
            let arrived = by_scope.entry(scope_key(chunk.scope)).or_default();
            arrived.push(Arrived {
                chunk,
                bytes,
                collections: collections_in(&directory),
            });
        }
        if by_scope.is_empty() {
            return Ok(outcomes);
        }
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let scopes: Vec<String> = by_scope.keys().cloned().collect();
        // All at once: of a large programme this is done again and again.
        let (manifests, (held, edition)) = zip(
            transaction.get_many(Table::Snapshots, &scopes),
            zip(
                transaction.keys(Table::Pages),
                device::take_edition(&transaction),
            ),
        )
        .await;
        let (manifests, held, edition) = (manifests?, held?, edition?);
        let mut held: BTreeSet<String> = held.into_iter().collect();
        let mut committed = Committed {
            edition,
            ..Committed::default()
        };
        for (arrived, manifest) in by_scope.into_values().zip(manifests) {
            let Some(manifest) = manifest.and_then(|bytes| unseal(&bytes).ok()) else {
                continue;
            };
            let named: BTreeSet<String> = names(&manifest).map(|name| chunk_key(&name)).collect();
            let before = committed.pages.len();
            for Arrived {
                chunk,
                bytes,
                collections,
            } in arrived
            {
                let key = chunk_key(&chunk);
                if named.contains(&key) {
                    transaction.put(Table::Pages, &key, &bytes)?;
                    held.insert(key);
                    committed.pages.push(bytes);
                    committed.collections.extend(collections);
                }
            }
            if committed.pages.len() > before && named.is_subset(&held) {
                complete(&transaction, &manifest)?;
            }
        }
        // Else nobody wants them any more.
        if !committed.pages.is_empty() {
            transaction.commit().await?;
            self.publish(&committed);
        }
        Ok(outcomes)
    }

    /// Forgets a snapshot that the server does not have any more. The chunks that are held stay:
    /// the next one may name them too.
    pub async fn forget_snapshot(&self, chunk: ChunkName) -> Result<(), StoreError> {
        let tables = [Table::Snapshots];
        let transaction = self.begin(&tables, Durability::Relaxed).await?;
        let key = scope_key(chunk.scope);
        let manifest = transaction.get(Table::Snapshots, &key).await?;
        let manifest = manifest.and_then(|bytes| unseal::<ScopeSnapshot>(&bytes).ok());
        // Another one may have taken its place.
        if manifest.is_none_or(|manifest| names(&manifest).any(|name| name == chunk)) {
            transaction.delete(Table::Snapshots, &key)?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// What is in a page that can be read.
pub(super) fn collections_of(page: &[u8]) -> BTreeSet<Collection> {
    page::index(page).map_or_else(|_| BTreeSet::new(), |found| collections_in(&found))
}

fn collections_in(directory: &Directory) -> BTreeSet<Collection> {
    let places = directory.places.iter();
    places.map(|place| place.collection).collect()
}

/// From now on a scope is read by this snapshot. What the device holds of it and the snapshot does
/// not is not known to be there any more: snapshots hold no tombstones.
pub(super) async fn begin(
    transaction: &Transaction<'_>,
    snapshot: &ScopeSnapshot,
    came_along: &[(ChunkName, Vec<u8>)],
) -> Result<(), StoreError> {
    let chunks: BTreeSet<String> = names(snapshot).map(|name| chunk_key(&name)).collect();
    reread::begin(transaction, snapshot.scope, RereadReason::TooOld, &chunks).await?;
    let mut held = held_pages(transaction, snapshot.scope).await?;
    for (chunk, bytes) in came_along {
        let key = chunk_key(chunk);
        if chunks.contains(&key) {
            transaction.put(Table::Pages, &key, bytes)?;
            held.insert(key);
        }
    }
    if chunks.is_subset(&held) {
        return complete(transaction, snapshot);
    }
    let key = scope_key(snapshot.scope);
    transaction.put(Table::Snapshots, &key, &seal(snapshot))
}

/// Notes how far a scope was read: in its manifest as long as chunks are missing.
pub(super) async fn save_cursors(
    transaction: &Transaction<'_>,
    cursors: &[ScopeCursor],
) -> Result<(), StoreError> {
    let keys: Vec<String> = cursors.iter().map(|at| scope_key(at.scope)).collect();
    let manifests = transaction.get_many(Table::Snapshots, &keys).await?;
    for ((at, key), manifest) in cursors.iter().zip(&keys).zip(manifests) {
        let manifest = manifest.and_then(|bytes| unseal::<ScopeSnapshot>(&bytes).ok());
        match manifest {
            Some(mut manifest) => {
                manifest.cursor = at.cursor;
                transaction.put(Table::Snapshots, key, &seal(&manifest))?;
            }
            None => transaction.put(Table::Cursors, key, &seal(at))?,
        }
    }
    Ok(())
}

/// What is not there of the snapshots. Nothing is read beyond the manifests if there are none.
pub(super) async fn missing(transaction: &Transaction<'_>) -> Result<Missing, StoreError> {
    let mut missing = Missing {
        cursors: Vec::new(),
        chunks: Vec::new(),
    };
    let mut ranked = Vec::new();
    for bytes in transaction.all(Table::Snapshots).await? {
        let Ok(manifest) = unseal::<ScopeSnapshot>(&bytes) else {
            continue;
        };
        missing.cursors.push(ScopeCursor {
            scope: manifest.scope,
            cursor: manifest.cursor,
        });
        let held = held_pages(transaction, manifest.scope).await?;
        let lacking = names(&manifest).enumerate();
        ranked.extend(lacking.filter(|(_, name)| !held.contains(&chunk_key(name))));
    }
    // The first chunks of all scopes before the second of any.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.truncate(NAMED);
    missing
        .chunks
        .extend(ranked.into_iter().map(|(_, name)| name));
    Ok(missing)
}

fn names(snapshot: &ScopeSnapshot) -> impl Iterator<Item = ChunkName> {
    let scope = snapshot.scope;
    snapshot.chunks.iter().map(move |chunk| ChunkName {
        scope,
        sha256: chunk.sha256,
    })
}

async fn held_pages(
    transaction: &Transaction<'_>,
    scope: ScopeId,
) -> Result<BTreeSet<String>, StoreError> {
    let prefix = page_prefix(scope);
    let keys = transaction.keys_in(Table::Pages, &prefix).await?;
    Ok(keys.into_iter().collect())
}

fn complete(transaction: &Transaction<'_>, snapshot: &ScopeSnapshot) -> Result<(), StoreError> {
    let key = scope_key(snapshot.scope);
    let at = ScopeCursor {
        scope: snapshot.scope,
        cursor: snapshot.cursor,
    };
    transaction.put(Table::Cursors, &key, &seal(&at))?;
    transaction.delete(Table::Snapshots, &key)
}
