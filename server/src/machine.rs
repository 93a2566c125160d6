//! The machine's clock and random bits: asked for at the edge, passed in everywhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use keruen_domain::PersonId;

use crate::store::Identity;

/// The machine gives no random bits.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random bits: {0}")]
pub struct NoRandomBits(getrandom::Error);

/// Milliseconds since 1970 (UTC).
pub fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Random bytes.
pub fn random_bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], NoRandomBits> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(NoRandomBits)?;
    Ok(bytes)
}

/// An identity for a store that is not there yet.
pub fn fresh_identity() -> Result<Identity, NoRandomBits> {
    Ok(Identity {
        epoch: u32::from_be_bytes(random_bytes()?),
        organiser: PersonId::new(unix_ms(), random_bytes()?),
    })
}
