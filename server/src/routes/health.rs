use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::content::Kind;
use crate::error::ApiError;
use crate::state::AppState;

/// Whether the server can do its work: it reads from its database to find out.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "health",
    tag = "operation",
    responses(
        (status = 200, description = "It works.", body = String, content_type = "text/plain"),
        (status = 503, description = "The database cannot be read."),
    )
)]
pub(super) async fn health(State(state): State<AppState>) -> Response {
    match state.store.read(|transaction| transaction.epoch()).await {
        Ok(_) => ([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response(),
        Err(error) => ApiError::from(error).respond(Kind::Json),
    }
}
