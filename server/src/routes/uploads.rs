//! Files that people send: tus 1.0.0 (<https://tus.io/protocols/resumable-upload>), with `creation`,
//! `expiration` and `termination`.

mod announcement;

use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{options, post};
use keruen_domain::DeviceId;
use keruen_domain::protocol::files::upload;
use utoipa::OpenApi;

use crate::auth;
use crate::content::Kind;
use crate::error::ApiError;
use crate::exchange::Asker;
use crate::routes::description::{AddressProblems, AskingDevice, BinaryMessage};
use crate::state::AppState;
use crate::store::{UploadId, UploadState};
use crate::uploads::{self, Failed, Standing};

#[derive(OpenApi)]
#[openapi(paths(abilities, announce, standing, piece, end))]
pub(super) struct Description;

/// What of tus is spoken here, beside its core.
const EXTENSIONS: &str = "creation,expiration,termination";

/// The routes of this module.
pub(super) fn routes() -> Router<AppState> {
    let one = options(abilities).head(standing).patch(piece).delete(end);
    Router::new()
        .route(upload::ADDRESS, post(announce).options(abilities))
        .route("/api/v1/uploads/{name}", one)
}

/// What of tus is spoken here, and how large a file may be.
#[utoipa::path(
    options,
    path = "/api/v1/uploads",
    operation_id = "uploadAbilities",
    tag = "sync",
    responses(
        (status = 204, description = "In the headers `tus-version`, `tus-extension` and `tus-max-size`."),
        AddressProblems,
    )
)]
async fn abilities(State(state): State<AppState>) -> Response {
    let mut response = spoken(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let version = HeaderValue::from_static(upload::TUS_VERSION);
    headers.insert("tus-version", version);
    headers.insert("tus-extension", HeaderValue::from_static(EXTENSIONS));
    headers.insert("tus-max-size", state.uploads.largest_bytes().into());
    response
}

/// Announces a file for a material. For those who may write one.
///
/// A file that the scope could take from another that the asker may read needs no bytes: it is there at
/// once. Announcing again what is on its way is answered with what is known of that.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    operation_id = "announceUpload",
    tag = "sync",
    params(
        AskingDevice,
        ("tus-resumable" = String, Header, description = "The version of tus.", pattern = "^1\\.0\\.0$", example = "1.0.0"),
        ("upload-length" = u64, Header, description = "Bytes of the file.", minimum = 1, example = 1024),
        ("upload-metadata" = String, Header, description = "`programme` or `group`, `sha256` and `filename`, each with its value in base 64 behind a space, by commas; or `own` without a value, for one's own notes.", example = "programme ZTNlNzA2ODItYzIwOS0xY2FjLWEyOWYtNmZiZWQ4MmMwN2Nk,sha256 ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5MWI3ODUyYjg1NQ==,filename YS5wZGY="),
    ),
    security(("token" = [])),
    responses(
        (status = 201, description = "Where it goes is in `location`, how much is here in `upload-offset`."),
        (status = 400, description = "What is announced is no file."),
        (status = 401, description = "The token is missing or not known."),
        (status = 403, description = "The asker may not write materials there."),
        (status = 404, description = "There is no such programme or group, or it is not the asker's to see."),
        (status = 409, description = "The asker is sending as many files as they may."),
        (status = 412, description = "Another version of tus."),
        (status = 413, description = "The file is too large."),
        (status = 422, description = "A file that is here already is not what its name says."),
        (status = 507, description = "More is on its way here, or in the notes of this person or group, than there is room for."),
        AddressProblems,
    )
)]
async fn announce(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let answered = async {
        let asker = asker(&state, &headers).await?;
        let announcement = announcement::read(&headers)?;
        uploads::announce(&state, asker, announcement).await
    };
    match answered.await {
        Ok(standing) => {
            let mut response = tell(StatusCode::CREATED, &standing);
            let place = format!("{}/{}", upload::ADDRESS, standing.id);
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Err(error) => refuse(&error, &headers),
    }
}

/// How much of a file is here, to whoever sends it. A piece that is coming at the moment ends with that.
#[utoipa::path(
    head,
    path = "/api/v1/uploads/{name}",
    operation_id = "upload",
    tag = "sync",
    params(
        AskingDevice,
        ("name" = String, Path, description = "The last part of its place.", pattern = "^[0-9a-f]{32}$"),
        ("tus-resumable" = String, Header, description = "The version of tus.", pattern = "^1\\.0\\.0$", example = "1.0.0"),
    ),
    security(("token" = [])),
    responses(
        (status = 200, description = "In `upload-offset`; all of it is here when that is `upload-length`."),
        (status = 401, description = "The token is missing or not known."),
        (status = 403, description = "The asker may not write materials there any more."),
        (status = 404, description = "It is not known, or not any more."),
        (status = 412, description = "Another version of tus."),
        (status = 422, description = "What came is not what was announced, or not what its name says."),
        AddressProblems,
    )
)]
async fn standing(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let answered = async {
        let (asker, id) = named(&state, path, &headers).await?;
        uploads::standing(&state, asker, id).await
    };
    match answered.await {
        Ok(standing) => tell(StatusCode::OK, &standing),
        Err(error) => refuse(&error, &headers),
    }
}

