//! Tokens: who a request comes from.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use axum::http::{HeaderMap, header};
use keruen_domain::DeviceId;
use keruen_domain::protocol::DEVICE_HEADER;
use keruen_domain::protocol::people::TokenId;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::ApiError;
use crate::exchange::Asker;
use crate::secrets::SecretHash;
use crate::state::AppState;
use crate::store::{Store, StoreError};

/// The operator's token, of which only the hash is kept.
#[derive(Clone, Copy)]
pub struct OrganiserToken([u8; 32]);

impl OrganiserToken {
    /// Whether this is the token. Takes the same time wherever a wrong one differs.
    pub fn is(&self, token: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.0.ct_eq(&given).into()
    }
}

impl FromStr for OrganiserToken {
    type Err = Infallible;

    fn from_str(token: &str) -> Result<Self, Infallible> {
        Ok(Self(Sha256::digest(token.as_bytes()).into()))
    }
}

impl fmt::Debug for OrganiserToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OrganiserToken(…)")
    }
}

/// The token that a request carries, if it carries one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| ApiError::NotAuthorised)?;
    let (scheme, token) = text.split_once(' ').ok_or(ApiError::NotAuthorised)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(ApiError::NotAuthorised)
    }
}

/// The token that a request carries, believed or not; none if it is the operator's, which many programs
/// and machines may use.
pub(crate) fn personal_token(state: &AppState, headers: &HeaderMap) -> Option<SecretHash> {
    let token = bearer(headers).ok()??;
    let operator = state.organiser_token.as_ref();
    let is_operators = operator.is_some_and(|operator| operator.is(token));
    (!is_operators).then(|| SecretHash::of(token))
}

/// The device that a request names.
pub fn device(headers: &HeaderMap) -> Option<DeviceId> {
    headers.get(DEVICE_HEADER)?.to_str().ok()?.parse().ok()
}

/// Who asks, and by which token they are known.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Who asks.
    pub asker: Asker,
    /// The device's token; `None` for visitors and for the operator.
    pub token: Option<KnownToken>,
}

/// A device's token that is believed.
#[derive(Clone, Copy, Debug)]
pub struct KnownToken {
    /// What it is called.
    pub id: TokenId,
    hash: SecretHash,
}

/// Who asks. A request without a token is a visitor's; one with a token that is not known, or not any
/// more, is refused, so that a device learns that it must join again.
pub async fn known(
    state: &AppState,
    headers: &HeaderMap,
    device: DeviceId,
) -> Result<Known, ApiError> {
    let Some(token) = bearer(headers)? else {
        return Ok(Known {
            asker: Asker::visitor(device),
            token: None,
        });
    };
    let operator = state.organiser_token.as_ref();
    if operator.is_some_and(|operator| operator.is(token)) {
        let asker = Asker {
            person: Some(state.store.identity().organiser),
            organises_everything: true,
            device,
        };
        return Ok(Known { asker, token: None });
    }
    let hash = SecretHash::of(token);
    let found = state.store.read(move |read| read.token(&hash)).await?;
    let Some(found) = found.filter(|token| !token.is_revoked) else {
        tracing::info!(%device, "a token was refused");
        return Err(ApiError::NotAuthorised);
    };
    let named = self::device(headers).unwrap_or(found.device);
    state.seen.note(&found, named, (state.now_ms)());
    Ok(Known {
        asker: Asker {
            person: Some(found.person),
            organises_everything: false,
            device,
        },
        token: Some(KnownToken { id: found.id, hash }),
    })
}

/// The same for whoever does not ask by which token.
pub async fn asker(
    state: &AppState,
    headers: &HeaderMap,
    device: DeviceId,
) -> Result<Asker, ApiError> {
    Ok(known(state, headers, device).await?.asker)
}

impl KnownToken {
    /// Whether it is believed still.
    pub async fn is_believed(&self, store: &dyn Store) -> Result<bool, StoreError> {
        let hash = self.hash;
        let found = store.read(move |read| read.token(&hash)).await?;
        Ok(found.is_some_and(|token| !token.is_revoked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_known_and_never_shown() {
        let organiser: OrganiserToken = "caravan of silk".parse().unwrap();
        assert!(organiser.is("caravan of silk"));
        assert!(!organiser.is("caravan of sil"));
        assert!(!format!("{organiser:?}").contains("silk"));
    }
}
