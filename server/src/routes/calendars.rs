//! Calendars as answers: who subscribes to one asks again by its tag.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use keruen_domain::ContentHash;

use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::routes::shares::keep_private;

/// A calendar behind a secret address, or that the asker has it, or why neither: for nobody else, and asked for again
/// each time.
pub(super) async fn respond(found: Result<String, ApiError>, asked: &HeaderMap) -> Response {
    let mut response = match found {
        Ok(text) => calendar(text, asked).await,
        Err(error) => error.respond(Kind::Json),
    };
    let is_given = is_given(&response);
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

/// Whether the asker has what they asked for, now or already.
pub(super) fn is_given(response: &Response) -> bool {
    response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED
}

async fn calendar(text: String, asked: &HeaderMap) -> Response {
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
    name_calendar(headers);
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    response
}

/// Says that a body is a calendar, and under which name to save it.
pub(super) fn name_calendar(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"keruen.ics\"",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
