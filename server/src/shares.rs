//! Shares: links by which anybody reads one thing.
//!
//! ```text
//!  secret ──hash──► share ──open?──► passphrase or ticket ──► content ──► page, records, files
//! ```
//!
//! What is unknown, expired, taken back or gone is told in one way.

mod access;
mod making;
mod openings;
mod passphrase;
mod tickets;

use std::hash::Hash;
use std::time::Duration;

use keruen_domain::ShareId;
use tokio::sync::Semaphore;

pub use access::{Passage, Visit, content_of, find, kept_passphrase, pass};
pub use making::{Made, is_valid, list, make, may_make, revoke};

use crate::limiter::Limiter;
use crate::network::Network;
use openings::Openings;
use tickets::Tickets;

/// Secrets that nobody has: per second and at once, for each address. Whole halls may try a link that
/// was taken back, and a secret is not to be guessed at any rate.
const WRONG_SECRETS: (f64, f64) = (2.0, 300.0);
/// Wrong passphrases of one share from one address, and from everywhere.
const WRONG_PASSPHRASES: (f64, f64) = (5.0 / 60.0, 5.0);
const WRONG_PASSPHRASES_OF_ALL: (f64, f64) = (30.0 / 60.0, 30.0);

/// How often openings are written down.
pub const WRITING_PERIOD: Duration = Duration::from_secs(30);

/// What is remembered of shares between requests.
pub struct Shares {
    pub(crate) openings: Openings,
    tickets: Tickets,
    /// Of calendars of people's own too.
    pub(crate) wrong_secrets: Limiter<Network>,
    wrong_passphrases: Limiter<(ShareId, Option<Network>)>,
    wrong_passphrases_of_all: Limiter<ShareId>,
    /// Hashing a passphrase takes memory: one at a time, which also makes the counts of wrong ones exact.
    hashing: Semaphore,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            openings: Openings::default(),
            tickets: Tickets::default(),
            wrong_secrets: limiter(WRONG_SECRETS),
            wrong_passphrases: limiter(WRONG_PASSPHRASES),
            wrong_passphrases_of_all: limiter(WRONG_PASSPHRASES_OF_ALL),
            hashing: Semaphore::new(1),
        }
    }
}

fn limiter<K: Eq + Hash>((per_second, at_once): (f64, f64)) -> Limiter<K> {
    Limiter::with_burst(per_second, at_once)
}
