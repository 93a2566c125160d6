use keruen_domain::encoding::{decode, encode};
use keruen_domain::protocol::v1::Problem;
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, PROTOCOL_VERSION, VERSION_HEADER};
use keruen_domain::sync::SendFailure;

use crate::platform::{FetchError, fetch, gzip};
use crate::store::Store;

const URL: &str = "/api/v1/sync";
/// Silence after which a request is given up: long for a person, short for a satellite.
pub(super) const STALL_MS: u64 = 20_000;
/// A smaller body is not worth its compression.
const COMPRESS_FROM_BYTES: usize = 512;

/// One exchange with the server.
pub(super) async fn send(
    request: &SyncRequest,
    identity: &Identity,
) -> Result<SyncResponse, SendFailure> {
    let body = encode(request);
    let version = PROTOCOL_VERSION.to_string();
    let mut headers = identity.headers();
    headers.extend([
        ("content-type", BINARY_MEDIA_TYPE),
        ("accept", BINARY_MEDIA_TYPE),
        (VERSION_HEADER, version.as_str()),
    ]);
    let body = pack(body, &mut headers).await;
    let reply = fetch("POST", URL, &headers, Some(&body), STALL_MS).await;
    let reply = reply.map_err(|error| match error {
        FetchError::Unreachable => SendFailure::Unreachable,
        FetchError::Stalled => SendFailure::Stalled,
    })?;
    if reply.status == 200 {
        // A hotel's sign-in page says 200 to everything: that is not our server.
        return decode(&reply.body).map_err(|_| SendFailure::Unreachable);
    }
    Err(decode(&reply.body).map_or_else(|_| of_status(reply.status), SendFailure::Problem))
}

/// The body as it travels: compressed where that is worth it, which the headers say then.
pub(super) async fn pack(body: Vec<u8>, headers: &mut Vec<(&str, &str)>) -> Vec<u8> {
    if body.len() >= COMPRESS_FROM_BYTES
        && let Some(compressed) = gzip(&body).await
    {
        headers.push(("content-encoding", "gzip"));
        return compressed;
    }
    body
}

/// The headers by which the server knows who asks.
pub(super) struct Identity([(&'static str, String); 2]);

impl Identity {
    pub(super) fn of(store: &Store) -> Self {
        match store.token() {
            Some(token) => Self::with(store, &token),
            None => Self::nobody(store),
        }
    }

    /// The device with a token that need not be its own.
    pub(super) fn with(store: &Store, token: &str) -> Self {
        Self([
            (DEVICE_HEADER, store.device().to_string()),
            ("authorization", ["Bearer ", token].concat()),
        ])
    }

    /// The device alone.
    pub(super) fn nobody(store: &Store) -> Self {
        Self([
            (DEVICE_HEADER, store.device().to_string()),
            ("authorization", String::new()),
        ])
    }

    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        let headers = self.0.iter().filter(|(_, value)| !value.is_empty());
        headers
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }
}

/// What a status means when a proxy answered instead of the server.
const fn of_status(status: u16) -> SendFailure {
    match status {
        413 => SendFailure::Problem(Problem::TooLarge),
        502..=504 => SendFailure::Unreachable,
        500..=599 => SendFailure::Problem(Problem::Unavailable),
        _ => SendFailure::Unreachable,
    }
}
