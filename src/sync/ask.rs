//! Questions beside the exchange: people, invitations, devices, shares. A person waits for each answer.

use keruen_domain::encoding::{decode, encode};
use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::transport::{Identity, STALL_MS, pack};
use crate::platform::fetch;
use crate::store::Store;

/// Why a question got no answer. What was asked for was not done, as far as this device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskFailure {
    /// The server cannot be reached: asking again later is right.
    Unreachable,
    /// There is no such thing, or not for this person: a link that cannot be used any more.
    NotThere,
    /// The server does not know this device's owner any more.
    NotAuthorised,
    /// A rule or a limit is against it.
    NotAllowed,
    /// Too many questions: asking again in a minute is right.
    TooMany,
    /// The server could not do its part, or speaks otherwise than this app.
    Server,
}

/// Asks, as this device's owner if there is one.
pub async fn ask<Q: Serialize, A: DeserializeOwned>(
    store: &Store,
    path: &str,
    question: &Q,
) -> Result<A, AskFailure> {
    let answer = exchange(&Identity::of(store), path, encode(question)).await?;
    decode(&answer).map_err(|_| AskFailure::Server)
}

/// Asks as nobody: the secret in the question is all that counts.
pub async fn ask_as_nobody<Q: Serialize, A: DeserializeOwned>(
    store: &Store,
    path: &str,
    question: &Q,
) -> Result<A, AskFailure> {
    let answer = exchange(&Identity::nobody(store), path, encode(question)).await?;
    decode(&answer).map_err(|_| AskFailure::Server)
}

/// Asks as the owner of a token that is not this device's.
pub async fn ask_with<Q: Serialize, A: DeserializeOwned>(
    store: &Store,
    token: &str,
    path: &str,
    question: &Q,
) -> Result<A, AskFailure> {
    let answer = exchange(&Identity::with(store, token), path, encode(question)).await?;
    decode(&answer).map_err(|_| AskFailure::Server)
}

async fn exchange(identity: &Identity, path: &str, body: Vec<u8>) -> Result<Vec<u8>, AskFailure> {
    let mut headers = identity.headers();
    headers.extend([
        ("content-type", BINARY_MEDIA_TYPE),
        ("accept", BINARY_MEDIA_TYPE),
    ]);
    let body = pack(body, &mut headers).await;
    let reply = fetch("POST", path, &headers, Some(&body), STALL_MS).await;
    let reply = reply.map_err(|_| AskFailure::Unreachable)?;
    Err(match reply.status {
        200 => return Ok(reply.body),
        401 => AskFailure::NotAuthorised,
        403 | 409 | 413 => AskFailure::NotAllowed,
        404 => AskFailure::NotThere,
        429 => AskFailure::TooMany,
        502..=504 => AskFailure::Unreachable,
        _ => AskFailure::Server,
    })
}
