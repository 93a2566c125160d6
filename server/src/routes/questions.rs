//! Questions beside the exchange: a body in either form, an answer that nobody keeps.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use http_body_util::LengthLimitError;
use keruen_domain::protocol::people::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::serve::TooSlow;

/// Reads the question, has it answered, and answers.
pub(super) async fn answer<Q, A>(
    request: Request,
    find: impl AsyncFnOnce(&HeaderMap, Q) -> Result<A, ApiError>,
) -> Response
where
    Q: DeserializeOwned,
    A: Serialize,
{
    answer_long(request, limits::MAX_QUESTION_BYTES, find).await
}

/// The same for a question of at most so many bytes.
pub(super) async fn answer_long<Q, A>(
    request: Request,
    limit_bytes: usize,
    find: impl AsyncFnOnce(&HeaderMap, Q) -> Result<A, ApiError>,
) -> Response
where
    Q: DeserializeOwned,
    A: Serialize,
{
    let (head, body) = request.into_parts();
    let kind = Kind::of_answer(&head.headers);
    let answered = match read(&head.headers, body, limit_bytes).await {
        Ok(question) => find(&head.headers, question).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(answer) => respond(kind, &head.headers, &answer)
            .await
            .unwrap_or_else(|error| error.respond(kind)),
        Err(error) => error.respond(kind),
    }
}

async fn read<Q: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit_bytes: usize,
) -> Result<Q, ApiError> {
    let (kind, plain) = message(headers, body, limit_bytes).await?;
    kind.decode(&plain)
}

/// A message of the protocol as it was before it was compressed, of at most so many bytes, and its form.
pub(super) async fn message(
    headers: &HeaderMap,
    body: Body,
    limit_bytes: usize,
) -> Result<(Kind, Vec<u8>), ApiError> {
    let kind = Kind::of_request(headers).ok_or(ApiError::UnsupportedMediaType)?;
    let bytes = bytes(body, limit_bytes).await?;
    let plain = content::decompress(headers, bytes, limit_bytes)?;
    Ok((kind, plain))
}

/// A body of at most so many bytes.
pub(super) async fn bytes(body: Body, limit_bytes: usize) -> Result<Vec<u8>, ApiError> {
    let bytes = to_bytes(body, limit_bytes).await.map_err(|error| {
        let first: &(dyn std::error::Error + 'static) = &error;
        let mut causes = std::iter::successors(Some(first), |error| error.source());
        causes
            .find_map(|cause| {
                if cause.is::<LengthLimitError>() {
                    Some(ApiError::TooLarge)
                } else {
                    cause.is::<TooSlow>().then_some(ApiError::TooSlow)
                }
            })
            .unwrap_or(ApiError::Malformed)
    })?;
    Ok(bytes.into())
}

async fn respond(
    kind: Kind,
    asked: &HeaderMap,
    answer: &impl Serialize,
) -> Result<Response, ApiError> {
    let bytes = kind.encode(answer);
    let (bytes, encoding) = content::compress_aside(Encoding::accepted(asked), bytes).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind.media_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    content::name_encoding(headers, encoding);
    Ok(response)
}
