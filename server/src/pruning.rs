//! The removal of what nobody needs to hear of any more: old tombstones, which changes were accepted long
//! ago, and invitations and shares that ended then.
//!
//! Who was away for longer is told to read anew ([`keruen_domain::protocol::v2::RereadReason::TooOld`]).

use crate::store::{Store, StoreError};

/// Rows in one transaction: it must not keep people's edits waiting.
const AT_ONCE: u32 = 200;

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Tombstones.
    pub tombstones: u64,
    /// Changes that are not recognised any more when they come again. Merging them changes nothing.
    pub changes: u64,
    /// Shares that could not be opened for as long.
    pub shares: u64,
}

/// Removes what is older than `kept_ms` milliseconds at `now_ms` (milliseconds since 1970, UTC), in
/// small transactions.
pub async fn prune(store: &dyn Store, kept_ms: u64, now_ms: u64) -> Result<Pruned, StoreError> {
    let before_ms = now_ms.saturating_sub(kept_ms);
    let mut pruned = Pruned::default();
    loop {
        let (tombstones, changes, shares) = store
            .write(move |transaction| {
                transaction.prune_people(before_ms)?;
                Ok((
                    transaction.prune_tombstones(before_ms, AT_ONCE)?,
                    transaction.prune_changes(before_ms, AT_ONCE)?,
                    transaction.prune_shares(before_ms, AT_ONCE)?,
                ))
            })
            .await?;
        pruned.tombstones += u64::from(tombstones);
        pruned.changes += u64::from(changes);
        pruned.shares += u64::from(shares);
        if [tombstones, changes, shares]
            .iter()
            .all(|count| *count < AT_ONCE)
        {
            return Ok(pruned);
        }
    }
}
