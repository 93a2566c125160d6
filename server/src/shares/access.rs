//! From a link's secret to what it shows.

use crate::error::ApiError;
use crate::machine;
use crate::network::Network;
use crate::pages::Content;
use crate::secrets::SecretHash;
use crate::shares::making::is_backed;
use crate::shares::passphrase;
use crate::state::AppState;
use crate::store::{KeptShare, StoreError};

/// Longer ones are nobody's.
const LONGEST_SECRET: usize = 64;

/// What somebody brings who opens a share.
#[derive(Clone, Copy, Default)]
pub struct Visit<'a> {
    /// What they typed; empty if nothing.
    pub passphrase: &'a str,
    /// A ticket; empty if none.
    pub ticket: &'a str,
    /// From where.
    pub address: Option<Network>,
}

/// Whether a share opens, and how its files are then asked for.
pub enum Passage {
    /// It does, with this ticket; empty where none is needed.
    Open {
        /// For the addresses of what belongs to it.
        ticket: String,
    },
    /// The passphrase or a ticket that holds is missing.
    NeedsPassphrase,
}

/// The share of this secret, if it can be opened now.
///
/// What is unknown, expired or taken back is not found, after the same look into the store.
pub async fn find(
    state: &AppState,
    secret: &str,
    address: Option<Network>,
) -> Result<KeptShare, ApiError> {
    let now_ms = (state.now_ms)();
    let wrong = &state.shares.wrong_secrets;
    let too_many = |retry_after_ms| ApiError::TooMany { retry_after_ms };
    if let Some(address) = address {
        wrong.would_allow(address, now_ms).map_err(too_many)?;
    }
    let hash = SecretHash::of(secret);
    let operator = state.store.identity().organiser;
    let found = state.store.read(move |read| {
        let found = read.share(&hash)?.filter(|share| share.is_open(now_ms));
        match found {
            Some(share) if is_backed(read, &share, operator)? => Ok(Some(share)),
            _ => Ok(None),
        }
    });
    let found = found.await?.filter(|_| secret.len() <= LONGEST_SECRET);
    found.ok_or_else(|| {
        // The next one is limited, this one is answered.
        let _ = address.map(|address| wrong.check(address, now_ms));
        ApiError::NotFound
    })
}

/// Whether who brings this may see the share.
pub async fn pass(
    state: &AppState,
    share: &KeptShare,
    visit: Visit<'_>,
) -> Result<Passage, ApiError> {
    let Some(kept) = &share.passphrase else {
        let ticket = String::new();
        return Ok(Passage::Open { ticket });
    };
    let now_ms = (state.now_ms)();
    let tickets = &state.shares.tickets;
    if tickets.is_valid(visit.ticket, share.id, now_ms)? {
        let ticket = visit.ticket.to_owned();
        return Ok(Passage::Open { ticket });
    }
    if passphrase::typed(visit.passphrase).is_empty()
        || !is_passphrase(state, share, kept, visit).await?
    {
        return Ok(Passage::NeedsPassphrase);
    }
    let ticket = tickets.issue(share.id, now_ms)?;
    Ok(Passage::Open { ticket })
}

/// Whether it was typed right. Only wrong ones count, so that a hall may open a link at once.
async fn is_passphrase(
    state: &AppState,
    share: &KeptShare,
    kept: &[u8],
    visit: Visit<'_>,
) -> Result<bool, ApiError> {
    let shares = &state.shares;
    let (from, of_all) = (&shares.wrong_passphrases, &shares.wrong_passphrases_of_all);
    let who = (share.id, visit.address);
    let may_try = || {
        let now_ms = (state.now_ms)();
        let first = from.would_allow(who, now_ms);
        first
            .and_then(|()| of_all.would_allow(share.id, now_ms))
            .map_err(|retry_after_ms| ApiError::TooMany { retry_after_ms })
    };
    // Those who may not try do not wait in the queue either.
    may_try()?;
    let _turn = shares.hashing.acquire().await;
    may_try()?;
    let (typed, kept) = (visit.passphrase.to_owned(), kept.to_owned());
    let checked = tokio::task::spawn_blocking(move || passphrase::is(&typed, &kept)).await;
    let is_right = checked.unwrap_or(false);
    if !is_right {
        let now_ms = (state.now_ms)();
        let _ = from.check(who, now_ms);
        let _ = of_all.check(share.id, now_ms);
    }
    Ok(is_right)
}

/// What is kept of a passphrase; `None` if none was typed.
pub async fn kept_passphrase(state: &AppState, typed: &str) -> Result<Option<Vec<u8>>, ApiError> {
    if passphrase::typed(typed).is_empty() {
        return Ok(None);
    }
    let salt = machine::random_bytes()?;
    let typed = typed.to_owned();
    let _turn = state.shares.hashing.acquire().await;
    let kept = tokio::task::spawn_blocking(move || passphrase::kept(&typed, salt)).await;
    match kept {
        Ok(Some(kept)) => Ok(Some(kept)),
        Ok(None) | Err(_) => Err(StoreError::Closed.into()),
    }
}

/// What an open share shows now.
pub async fn content_of(state: &AppState, share: &KeptShare) -> Result<Content, ApiError> {
    let (programme, shared) = (share.programme, share.shared);
    let read = state
        .store
        .read(move |read| Content::read(read, programme, shared));
    read.await?.ok_or(ApiError::NotFound)
}
