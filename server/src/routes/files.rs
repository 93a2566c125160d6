//! Files that belong to records: pictures, handouts, recordings.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use keruen_domain::protocol::files::Parts;
use keruen_domain::{ContentHash, DeviceId};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use utoipa::openapi::{self, Content, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema};

use crate::auth;
use crate::bucket::{Bucket, BucketError};
use crate::content::{self, Kind, SHOWN};
use crate::error::ApiError;
use crate::files::{self, Found};
use crate::routes::description::{AddressProblems, BinaryMessage};
use crate::state::AppState;
use crate::store::{StoreError, StoredFile};

/// Media types that keep their name although they are only offered for saving.
const SAVED: [&str; 6] = [
    "application/pdf",
    "audio/mp4",
    "image/svg+xml",
    "text/calendar",
    "text/csv",
    "text/plain",
];
/// Read of a file at once. With half of it fifty large downloads at once are a quarter slower, with twice as
/// much they take a third more memory (`cargo xtask bench server-files`).
const PIECE_BYTES: usize = 128 * 1024;
/// The media type of all others.
const UNKNOWN: &str = "application/octet-stream";
/// Even if a browser should show it as a page, it is one without origin and without scripts.
pub(super) const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A file, a part of it, or that it has none such; in the media types that it may have.
pub(super) enum FileAnswers {}

impl IntoResponses for FileAnswers {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let file = |why: &str| {
            let kinds = SHOWN.iter().chain(&SAVED).chain(&[UNKNOWN]);
            let bytes = || Content::new(Some(BinaryMessage::schema()));
            let response = ResponseBuilder::new().description(why);
            kinds.fold(response, |response, kind| response.content(*kind, bytes()))
        };
        let all = [
            ("200", file("The file.")),
            ("206", file("The part that was asked for.")),
            (
                "304",
                ResponseBuilder::new().description("The asker has it."),
            ),
            (
                "416",
                ResponseBuilder::new().description("The file has no such part."),
            ),
        ];
        all.map(|(status, response)| (status.to_owned(), response.build().into()))
            .into()
    }
}

/// A file by the SHA-256 of its content, to whoever may read a scope that holds it.
///
/// What the address means never changes, so it may be kept for ever. Parts are given by `Range`.
#[utoipa::path(
    get,
    path = "/api/v1/files/{sha256}",
    operation_id = "file",
    tag = "sync",
    params(
        ("sha256" = String, Path, description = "64 hexadecimal digits, in lower case.", pattern = "^[0-9a-f]{64}$"),
        ("range" = Option<String>, Header, description = "A part of it, in bytes.", example = "bytes=0-1023"),
    ),
    security((), ("token" = [])),
    responses(
        FileAnswers,
        AddressProblems,
        (status = 401, description = "The token is not known."),
        (status = 404, description = "There is no such file, or it is not the asker's to read."),
    )
)]
pub(super) async fn file(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let sha256 = path.map_or_else(|_| Default::default(), |Path(sha256)| sha256);
    let kind = Kind::of_answer(request.headers());
    match find(&state, request.headers(), &sha256).await {
        Ok(found) => respond(&state, found.file, found.is_public, request).await,
        Err(error) => error.respond(kind),
    }
}

/// In which parts to fetch a file, to whoever may read it: so each that came can be verified and kept.
///
/// What the address means never changes.
#[utoipa::path(
    get,
    path = "/api/v1/files/{sha256}/parts",
    operation_id = "fileParts",
    tag = "sync",
    params(
        ("sha256" = String, Path, description = "64 hexadecimal digits, in lower case.", pattern = "^[0-9a-f]{64}$"),
    ),
    security((), ("token" = [])),
    responses(
        (status = 200, description = "Its parts.", content((Parts = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        AddressProblems,
        (status = 304, description = "The asker has them."),
        (status = 401, description = "The token is not known."),
        (status = 404, description = "There is no such file, or it is not the asker's to read."),
    )
)]
pub(super) async fn parts(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let sha256 = path.map_or_else(|_| Default::default(), |Path(sha256)| sha256);
    let kind = Kind::of_answer(&headers);
    match find_parts(&state, &headers, &sha256, kind).await {
        Ok(response) => response,
        Err(error) => error.respond(kind),
    }
}

async fn find_parts(
    state: &AppState,
    asked: &HeaderMap,
    sha256: &str,
    kind: Kind,
) -> Result<Response, ApiError> {
    let found = find(state, asked, sha256).await?;
    let name: ContentHash = sha256.parse().map_err(|_| ApiError::NotFound)?;
    let form = match kind {
        Kind::Binary => "binary",
        Kind::Json => "json",
    };
    let entity_tag = format!("\"{sha256}-parts-{form}\"");
    let mut response = Response::new(Body::empty());
    if content::is_held(asked, &entity_tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        let parts = files::parts(state, &found.file, name).await?;
        *response.body_mut() = kind.encode(&parts).into();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, kind.media_type());
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept(found.is_public));
    // In which form they are told is said by either of these.
    let vary = HeaderValue::from_static("accept, content-type");
    headers.insert(header::VARY, vary);
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    Ok(response)
}

async fn find(state: &AppState, headers: &HeaderMap, sha256: &str) -> Result<Found, ApiError> {
    let sha256: ContentHash = sha256.parse().map_err(|_| ApiError::NotFound)?;
    // Links to files are opened without our headers; the device matters to nothing here.
    let device = auth::device(headers).unwrap_or(DeviceId(0));
    let asker = auth::asker(state, headers, device).await?;
    let found = files::find(&*state.store, asker, sha256).await?;
    found.ok_or(ApiError::NotFound)
}

