//! Shares: what their makers ask, and what everybody gets who has the link.

mod calendars;
mod files;
mod pages;
mod questions;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::{get, post};
use keruen_domain::protocol::shares::paths;
use utoipa::OpenApi;

use crate::state::AppState;

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    questions::open,
    questions::new,
    questions::list,
    questions::revoke,
    pages::page,
    pages::type_passphrase,
    pages::material,
    files::file,
    calendars::calendar_file,
))]
pub(super) struct Description;

/// These routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::OPEN, post(questions::open))
        .route(paths::NEW, post(questions::new))
        .route(paths::LIST, post(questions::list))
        .route(paths::REVOKE, post(questions::revoke))
        .route("/s/{secret}", get(pages::page).post(pages::type_passphrase))
        .route("/s/{secret}/materials/{material}", get(pages::material))
        .route("/s/{secret}/files/{sha256}", get(files::file))
        .route(
            "/s/{secret}/calendar/{event}",
            get(calendars::calendar_file),
        )
}

/// Kept nowhere, found by no search engine, told to no other site.
pub(super) fn keep_private(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::HeaderName::from_static("x-robots-tag"),
            "noindex, nofollow, noarchive",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
