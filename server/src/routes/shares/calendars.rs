use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use keruen_domain::model::View as _;
use keruen_domain::{ContentHash, EventId, Language, Record};
use keruen_formats::write::{Agenda, calendar};

use super::{keep_private, pages};
use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::routes::description::AddressProblems;
use crate::routes::limit;
use crate::shares::{self, Content, Passage, Visit, page};
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
        ("lang" = Option<String>, Query, description = "In which language: `kk`, `ru` or `en`; anything else counts as nothing."),
        ("ticket" = Option<String>, Query, description = "What was given for a passphrase; anything else counts as nothing."),
        ("accept-language" = Option<String>, Header, description = "Which languages the reader prefers.", example = "kk, ru;q=0.8"),
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
    let ticket = pages::parameter(request.uri(), "ticket").unwrap_or_default();
    let visit = Visit {
        ticket: &ticket,
        address: limit::address(&request, &state.limits),
        ..Visit::default()
    };
    let language = pages::language(&request);
    let mut response = match find(&state, visit, &secret, &event, language).await {
        Ok(text) => respond(text, request.headers()).await,
        Err(error) => error.respond(Kind::Json),
    };
    let is_given = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    keep_private(headers);
    if is_given {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    response
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
    let agenda = Agenda::of(&records(&content), event, language).ok_or(ApiError::NotFound)?;
    Ok(calendar(&agenda, page::about_samples(language)).text)
}

fn records(content: &Content) -> Vec<Arc<Record>> {
    let mut records = vec![content.programme.record().clone()];
    records.extend(content.events.iter().map(|event| event.record().clone()));
    records.extend(content.sessions.iter().map(|it| it.record().clone()));
    records.extend(content.speakers.iter().map(|it| it.record().clone()));
    records
}

async fn respond(text: String, asked: &HeaderMap) -> Response {
    let encoding = Encoding::accepted(asked);
    let form = encoding.map_or("plain", Encoding::name);
    let entity_tag = format!("\"{}-{form}\"", ContentHash::of(text.as_bytes()));
    let mut response = Response::new(Body::empty());
    if content::is_held(asked, &entity_tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        match content::compress_aside(encoding, text.into_bytes()).await {
            Ok((bytes, encoding)) => {
                *response.body_mut() = bytes.into();
                content::name_encoding(response.headers_mut(), encoding);
            }
            Err(error) => return error.respond(Kind::Json),
        }
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"keruen.ics\"",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    response
}
