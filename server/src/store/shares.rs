//! What is kept of shares: links by which anybody reads one thing of a programme.

use std::fmt;

use keruen_domain::protocol::shares::Shared;
use keruen_domain::{Collection, PersonId, ProgrammeId, Record, ScopeId, ShareId};

use super::StoreError;
use crate::secrets::SecretHash;

/// A share.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptShare {
    /// Which.
    pub id: ShareId,
    /// Of which programme.
    pub programme: ProgrammeId,
    /// What of it.
    pub shared: Shared,
    /// By whom it was made.
    pub made_by: PersonId,
    /// When, in milliseconds since 1970 (UTC).
    pub made_ms: u64,
    /// Until when it can be opened, in milliseconds since 1970 (UTC); `None` until it is revoked.
    pub expires_ms: Option<u64>,
    /// What the passphrase is checked by; `None` if there is none.
    pub passphrase: Option<Vec<u8>>,
    /// What it is for.
    pub note: String,
    /// How often it was opened, as far as that was noted.
    pub openings: u64,
    /// When it was taken back, in milliseconds since 1970 (UTC).
    pub revoked_ms: Option<u64>,
}

impl KeptShare {
    /// Whether it can be opened now.
    pub fn is_open(&self, now_ms: u64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|end_ms| now_ms < end_ms)
    }

    /// Since when it cannot be opened any more, in milliseconds since 1970 (UTC); `None` without end.
    pub fn end_ms(&self) -> Option<u64> {
        self.revoked_ms.into_iter().chain(self.expires_ms).min()
    }
}

impl fmt::Debug for KeptShare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeptShare({}, …)", self.id)
    }
}

/// What is known of shares at one moment.
pub trait ReadShares {
    /// The share with this secret, whether or not it can be opened.
    fn share(&self, hash: &SecretHash) -> Result<Option<KeptShare>, StoreError>;

    /// The share of this name.
    fn share_named(&self, id: ShareId) -> Result<Option<KeptShare>, StoreError>;

    /// Somebody's shares, the newest first.
    fn shares(&self, maker: PersonId) -> Result<Vec<KeptShare>, StoreError>;

    /// All records of one collection in a scope that are not deleted.
    fn collection(&self, scope: ScopeId, collection: Collection)
    -> Result<Vec<Record>, StoreError>;
}

/// Changes of what is known of shares.
pub trait WriteShares: ReadShares {
    /// Adds a share with this secret.
    fn add_share(&mut self, hash: &SecretHash, share: &KeptShare) -> Result<(), StoreError>;

    /// Takes a share back at this time (milliseconds since 1970, UTC). One that was taken back stays so.
    fn revoke_share(&mut self, id: ShareId, now_ms: u64) -> Result<(), StoreError>;

    /// Counts openings; those of a share that is not there any more are nobody's.
    fn count_openings(&mut self, id: ShareId, openings: u64) -> Result<(), StoreError>;

    /// Forgets shares that could be opened before this time only (milliseconds since 1970, UTC), at most
    /// so many, and returns how many it forgot.
    fn prune_shares(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError>;
}
