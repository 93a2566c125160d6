//! Chunks of snapshots.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use keruen_domain::{Action, ContentHash, DeviceId, GroupId, ProgrammeId, ScopeId, may};

use crate::auth;
use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::exchange::{Asker, some_record_of};
use crate::routes::description::{AddressProblems, BinaryMessage};
use crate::snapshot;
use crate::state::AppState;
use crate::store::StoreError;

/// A chunk of a scope's snapshot by the SHA-256 of its content, to whoever may read the scope.
///
/// What the address means never changes; of a public programme, any cache between may keep it. One that
/// no snapshot names any more is not given: the device asks for the scope anew.
#[utoipa::path(
    get,
    path = "/api/v1/chunks/{kind}/{id}/{sha256}",
    operation_id = "chunk",
    tag = "sync",
    params(
        ("kind" = String, Path, description = "What the scope is: `programme` or `group`.", pattern = "^(programme|group)$"),
        ("id" = String, Path, description = "Which one it is.", format = Uuid),
        ("sha256" = String, Path, description = "64 hexadecimal digits, in lower case.", pattern = "^[0-9a-f]{64}$"),
    ),
    security((), ("token" = [])),
    responses(
        (status = 200, description = "The chunk: a page of records, as `domain/src/page.rs` tells its form.", body = BinaryMessage, content_type = "application/octet-stream"),
        (status = 304, description = "The asker has it."),
        (status = 401, description = "The token is not known."),
        (status = 404, description = "There is no such chunk any more, or it is not the asker's to read."),
        AddressProblems,
    )
)]
pub(super) async fn chunk(
    State(state): State<AppState>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let answer_kind = Kind::of_answer(&headers);
    let (kind, id, sha256) = path.map_or_else(|_| Default::default(), |Path(parts)| parts);
    let found = match named_chunk(&kind, &id, &sha256) {
        Some((scope, content)) => find(&state, &headers, scope, content).await,
        None => Err(ApiError::NotFound),
    };
    match found {
        Ok(found) => respond(found, &sha256, &headers),
        Err(error) => error.respond(answer_kind),
    }
}

/// What the address names. People's own scopes have no snapshots.
fn named_chunk(kind: &str, id: &str, sha256: &str) -> Option<(ScopeId, ContentHash)> {
    let scope = match kind {
        "programme" => ScopeId::Programme(id.parse::<ProgrammeId>().ok()?),
        "group" => ScopeId::Group(id.parse::<GroupId>().ok()?),
        _ => return None,
    };
    Some((scope, sha256.parse().ok()?))
}

struct Found {
    /// The bytes as they are kept, or as they were before.
    bytes: Vec<u8>,
    encoding: Option<Encoding>,
    /// Visitors may read it too, so that caches between may keep it.
    is_public: bool,
}

async fn find(
    state: &AppState,
    headers: &HeaderMap,
    scope: ScopeId,
    content: ContentHash,
) -> Result<Found, ApiError> {
    // A cache in between asks without our headers; the device matters to nothing here.
    let device = auth::device(headers).unwrap_or(DeviceId(0));
    let asker = auth::asker(state, headers, device).await?;
    let accepts_brotli = Encoding::accepted(headers) == Some(Encoding::Brotli);
    let accepted = Encoding::accepted(headers);
    let chunks = state.store.chunks();
    let found = state.store.read(move |transaction| {
        let visitor = Asker::visitor(device);
        let key = some_record_of(scope);
        let is_public = may(&visitor.actor(transaction)?, Action::Read, &key).is_ok();
        let is_readable = is_public || may(&asker.actor(transaction)?, Action::Read, &key).is_ok();
        if !is_readable || !transaction.has_chunk(scope, &content)? {
            return Ok(None);
        }
        let Some(compressed) = chunks.get(&content)? else {
            tracing::error!(chunk = %content, "the bytes of a chunk are missing");
            return Ok(None);
        };
        let (bytes, encoding) = if accepts_brotli {
            (compressed, Some(Encoding::Brotli))
        } else {
            let plain = snapshot::decompress(&compressed);
            let plain = plain.ok_or(StoreError::Damaged { what: "a chunk" })?;
            content::compress(accepted, plain)
        };
        Ok(Some(Found {
            bytes,
            encoding,
            is_public,
        }))
    });
    found.await?.ok_or(ApiError::NotFound)
}

fn respond(found: Found, sha256: &str, asked: &HeaderMap) -> Response {
    let form = found.encoding.map_or("plain", Encoding::name);
    let entity_tag = format!("\"{sha256}-{form}\"");
    let mut response = Response::new(Body::empty());
    if content::is_held(asked, &entity_tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = found.bytes.into();
    }
    let headers = response.headers_mut();
    let cache = if found.is_public {
        "public, max-age=31536000, immutable"
    } else {
        "private, max-age=31536000, immutable"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    content::name_encoding(headers, found.encoding);
    response
}
