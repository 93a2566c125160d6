use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use keruen_domain::{ContentHash, ScopeId};

use super::keep_private;
use crate::content::Kind;
use crate::error::ApiError;
use crate::routes::description::AddressProblems;
use crate::routes::files::{self, FileAnswers};
use crate::routes::limit;
use crate::routes::pages::parameter;
use crate::shares::{self, Passage, Visit};
use crate::state::AppState;
use crate::store::StoredFile;

/// A file of a shared material. Parts are given by `Range`.
#[utoipa::path(
    get,
    path = "/s/{secret}/files/{sha256}",
    operation_id = "sharedFile",
    tag = "shares",
    params(
        ("secret" = String, Path, description = "The link's secret.", max_length = 64),
        ("sha256" = String, Path, description = "64 hexadecimal digits, in lower case.", pattern = "^[0-9a-f]{64}$"),
        ("ticket" = Option<String>, Query, description = "What was given for a passphrase; anything else counts as nothing."),
        ("range" = Option<String>, Header, description = "A part of it, in bytes.", example = "bytes=0-1023"),
    ),
    security(()),
    responses(
        FileAnswers,
        AddressProblems,
        (status = 404, description = "The link does not open, needs a ticket that holds, or has no such file."),
        (status = 429, description = "Too many requests, or too many wrong secrets."),
    )
)]
pub(super) async fn file(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (secret, sha256) = path.map_or_else(|_| Default::default(), |Path(parts)| parts);
    let address = limit::address(&request, &state.limits);
    let ticket = parameter(request.uri(), "ticket").unwrap_or_default();
    let visit = Visit {
        ticket: &ticket,
        address,
        ..Visit::default()
    };
    let mut response = match find(&state, visit, &secret, &sha256).await {
        Ok(file) => files::respond(&state, file, false, request).await,
        Err(error) => error.respond(Kind::Json),
    };
    keep_private(response.headers_mut());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(files::CONTENT_SECURITY_POLICY),
    );
    response
}

async fn find(
    state: &AppState,
    visit: Visit<'_>,
    secret: &str,
    sha256: &str,
) -> Result<StoredFile, ApiError> {
    let share = shares::find(state, secret, visit.address).await?;
    let Passage::Open { .. } = shares::pass(state, &share, visit).await? else {
        return Err(ApiError::NotFound);
    };
    let sha256: ContentHash = sha256.parse().map_err(|_| ApiError::NotFound)?;
    let content = shares::content_of(state, &share).await?;
    content.file(&sha256).ok_or(ApiError::NotFound)?;
    let scope = ScopeId::Programme(share.programme);
    let held = state.store.read(move |read| read.files(&sha256)).await?;
    let mut held = held.into_iter().filter(|file| file.scope == scope);
    held.next().ok_or(ApiError::NotFound)
}
