//! Files that belong to records: pictures, handouts, recordings.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use keruen_domain::{Action, Collection, ContentHash, DeviceId, RecordId, RecordKey, may};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use utoipa::openapi::{self, Content, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema};

use crate::auth;
use crate::content::{self, Kind, SHOWN};
use crate::error::ApiError;
use crate::routes::description::{AddressProblems, BinaryMessage};
use crate::state::AppState;
use crate::store::StoredFile;

/// Media types that keep their name although they are only offered for saving.
const SAVED: [&str; 6] = [
    "application/pdf",
    "audio/mp4",
    "image/svg+xml",
    "text/calendar",
    "text/csv",
    "text/plain",
];
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
        Ok(found) => respond(found.file, found.is_public, &sha256, request).await,
        Err(error) => error.respond(kind),
    }
}

struct Found {
    file: StoredFile,
    /// Visitors may read it too, so that caches between may keep it.
    is_public: bool,
}

async fn find(state: &AppState, headers: &HeaderMap, sha256: &str) -> Result<Found, ApiError> {
    let sha256: ContentHash = sha256.parse().map_err(|_| ApiError::NotFound)?;
    // Links to files are opened without our headers; the device matters to nothing here.
    let device = auth::device(headers).unwrap_or(DeviceId(0));
    let asker = auth::asker(state, headers, device).await?;
    let visitor = crate::exchange::Asker {
        person: None,
        organises_everything: false,
        device,
    };
    let found = state.store.read(move |transaction| {
        let actor = asker.actor(transaction)?;
        let visitor = visitor.actor(transaction)?;
        let files = transaction.files(&sha256)?;
        let readable = |actor, file: &StoredFile| {
            may(actor, Action::Read, &material_in(file, &sha256)).is_ok()
        };
        let for_visitors = files.iter().find(|file| readable(&visitor, file));
        let is_public = for_visitors.is_some();
        let file = for_visitors.or_else(|| files.iter().find(|file| readable(&actor, file)));
        Ok(file.cloned().map(|file| Found { file, is_public }))
    });
    found.await?.ok_or(ApiError::NotFound)
}

/// A record that would bear the file: who may read the scope's materials may read their files.
fn material_in(file: &StoredFile, sha256: &ContentHash) -> RecordKey {
    let id: [u8; 16] = std::array::from_fn(|index| sha256.0[index]);
    RecordKey {
        scope: file.scope,
        collection: Collection::MATERIAL,
        id: RecordId::from_uuid(uuid::Uuid::from_bytes(id)),
    }
}

/// The file, or the part of it that is asked for.
pub(super) async fn respond(
    file: StoredFile,
    is_public: bool,
    sha256: &str,
    request: Request,
) -> Response {
    let entity_tag = format!("\"{sha256}\"");
    let mut response = if content::is_held(request.headers(), &entity_tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let Ok(response) = ServeFile::new(&file.path).oneshot(request).await;
        response.map(Body::new)
    };
    if response.status() == StatusCode::NOT_FOUND {
        tracing::error!(file = sha256, "the bytes of a file are missing");
        return ApiError::NotFound.respond(Kind::Json);
    }
    describe(&file, is_public, &entity_tag, response.headers_mut());
    response
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
    let cache = if is_public {
        "public, max-age=31536000, immutable"
    } else {
        "private, max-age=31536000, immutable"
    };
    headers.remove(header::LAST_MODIFIED);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
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
