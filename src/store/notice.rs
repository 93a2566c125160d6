//! What a commit tells everybody who reads: this tab's views, the sync driver, and other tabs.

use keruen_domain::{Record, RecordKey, ScopeId};
use serde::{Deserialize, Serialize};

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Records, or the parts of them that were written.
    pub records: Vec<Record>,
    /// Records of which a change entered the outbox, one entry for each.
    pub queued: Vec<RecordKey>,
    /// Records of which a change left the outbox, one entry for each.
    pub settled: Vec<RecordKey>,
    /// Scopes that were removed.
    pub forgotten: Vec<ScopeId>,
    /// Whether the list of refused changes is another one.
    pub attention: bool,
    /// Files that came, by their SHA-256.
    pub files_kept: Vec<String>,
    /// Files that went.
    pub files_removed: Vec<String>,
    /// Whether a person did it on this device: something may have to be sent.
    pub by_person: bool,
}
