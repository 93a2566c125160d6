//! Schedules of other programs, for organisers.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use keruen_domain::protocol::schedules::{ReadSchedule, Reading, limits, paths};
use utoipa::OpenApi;

use super::people::{known, look};
use crate::error::ApiError;
use crate::routes::description::{
    AddressProblems, AskingDevice, BinaryMessage, KnownProblems, ReaderLanguage,
};
use crate::routes::pages::language;
use crate::routes::questions;
use crate::schedules;
use crate::state::AppState;

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(read, template))]
pub(super) struct Description;

/// These routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::READ, post(read))
        .route(paths::TEMPLATE, get(template))
}

/// Reads a file of another program: iCalendar, a schedule of frab or pretalx, a table. Nothing is written or kept.
#[utoipa::path(
    post,
    path = "/api/v1/schedules/read",
    operation_id = "readSchedule",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((ReadSchedule = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "What it holds, or why it cannot be taken.", content((Reading = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no organiser of it."),
    )
)]
async fn read(State(state): State<AppState>, request: Request) -> Response {
    let most = limits::MAX_QUESTION_BYTES;
    questions::answer_long(request, most, async |headers, question: ReadSchedule| {
        let asker = known(&state, headers).await?.asker;
        if !schedules::is_valid(&question) {
            return Err(ApiError::Malformed);
        }
        if question.file.len() > limits::MAX_FILE_BYTES {
            return Err(ApiError::TooLarge);
        }
        let asked = ReadSchedule {
            file: Vec::new(),
            ..question.clone()
        };
        look(&state, move |read| schedules::may_ask(read, &asker, &asked)).await?;
        let reading: Option<Reading> = state.schedules.read(question).await;
        reading.ok_or(ApiError::Store(crate::store::StoreError::Closed))
    })
    .await
}

/// A table to be filled and read: the headings, with an example of a row.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/template.csv",
    operation_id = "scheduleTemplate",
    tag = "public",
    params(
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The table.", body = String, content_type = "text/csv"),
        AddressProblems,
    )
)]
async fn template(request: Request) -> Response {
    let text = keruen_formats::write::template(language(&request));
    let mut response = Response::new(Body::from(text));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"keruen.csv\"",
        ),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
