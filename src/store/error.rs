use std::fmt;

use keruen_domain::sync::SaveFailure;

/// Why the storage did not do what it was asked. Nothing of the transaction was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The storage is full: free some room, then try again.
    Full,
    /// Another tab with an older version holds the database: close it.
    Blocked,
    /// A newer version of the app has been here: load the app anew.
    Newer,
    /// The browser closed the database under us; trying once more opens it again.
    Closed,
    /// There is no IndexedDB here (private mode, or switched off).
    Absent,
    /// What is needed to go on cannot be read.
    Damaged,
    /// An answer of the server that goes on from where the device is not any more: ask again.
    Outdated,
    /// Anything else, by the browser's name for it.
    Failed(String),
}

impl From<StoreError> for SaveFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Outdated => Self::Outdated,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full => "full",
            Self::Blocked => "blocked",
            Self::Newer => "newer",
            Self::Closed => "closed",
            Self::Absent => "absent",
            Self::Damaged => "damaged",
            Self::Outdated => "outdated",
            Self::Failed(name) => name,
        })
    }
}

impl std::error::Error for StoreError {}
