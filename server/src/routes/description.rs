//! The description of the interface for programs.

mod finish;
mod parts;

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use keruen_domain::EventId;
use keruen_domain::protocol::v1::Problem;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

pub(super) use parts::{
    AddressProblems, AskingDevice, BinaryMessage, KnownProblems, NamedDevice, Nothing, Problems,
    ReaderLanguage,
};

use super::{chunks, feeds, files, health, live, people, public, schedules, shares, sync, uploads};
use crate::content::{self, Encoding};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Keruen",
        description = "What devices say to the server, and what it answers. An answer that reports a problem names it in the header `keruen-problem`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(sync::sync, chunks::chunk, live::live, files::file, files::parts, serve, health::health),
    tags(
        (name = "sync", description = "Records and files for devices."),
        (name = "people", description = "Who belongs where, with which devices."),
        (name = "shares", description = "Links by which anybody reads one thing."),
        (name = "public", description = "Public programmes without the app."),
        (name = "operation", description = "For whoever runs the server."),
    ),
    components(schemas(BinaryMessage, EventId, Problem)),
    modifiers(&Tokens)
)]
struct Description;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A device's token, or the operator's. Without it, a visitor asks.",
            ))
            .build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// The description as it is served, in JSON.
pub fn description() -> String {
    let api = Description::openapi()
        .merge_from(uploads::Description::openapi())
        .merge_from(people::Description::openapi())
        .merge_from(shares::Description::openapi())
        .merge_from(public::Description::openapi())
        .merge_from(feeds::Description::openapi())
        .merge_from(schedules::Description::openapi());
    let mut api =
        serde_json::to_value(api).expect("a description is made of texts, lists and maps");
    finish::finish(&mut api);
    api.to_string()
}

/// Made once: it is the same as long as the program runs.
static SERVED: LazyLock<String> = LazyLock::new(description);

/// This description.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "description",
    tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"), AddressProblems)
)]
pub(super) async fn serve(headers: HeaderMap) -> Response {
    let (bytes, encoding) =
        content::compress(Encoding::accepted(&headers), SERVED.as_bytes().to_vec());
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content::Kind::Json.media_type());
    content::name_encoding(headers, encoding);
    response
}
