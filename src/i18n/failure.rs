//! The words for failures: what happened, what is safe, what to do.

use super::Messages;

/// What went wrong, told apart by what a person can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server cannot be reached.
    Network,
    /// The server answered that it has a fault.
    Server,
    /// The device's access was revoked or has run out.
    SignedOut,
    /// The act is not allowed.
    Forbidden,
    /// The server no longer speaks this version's protocol.
    Outdated,
    /// No space is left.
    StorageFull,
    /// No space is left for what the server sends.
    NewsNotKept,
    /// A newer version of the app has been on this device.
    StorageNewer,
    /// The browser refuses to store anything, as in private browsing.
    StorageDenied,
    /// The browser has deleted the stored data.
    StorageLost,
    /// Another tab keeps an older version of the database open.
    StorageBusy,
    /// The storage failed in another way.
    StorageFailed,
    /// Some records could not be read and were set aside.
    Unreadable {
        /// How many.
        count: u64,
    },
    /// A fault of the app.
    Unexpected,
}

/// The three sentences about a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureWords {
    /// What happened.
    pub what: String,
    /// What is safe all the same.
    pub safe: &'static str,
    /// What to do.
    pub advice: &'static str,
}

impl Messages {
    /// The words for a failure.
    pub fn failure(&self, failure: Failure) -> FailureWords {
        let (what, safe, advice) = match failure {
            Failure::Network => (
                self.errors_network_what(),
                self.errors_network_safe(),
                self.errors_network_do(),
            ),
            Failure::Server => (
                self.errors_server_what(),
                self.errors_server_safe(),
                self.errors_server_do(),
            ),
            Failure::SignedOut => (
                self.errors_signed_out_what(),
                self.errors_signed_out_safe(),
                self.errors_signed_out_do(),
            ),
            Failure::Forbidden => (
                self.errors_forbidden_what(),
                self.errors_forbidden_safe(),
                self.errors_forbidden_do(),
            ),
            Failure::Outdated => (
                self.errors_outdated_what(),
                self.errors_outdated_safe(),
                self.errors_outdated_do(),
            ),
            Failure::StorageFull => (
                self.errors_storage_full_what(),
                self.errors_storage_full_safe(),
                self.errors_storage_full_do(),
            ),
            Failure::NewsNotKept => (
                self.errors_storage_full_what(),
                self.errors_news_not_kept_safe(),
                self.errors_news_not_kept_do(),
            ),
            Failure::StorageNewer => (
                self.errors_storage_newer_what(),
                self.errors_storage_newer_safe(),
                self.errors_storage_newer_do(),
            ),
            Failure::StorageDenied => (
                self.errors_storage_denied_what(),
                self.errors_storage_denied_safe(),
                self.errors_storage_denied_do(),
            ),
            Failure::StorageLost => (
                self.errors_storage_lost_what(),
                self.errors_storage_lost_safe(),
                self.errors_storage_lost_do(),
            ),
            Failure::StorageBusy => (
                self.errors_storage_busy_what(),
                self.errors_storage_busy_safe(),
                self.errors_storage_busy_do(),
            ),
            Failure::StorageFailed => (
                self.errors_storage_failed_what(),
                self.errors_storage_failed_safe(),
                self.errors_storage_failed_do(),
            ),
            Failure::Unreadable { count } => {
                return FailureWords {
                    what: self.errors_unreadable(count),
                    safe: self.errors_unreadable_safe(),
                    advice: self.errors_unreadable_do(),
                };
            }
            Failure::Unexpected => (
                self.errors_unexpected_what(),
                self.errors_unexpected_safe(),
                self.errors_unexpected_do(),
            ),
        };
        FailureWords {
            what: what.to_owned(),
            safe,
            advice,
        }
    }
}
