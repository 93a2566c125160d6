//! One module per resource, and what surrounds them all.

mod calendars;
mod chunks;
mod client;
mod description;
mod feeds;
mod files;
mod headers;
mod health;
mod limit;
mod live;
mod pages;
mod people;
mod public;
mod questions;
mod schedules;
mod shares;
mod sync;
mod uploads;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use description::description;

use crate::content::Kind;
use crate::error::ApiError;
use crate::pages::style_path;
use crate::state::AppState;
use crate::store::StoreError;
use crate::telemetry::log_request;

/// Everything that the server answers.
pub fn router(state: AppState) -> Router {
    let api = Router::new()
        .route("/api/v1/sync", post(sync::sync))
        .route("/api/v1/files/{sha256}", get(files::file))
        .route("/api/v1/files/{sha256}/parts", get(files::parts))
        .route("/api/v1/chunks/{kind}/{id}/{sha256}", get(chunks::chunk))
        .route(keruen_domain::protocol::live::PATH, get(live::live))
        .merge(uploads::routes())
        .merge(people::routes())
        .merge(shares::routes())
        .merge(public::routes())
        .merge(feeds::routes())
        .merge(schedules::routes())
        .route(style_path(), get(pages::style))
        .route("/api/openapi.json", get(description::serve))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .layer(from_fn_with_state(state.clone(), limit::limit));
    Router::new()
        .merge(api)
        .route("/healthz", get(health::health))
        .fallback(client::file)
        .with_state(state.clone())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state, headers::secure))
        .layer(from_fn(log_request))
}

async fn unknown(request: Request) -> Response {
    ApiError::NotFound.respond(Kind::of_answer(request.headers()))
}

/// A request that runs into a fault of ours ends alone. What the panic says is in the log already.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::Store(StoreError::Closed).respond(Kind::Json)
}
