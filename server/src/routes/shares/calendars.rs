use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use keruen_domain::{EventId, Language};
use keruen_formats::write::{Agenda, calendar};

use crate::error::ApiError;
use crate::pages;
use crate::routes::description::{AddressProblems, ReaderLanguage};
use crate::routes::pages::{language, parameter};
use crate::routes::{calendars, limit};
use crate::shares::{self, Passage, Visit};
use crate::state::AppState;

/// The sessions of a shared agenda, or the shared session, for other calendars. Who subscribes to it asks
/// again by its tag.
#[utoipa::path(
    get,
    path = "/s/{secret}/calendar/{event}",
    operation_id = "sharedCalendar",
    tag = "shares",
    params(
        ("secret" = String, Path, description = "The link's secret.", max_length = 64),
        ("event" = String, Path, description = "Which event of it.", format = Uuid),
        ReaderLanguage,
        ("ticket" = Option<String>, Query, description = "What was given for a passphrase; anything else counts as nothing."),
    ),
    security(()),
    responses(
        (status = 200, description = "The calendar (RFC 5545).", body = String, content_type = "text/calendar"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "The link does not open, needs a ticket that holds, or has no such event."),
        AddressProblems,
        (status = 429, description = "Too many requests, or too many wrong secrets."),
    )
)]
pub(super) async fn calendar_file(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (secret, event) = path.map_or_else(|_| Default::default(), |Path(parts)| parts);
    let ticket = parameter(request.uri(), "ticket").unwrap_or_default();
    let visit = Visit {
        ticket: &ticket,
        address: limit::address(&request, &state.limits),
        ..Visit::default()
    };
    let language = language(&request);
    let found = find(&state, visit, &secret, &event, language).await;
    calendars::respond(found, request.headers()).await
}

async fn find(
    state: &AppState,
    visit: Visit<'_>,
    secret: &str,
    event: &str,
    language: Language,
) -> Result<String, ApiError> {
    let share = shares::find(state, secret, visit.address).await?;
    let Passage::Open { .. } = shares::pass(state, &share, visit).await? else {
        return Err(ApiError::NotFound);
    };
    let event: EventId = event.parse().map_err(|_| ApiError::NotFound)?;
    let content = shares::content_of(state, &share).await?;
    let agenda =
        Agenda::of(&content.agenda_records(), event, language).ok_or(ApiError::NotFound)?;
    Ok(calendar(&agenda, pages::about_samples(language)).text)
}
