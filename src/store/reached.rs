//! How far the device has read each scope, and whether an answer goes on from there.
//!
//! An answer brings what came after the place that its request named. Until it is saved, that place may
//! be gone: another tab that leads too, or that took the lead from a frozen one, was told that the scope
//! may not be read any more, or is to be read anew; a snapshot turned out to be old; the database was
//! deleted and made anew. What came after the place would then count as all that there is.

use futures_lite::future::zip;
use keruen_domain::ScopeId;
use keruen_domain::protocol::v1::{Cursor, ScopeCursor};
use keruen_domain::protocol::v2::ScopeSnapshot;
use keruen_domain::sync::SavePlan;

use super::schema::{Table, scope_key, unseal};
use super::{StoreError, Transaction};

/// Nothing if the device is where the answer goes on from, in all scopes of which it tells something;
/// else [`StoreError::Outdated`]. What begins a scope goes on from nowhere, and always fits.
pub(super) async fn expect(
    transaction: &Transaction<'_>,
    plan: &SavePlan,
) -> Result<(), StoreError> {
    let is_told = |asked: &&ScopeCursor| plan.cursors.iter().any(|at| at.scope == asked.scope);
    for asked in plan.asked.iter().filter(is_told) {
        if of(transaction, asked.scope).await? != Some(asked.cursor) {
            return Err(StoreError::Outdated);
        }
    }
    Ok(())
}

/// How far a scope was read; if it is read by snapshot, how far it will be.
pub(super) async fn of(
    transaction: &Transaction<'_>,
    scope: ScopeId,
) -> Result<Option<Cursor>, StoreError> {
    let key = scope_key(scope);
    let (cursor, manifest) = zip(
        transaction.get(Table::Cursors, &key),
        transaction.get(Table::Snapshots, &key),
    )
    .await;
    let cursor = cursor?.and_then(|bytes| unseal::<ScopeCursor>(&bytes).ok());
    let manifest = manifest?.and_then(|bytes| unseal::<ScopeSnapshot>(&bytes).ok());
    let cursor = cursor.map(|at| at.cursor);
    Ok(cursor.or(manifest.map(|manifest| manifest.cursor)))
}

/// Where the device is in a scope once an answer is saved, if it was where it said.
pub(super) fn after(plan: &SavePlan, scope: ScopeId) -> Option<Cursor> {
    let mut known = plan.cursors.iter().chain(&plan.asked);
    known.find(|at| at.scope == scope).map(|at| at.cursor)
}