/// The file, or the part of it that is asked for.
pub(super) async fn respond(
    state: &AppState,
    file: StoredFile,
    is_public: bool,
    request: Request,
) -> Response {
    let entity_tag = format!("\"{}\"", file.sha256);
    let mut response = if content::is_held(request.headers(), &entity_tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let request = with_clear_conditions(request, &entity_tag);
        match give(state, &file, request).await {
            Ok(response) => response,
            Err(error) => return error.respond(Kind::Json),
        }
    };
    describe(&file, is_public, &entity_tag, response.headers_mut());
    response
}

/// The bytes, from where they lie.
async fn give(state: &AppState, file: &StoredFile, request: Request) -> Result<Response, ApiError> {
    let is_head = request.method() == Method::HEAD;
    let range = request.headers().get(header::RANGE).cloned();
    let serve = ServeFile::new(&file.path).with_buf_chunk_size(PIECE_BYTES);
    let Ok(response) = serve.oneshot(request).await;
    if response.status() != StatusCode::NOT_FOUND {
        return Ok(response.map(Body::new));
    }
    let missing = || {
        tracing::error!(file = %file.sha256, "the bytes of a file are missing");
        ApiError::NotFound
    };
    let bucket = state.bucket.as_ref().ok_or_else(missing)?;
    match give_from(bucket, file, range.as_ref(), is_head).await {
        Err(BucketError::Missing(_)) => Err(missing()),
        given => given.map_err(|error| StoreError::from(error).into()),
    }
}

/// The same from the bucket. If it breaks off, so does the answer, and whoever asked goes on behind what came.
async fn give_from(
    bucket: &Bucket,
    file: &StoredFile,
    range: Option<&HeaderValue>,
    is_head: bool,
) -> Result<Response, BucketError> {
    let size_bytes = file.size_bytes;
    let range = range.and_then(|range| {
        let parsed = http_range_header::parse_range_header(range.to_str().ok()?).ok()?;
        Some(parsed.validate(size_bytes).ok().and_then(|ranges| {
            let range = ranges.into_iter().next()?;
            Some(*range.start()..range.end() + 1)
        }))
    });
    let (status, range) = match range {
        None => (StatusCode::OK, 0..size_bytes),
        Some(Some(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(None) => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let mut response = Response::new(Body::empty());
    if status != StatusCode::RANGE_NOT_SATISFIABLE && !is_head && !range.is_empty() {
        let pieces = bucket.get(&file.sha256, Some(range.clone())).await?;
        *response.body_mut() = Body::from_stream(pieces);
    }
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let of_it = match status {
        StatusCode::PARTIAL_CONTENT => Some(format!(
            "bytes {}-{}/{size_bytes}",
            range.start,
            range.end - 1
        )),
        StatusCode::RANGE_NOT_SATISFIABLE => Some(format!("bytes */{size_bytes}")),
        _ => None,
    };
    if let Some(Ok(of_it)) = of_it.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_RANGE, of_it);
    }
    headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    Ok(response)
}

/// The request without conditions that hold for no content of ours, or that are none (RFC 9110, 13.1 and
/// 14.2): then the answer is the whole file, which is always right.
fn with_clear_conditions(mut request: Request, entity_tag: &str) -> Request {
    let headers = request.headers_mut();
    // What is named by its hash has no time.
    for name in [header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE] {
        headers.remove(name);
    }
    let is_same = headers
        .get(header::IF_RANGE)
        .is_none_or(|tag| tag.as_bytes() == entity_tag.as_bytes());
    let mut ranges = headers.get_all(header::RANGE).iter();
    let is_one = ranges.next().is_some_and(is_one_range) && ranges.next().is_none();
    if !is_same || !is_one {
        headers.remove(header::RANGE);
    }
    request
}

/// Whether a header asks for one part, be it of this file or not.
fn is_one_range(value: &HeaderValue) -> bool {
    let number = |text: &str| (!text.is_empty()).then(|| text.parse::<u64>().ok());
    let range = value.to_str().ok().and_then(|text| {
        let (unit, range) = text.split_once('=')?;
        unit.trim().eq_ignore_ascii_case("bytes").then_some(range)
    });
    let ends = range.and_then(|range| range.trim().split_once('-'));
    match ends.map(|(first, last)| (number(first), number(last))) {
        Some((Some(Some(first)), Some(Some(last)))) => first <= last,
        Some((Some(Some(_)), None) | (None, Some(Some(_)))) => true,
        Some(_) | None => false,
    }
}

fn describe(file: &StoredFile, is_public: bool, entity_tag: &str, headers: &mut HeaderMap) {
    let media_type = file.media_type.as_str();
    let known = SHOWN
        .iter()
        .chain(&SAVED)
        .find(|known| **known == media_type);
    let media_type = known.copied().unwrap_or(UNKNOWN);
    let disposition = if SHOWN.contains(&media_type) {
        "inline"
    } else {
        "attachment"
    };
    headers.remove(header::LAST_MODIFIED);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, kept(is_public));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    let disposition = format!(
        "{disposition}; filename*=UTF-8''{}",
        percent_encoded(&file.name)
    );
    for (name, value) in [
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::ETAG, entity_tag),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Who may keep what never changes.
fn kept(is_public: bool) -> HeaderValue {
    HeaderValue::from_static(if is_public {
        "public, max-age=31536000, immutable"
    } else {
        "private, max-age=31536000, immutable"
    })
}

/// A name as RFC 8187 wants it.
fn percent_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stay_within_their_header() {
        assert_eq!(percent_encoded("a\"\r\n;я.pdf"), "a%22%0D%0A%3B%D1%8F.pdf");
    }
}
