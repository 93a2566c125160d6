//! Public programmes without the app: for everybody, for caches and for search engines.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use keruen_domain::Language;
use utoipa::OpenApi;

use crate::content::{self, Encoding, Kind};
use crate::error::{ApiError, CODE_HEADER};
use crate::pages;
use crate::public::{self, Form, Made, Thing};
use crate::routes::calendars::{is_given, name_calendar};
use crate::routes::description::{AddressProblems, ReaderLanguage};
use crate::routes::pages::{CONTENT_SECURITY_POLICY, chosen_language, language};
use crate::state::AppState;

/// How long anybody may keep what they were given before they ask again: what is moved is seen soon, and a
/// programme that is not public any more is gone.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(page, calendar_file, frab_xml, frab_json))]
pub(super) struct Description;

/// These routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/p/{programme}", get(page))
        .route("/p/{programme}/calendar/{event}", get(calendar_file))
        .route("/p/{programme}/frab-xml/{event}", get(frab_xml))
        .route("/p/{programme}/frab-json/{event}", get(frab_json))
}

/// The agenda of a public programme as a page, complete without script.
///
/// Any other programme is answered as one that is not there.
#[utoipa::path(
    get,
    path = "/p/{programme}",
    operation_id = "programmePage",
    tag = "public",
    params(
        ("programme" = String, Path, description = "Which programme.", format = Uuid),
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "There is no such public programme.", body = String, content_type = "text/html"),
        AddressProblems,
    )
)]
async fn page(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let programme = path.map_or_else(|_| String::new(), |Path(programme)| programme);
    let language = language(&request);
    let mut response = match find(&state, &programme, Some(Thing::Page), language).await {
        Ok(made) => respond(&made, &request),
        Err(ApiError::NotFound) => missing(language, request.headers()),
        Err(error) => return error.respond(Kind::Json),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CONTENT_LANGUAGE, language.code()),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The sessions of an event of a public programme, for other calendars. Who subscribes to it asks again by
/// its tag.
#[utoipa::path(
    get,
    path = "/p/{programme}/calendar/{event}",
    operation_id = "publicCalendar",
    tag = "public",
    params(
        ("programme" = String, Path, description = "Which programme.", format = Uuid),
        ("event" = String, Path, description = "Which event of it.", format = Uuid),
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The calendar (RFC 5545).", body = String, content_type = "text/calendar"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "There is no such public programme, or it has no such event."),
        AddressProblems,
    )
)]
async fn calendar_file(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let mut response = agenda(&state, path, request, Form::Calendar).await;
    if is_given(&response) {
        name_calendar(response.headers_mut());
    }
    response
}

/// The sessions of an event of a public programme as a frab schedule, for conference apps.
#[utoipa::path(
    get,
    path = "/p/{programme}/frab-xml/{event}",
    operation_id = "publicFrabXml",
    tag = "public",
    params(
        ("programme" = String, Path, description = "Which programme.", format = Uuid),
        ("event" = String, Path, description = "Which event of it.", format = Uuid),
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The schedule, as the schema of c3voc has it.", body = String, content_type = "application/xml"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "There is no such public programme, or it has no such event, or that has no day."),
        AddressProblems,
    )
)]
async fn frab_xml(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let response = agenda(&state, path, request, Form::FrabXml).await;
    typed(response, "application/xml")
}

/// The same in JSON.
#[utoipa::path(
    get,
    path = "/p/{programme}/frab-json/{event}",
    operation_id = "publicFrabJson",
    tag = "public",
    params(
        ("programme" = String, Path, description = "Which programme.", format = Uuid),
        ("event" = String, Path, description = "Which event of it.", format = Uuid),
        ReaderLanguage,
    ),
    security(()),
    responses(
        (status = 200, description = "The schedule, as the schema of c3voc has it.", body = serde_json::Value, content_type = "application/json"),
        (status = 304, description = "The asker has it."),
        (status = 404, description = "There is no such public programme, or it has no such event, or that has no day."),
        AddressProblems,
    )
)]
async fn frab_json(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let response = agenda(&state, path, request, Form::FrabJson).await;
    typed(response, "application/json")
}

/// Says what was given.
fn typed(mut response: Response, media_type: &'static str) -> Response {
    if is_given(&response) {
        let media_type = HeaderValue::from_static(media_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
    }
    response
}

async fn agenda(
    state: &AppState,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
    form: Form,
) -> Response {
    let (programme, event) = path.map_or_else(|_| Default::default(), |Path(parts)| parts);
    let thing = event.parse().ok().map(|event| Thing::Agenda(event, form));
    let language = language(&request);
    match find(state, &programme, thing, language).await {
        Ok(made) => respond(&made, &request),
        Err(error) => error.respond(Kind::Json),
    }
}

async fn find(
    state: &AppState,
    programme: &str,
    thing: Option<Thing>,
    language: Language,
) -> Result<std::sync::Arc<Made>, ApiError> {
    let programme = programme.parse().map_err(|_| ApiError::NotFound)?;
    let thing = thing.ok_or(ApiError::NotFound)?;
    public::find(state, programme, thing, language).await
}

/// The form that was asked for, or that the asker has it.
fn respond(made: &Made, request: &Request) -> Response {
    let asked = request.headers();
    let (bytes, encoding, entity_tag) = made.form(Encoding::accepted(asked));
    let mut response = Response::new(Body::empty());
    if content::is_held(asked, &entity_tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        content::name_encoding(response.headers_mut(), None);
    } else {
        *response.body_mut() = bytes.into();
        content::name_encoding(response.headers_mut(), encoding);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    if chosen_language(request.uri()).is_none() {
        let both = HeaderValue::from_static("accept-encoding, accept-language");
        headers.insert(header::VARY, both);
    }
    response
}

/// What stands where there is no such programme, or none for everybody.
fn missing(language: Language, asked: &HeaderMap) -> Response {
    let page = pages::gone(language).into_bytes();
    let (bytes, encoding) = content::compress(Encoding::accepted(asked), page);
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    content::name_encoding(headers, encoding);
    for (name, value) in [
        (header::HeaderName::from_static(CODE_HEADER), "not-found"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
