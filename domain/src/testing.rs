//! Generators and builders for tests of this package and of others.
//!
//! [`arbitrary`] makes anything that can be decoded, honest or not; [`history`] makes only what
//! devices that keep the rules can bring about, and knows what must come of it.

pub mod arbitrary;
pub mod history;

use proptest::test_runner::{Config, RngSeed};

use crate::id::RecordId;
use crate::record::{Collection, RecordKey, ScopeId};

/// A configuration with this many cases whose random numbers are the same in every run.
/// `PROPTEST_RNG_SEED` and `PROPTEST_CASES` search elsewhere and longer.
pub fn reproducible(cases: u32) -> Config {
    let mut config = Config::default();
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0x6b65_7275_656e);
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = None;
    config
}

/// The key of a note in the device's own scope.
pub fn note_key(number: u8) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(1_700_000_000_000, [number; 10]),
    }
}