/// Sends the next piece of a file. What came is kept, also of a piece that was cut off. With the last piece
/// the file is looked at, and the programme has it.
#[utoipa::path(
    patch,
    path = "/api/v1/uploads/{name}",
    operation_id = "uploadPiece",
    tag = "sync",
    params(
        AskingDevice,
        ("name" = String, Path, description = "The last part of its place.", pattern = "^[0-9a-f]{32}$"),
        ("tus-resumable" = String, Header, description = "The version of tus.", pattern = "^1\\.0\\.0$", example = "1.0.0"),
        ("upload-offset" = u64, Header, description = "Where the piece begins: where the one before ended.", example = 0),
    ),
    security(("token" = [])),
    request_body(content((BinaryMessage = "application/offset+octet-stream"))),
    responses(
        (status = 204, description = "How much is here now is in `upload-offset`; what the file is, once all of it is, in `keruen-media-type`."),
        (status = 400, description = "The piece broke off, or has no begin."),
        (status = 401, description = "The token is missing or not known."),
        (status = 403, description = "The asker may not write materials there any more."),
        (status = 404, description = "The file is not known, or not any more."),
        (status = 408, description = "The piece came too slowly."),
        (status = 409, description = "The piece does not begin where the last one ended, or somebody else began to send it."),
        (status = 412, description = "Another version of tus."),
        (status = 413, description = "More came than the file has."),
        (status = 415, description = "This is no piece of a file."),
        (status = 422, description = "What came is not what was announced, or not what its name says."),
        AddressProblems,
    )
)]
async fn piece(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let headers = head.headers;
    let answered = async {
        let (asker, id) = named(&state, path, &headers).await?;
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if kind != Some(upload::PIECE_MEDIA_TYPE.as_bytes()) {
            return Err(ApiError::UnsupportedMediaType.into());
        }
        let offset = announcement::number(&headers, upload::OFFSET_HEADER)?;
        uploads::receive(&state, asker, id, offset, body).await
    };
    match answered.await {
        Ok(standing) => tell(StatusCode::NO_CONTENT, &standing),
        Err(Failed::Answered(error)) => refuse(&error, &headers),
        Err(Failed::WrongOffset(offset)) => {
            let mut response = refuse(&ApiError::Conflict("wrong-offset"), &headers);
            let headers = response.headers_mut();
            headers.insert(upload::OFFSET_HEADER, offset.into());
            response
        }
    }
}

/// Gives up sending a file. Nothing of it is kept, unless the programme has it.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{name}",
    operation_id = "endUpload",
    tag = "sync",
    params(
        AskingDevice,
        ("name" = String, Path, description = "The last part of its place.", pattern = "^[0-9a-f]{32}$"),
        ("tus-resumable" = String, Header, description = "The version of tus.", pattern = "^1\\.0\\.0$", example = "1.0.0"),
    ),
    security(("token" = [])),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 401, description = "The token is missing or not known."),
        (status = 403, description = "The asker may not write materials there any more."),
        (status = 404, description = "It is not known, or not any more."),
        (status = 412, description = "Another version of tus."),
        AddressProblems,
    )
)]
async fn end(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let answered = async {
        let (asker, id) = named(&state, path, &headers).await?;
        uploads::end(&state, asker, id).await
    };
    match answered.await {
        Ok(()) => spoken(StatusCode::NO_CONTENT),
        Err(error) => refuse(&error, &headers),
    }
}

async fn named(
    state: &AppState,
    path: Result<Path<String>, PathRejection>,
    headers: &HeaderMap,
) -> Result<(Asker, UploadId), ApiError> {
    let asker = asker(state, headers).await?;
    let name = path.map_or_else(|_| Default::default(), |Path(name)| name);
    let id = name.parse().map_err(|_| ApiError::NotFound)?;
    Ok((asker, id))
}

/// Somebody known who speaks our version.
async fn asker(state: &AppState, headers: &HeaderMap) -> Result<Asker, ApiError> {
    let device = auth::device(headers).unwrap_or(DeviceId(0));
    let asker = auth::asker(state, headers, device).await?;
    if asker.person.is_none() {
        return Err(ApiError::NotAuthorised);
    }
    check_version(headers)?;
    Ok(asker)
}

fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    let version = headers.get(upload::TUS_HEADER).map(HeaderValue::as_bytes);
    if version == Some(upload::TUS_VERSION.as_bytes()) {
        Ok(())
    } else {
        Err(ApiError::WrongTus)
    }
}

fn refuse(error: &ApiError, asked: &HeaderMap) -> Response {
    let mut response = error.respond(Kind::of_answer(asked));
    let headers = response.headers_mut();
    let version = HeaderValue::from_static(upload::TUS_VERSION);
    if matches!(error, ApiError::WrongTus) {
        headers.insert("tus-version", version.clone());
    }
    headers.insert(upload::TUS_HEADER, version);
    response
}

fn spoken(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let version = HeaderValue::from_static(upload::TUS_VERSION);
    headers.insert(upload::TUS_HEADER, version);
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    response
}

fn tell(status: StatusCode, standing: &Standing) -> Response {
    let mut response = spoken(status);
    let headers = response.headers_mut();
    let upload = &standing.upload;
    headers.insert(upload::OFFSET_HEADER, standing.offset.into());
    headers.insert(upload::LENGTH_HEADER, upload.size_bytes.into());
    let expires = UNIX_EPOCH.checked_add(Duration::from_millis(upload.expires_ms));
    let expires = expires.map(httpdate::fmt_http_date);
    let media_type = match &upload.state {
        UploadState::Stored { media_type } => Some(media_type.clone()),
        _ => None,
    };
    for (name, value) in [
        (upload::EXPIRES_HEADER, expires),
        (upload::MEDIA_TYPE_HEADER, media_type),
    ] {
        let value = value.and_then(|value| HeaderValue::from_str(&value).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
