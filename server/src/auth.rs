//! Tokens: who a request comes from.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use axum::http::{HeaderMap, header};
use keruen_domain::DeviceId;
use keruen_domain::protocol::DEVICE_HEADER;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::ApiError;
use crate::exchange::Asker;
use crate::store::Identity;

/// The organiser's token, of which only the hash is kept.
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

/// The device that a request names.
pub fn device(headers: &HeaderMap) -> Option<DeviceId> {
    headers.get(DEVICE_HEADER)?.to_str().ok()?.parse().ok()
}

/// Who asks. A request without a token is a visitor's; one with a wrong token is refused, so that
/// a device learns that it must join again.
pub fn asker(
    headers: &HeaderMap,
    device: DeviceId,
    organiser: Option<&OrganiserToken>,
    identity: Identity,
) -> Result<Asker, ApiError> {
    match bearer(headers)? {
        None => Ok(Asker {
            person: None,
            organises_everything: false,
            device,
        }),
        Some(token) if organiser.is_some_and(|organiser| organiser.is(token)) => Ok(Asker {
            person: Some(identity.organiser),
            organises_everything: true,
            device,
        }),
        Some(_) => Err(ApiError::NotAuthorised),
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
