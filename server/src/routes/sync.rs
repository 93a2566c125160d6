//! The one exchange between device and server.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use keruen_domain::protocol::v1;
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::protocol::{VERSION_HEADER, limits};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::auth;
use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::exchange;
use crate::routes::description::{BinaryMessage, NamedDevice, Problems};
use crate::routes::questions;
use crate::state::AppState;

/// The answer in the version of the request: the second's says all that the first's does.
struct Answered;

impl PartialSchema for Answered {
    fn schema() -> RefOr<Schema> {
        let versions = [SyncResponse::name(), v1::SyncResponse::name()];
        let any = AnyOfBuilder::new();
        let any = versions
            .iter()
            .fold(any, |any, name| any.item(Ref::from_schema_name(&**name)));
        any.into()
    }
}

impl ToSchema for Answered {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in [
            (SyncResponse::name(), SyncResponse::schema()),
            (v1::SyncResponse::name(), v1::SyncResponse::schema()),
        ] {
            schemas.push((name.into_owned(), schema));
        }
        SyncResponse::schemas(schemas);
        v1::SyncResponse::schemas(schemas);
    }
}

/// Takes a device's changes and answers with what is new to it.
///
/// The body is described as version 2 has it; version 1 has neither `takes_snapshots` nor `sums`.
/// Repeating a request whose answer was lost changes nothing and gives the same results. The body
/// may be compressed with gzip; its limit counts after decompression.
#[utoipa::path(
    post,
    path = "/api/v1/sync",
    operation_id = "sync",
    tag = "sync",
    params(
        ("keruen-protocol" = u16, Header, description = "Version of the body.", minimum = 1, maximum = 2, example = 2),
        NamedDevice,
    ),
    security((), ("token" = [])),
    request_body(
        content(
            (SyncRequest = "application/json"),
            (BinaryMessage = "application/vnd.keruen.sync"),
        )
    ),
    responses(
        (status = 200, description = "Results and news.", content(
            (Answered = "application/json"),
            (BinaryMessage = "application/vnd.keruen.sync"),
        )),
        Problems,
        (status = 400, description = "The request is not what the protocol says, or of a version that is not spoken here."),
        (status = 401, description = "The token is not known."),
        (status = 413, description = "Too many bytes, changes or scopes."),
    )
)]
pub(super) async fn sync(State(state): State<AppState>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let kind = Kind::of_answer(&head.headers);
    let answered = match spoken_version(&head.headers) {
        Ok(version) => answer(&state, &head.headers, body, version)
            .await
            .map(|response| (version, response)),
        Err(error) => Err(error),
    };
    match answered {
        Ok((version, response)) => {
            respond(kind, version, Encoding::accepted(&head.headers), response).await
        }
        Err(error) => error.respond(kind),
    }
}

async fn answer(
    state: &AppState,
    headers: &HeaderMap,
    body: Body,
    version: Version,
) -> Result<SyncResponse, ApiError> {
    let device = auth::device(headers).ok_or(ApiError::Malformed)?;
    let asker = auth::asker(state, headers, device).await?;
    let request = read_request(headers, body, version).await?;
    if request.changes.len() > limits::MAX_CHANGES
        || request.cursors.len() > limits::MAX_SCOPES
        || request.sums.len() > limits::MAX_SCOPES
    {
        return Err(ApiError::TooLarge);
    }
    let now_ms = state.now_ms.clone();
    let writes = !request.changes.is_empty();
    let answered = exchange::answer(&*state.store, asker, request, &*now_ms).await;
    if writes {
        state.live.wake();
    }
    Ok(answered?)
}

/// A version of the protocol that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

fn spoken_version(headers: &HeaderMap) -> Result<Version, ApiError> {
    let stated = headers.get(VERSION_HEADER).ok_or(ApiError::Malformed)?;
    let stated = stated.to_str().ok().and_then(|text| text.parse().ok());
    let version: u64 = stated.ok_or(ApiError::Malformed)?;
    match version {
        1 => Ok(Version::One),
        2 => Ok(Version::Two),
        _ => Err(ApiError::VersionNotSupported),
    }
}

async fn read_request(
    headers: &HeaderMap,
    body: Body,
    version: Version,
) -> Result<SyncRequest, ApiError> {
    let (kind, plain) = questions::message(headers, body, limits::MAX_REQUEST_BYTES).await?;
    match version {
        Version::One => kind
            .decode::<v1::SyncRequest>(&plain)
            .map(SyncRequest::from),
        Version::Two => kind.decode(&plain),
    }
}

async fn respond(
    kind: Kind,
    version: Version,
    accepted: Option<Encoding>,
    response: SyncResponse,
) -> Response {
    let is_small = is_small(&response);
    let encode = move || {
        let bytes = match version {
            Version::One => kind.encode(&v1::SyncResponse::from(response)),
            Version::Two => kind.encode(&response),
        };
        content::compress(accepted, bytes)
    };
    let encoded = if is_small {
        Ok(encode())
    } else {
        // A full page takes milliseconds to encode and compress: not on the threads that talk.
        tokio::task::spawn_blocking(encode).await
    };
    let Ok((bytes, encoding)) = encoded else {
        return ApiError::from(crate::store::StoreError::Closed).respond(kind);
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind.media_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    content::name_encoding(headers, encoding);
    response
}

/// Whether an answer carries next to nothing, as most do.
fn is_small(response: &SyncResponse) -> bool {
    response.pages.iter().all(|page| page.records.is_empty())
        && response.snapshots.is_empty()
        && response.results.len() < 16
}
