//! The log: to standard error, one event a line. It holds no tokens, no bodies and no addresses of
//! people; paths are logged as their pattern, because later ones carry secrets.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::error::CODE_HEADER;

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For programs: a JSON object a line.
    Json,
}

/// Starts logging. Fails when logging was started before.
pub fn start(levels: Targets, format: LogFormat) -> Result<(), TryInitError> {
    let registry = tracing_subscriber::registry().with(levels);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Human => registry.with(layer.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    }
}

/// Logs each request when it has been answered.
pub async fn log_request(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let problem = response.headers().get(CODE_HEADER);
    let problem = problem.and_then(|code| code.to_str().ok());
    let path = path
        .as_ref()
        .map_or("file of the client", MatchedPath::as_str);
    let duration_ms = began.elapsed().as_millis();
    if status.is_server_error() {
        tracing::error!(%method, path, status = status.as_u16(), problem, duration_ms, "request");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), problem, duration_ms, "request");
    }
    response
}
