//! From what went wrong to the words for it.

use crate::i18n::Failure;
use crate::state::{StoreError, Trouble};

pub(super) const fn of_storage(error: &StoreError) -> Failure {
    match error {
        StoreError::Full => Failure::StorageFull,
        StoreError::Blocked => Failure::StorageBusy,
        StoreError::Newer => Failure::StorageNewer,
        StoreError::Absent => Failure::StorageDenied,
        StoreError::Closed | StoreError::Damaged | StoreError::Outdated | StoreError::Failed(_) => {
            Failure::StorageFailed
        }
    }
}

pub(super) const fn of_trouble(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::NotSaved(error) => of_storage(error),
    }
}

/// A short word for those who help.
pub(super) fn code_of(trouble: &Trouble) -> String {
    match trouble {
        Trouble::NotSaved(error) => format!("storage: {error}"),
    }
}
