//! People's own agendas as calendars: what is asked about their addresses, and the calendars themselves.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use keruen_domain::protocol::calendar::{Feed, paths};
use keruen_domain::protocol::people::NewSecret;
use utoipa::OpenApi;

use crate::feeds;
use crate::routes::calendars;
use crate::routes::description::{
    AddressProblems, AskingDevice, BinaryMessage, KnownProblems, Nothing, ReaderLanguage,
};
use crate::routes::pages::language;
use crate::routes::people::{change, known, look};
use crate::routes::{limit, questions};
use crate::secrets::{self, SecretHash};
use crate::state::AppState;

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(shown, new, revoke, calendar_file))]
pub(super) struct Description;

/// These routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::FEED, post(shown))
        .route(paths::NEW, post(new))
        .route(paths::REVOKE, post(revoke))
        .route("/c/{file}", get(calendar_file))
}

/// Whether the asker's own agenda has an address.
#[utoipa::path(
    post,
    path = "/api/v1/calendar",
    operation_id = "calendar",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "When it was made, if there is one; its secret is not told again.", content((Option<Feed> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
async fn shown(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let asker = known(&state, headers).await?.asker;
        look(&state, move |read| feeds::shown(read, &asker)).await
    })
    .await
}

/// Makes the secret of an address by which other programs subscribe to the asker's own agenda.
///
/// The one that was made before is void.
#[utoipa::path(
    post,
    path = "/api/v1/calendar/new",
    operation_id = "newCalendar",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The secret, told this once.", content((NewSecret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
async fn new(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let asker = known(&state, headers).await?.asker;
        let (now_ms, secret) = ((state.now_ms)(), secrets::for_link()?);
        let hash = SecretHash::of(&secret);
        change(&state, move |write| {
            feeds::make(write, &asker, &hash, now_ms)
        })
        .await?;
        let expires_ms = None;
        Ok(NewSecret { secret, expires_ms })
    })
    .await
}

/// Takes the address of the asker's own agenda back: from now on it opens nothing.
#[utoipa::path(
    post,
    path = "/api/v1/calendar/revoke",
    operation_id = "revokeCalendar",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "There is none any more.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
async fn revoke(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let asker = known(&state, headers).await?.asker;
        change(&state, move |write| feeds::revoke(write, &asker)).await
    })
    .await
}

/// The sessions that somebody marked as theirs, of all programmes that they may read, for whoever has the
/// address. Who subscribes to it asks again by its tag.
#[utoipa::path(
    get,
    path = "/c/{file}",
    operation_id = "ownCalendar",
    tag = "people",
    params(
        ("file" = String, Path, description = "The address's secret and `.ics`.", max_length = 68),
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The calendar (RFC 5545).", body = String, content_type = "text/calendar"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "The address opens nothing (any more)."),
        AddressProblems,
        (status = 429, description = "Too many requests, or too many wrong secrets."),
    )
)]
async fn calendar_file(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let file = path.map_or_else(|_| String::new(), |Path(file)| file);
    let address = limit::address(&request, &state.limits);
    let found = feeds::calendar(&state, &file, address, language(&request)).await;
    calendars::respond(found, request.headers()).await
}
