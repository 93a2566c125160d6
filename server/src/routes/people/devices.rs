use axum::extract::{Request, State};
use axum::response::Response;
use keruen_domain::protocol::people::{AddDevice, Joined, Me, NewSecret, TokenId};

use super::joining::is_new_token;
use super::{change, known, look};
use crate::auth;
use crate::error::ApiError;
use crate::people;
use crate::routes::description::{
    AskingDevice, BinaryMessage, KnownProblems, NamedDevice, Nothing, Problems,
};
use crate::routes::questions;
use crate::secrets;
use crate::state::AppState;

/// Makes a device somebody's, by a link that another device shows or by the code on paper.
///
/// Repeated with the same token, it changes nothing and gives the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/devices/add",
    operation_id = "addDevice",
    tag = "people",
    params(NamedDevice),
    request_body(content((AddDevice = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Whose it is now.", content((Joined = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        Problems,
        (status = 401, description = "The token was taken back."),
        (status = 404, description = "The secret opens nothing (any more)."),
        (status = 409, description = "The person has as many devices as they may."),
    )
)]
pub(super) async fn add_device(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, mut question: AddDevice| {
        let device = auth::device(headers).ok_or(ApiError::Malformed)?;
        if !is_new_token(&state, &question.token) {
            return Err(ApiError::Malformed);
        }
        question.label = people::valid_text(&question.label).ok_or(ApiError::Malformed)?;
        let now_ms = (state.now_ms)();
        change(&state, move |write| {
            people::add_device(write, &question, device, now_ms)
        })
        .await
    })
    .await
}

/// Who the asker is, what they are where, and their devices.
#[utoipa::path(
    post,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The asker.", content((Me = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
pub(super) async fn me(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let known = known(&state, headers).await?;
        let (now_ms, seen) = ((state.now_ms)(), state.seen.clone());
        look(&state, move |read| {
            let token = known.token.map(|token| token.id);
            people::me(read, &known.asker, token, &|token| seen.last(token), now_ms)
        })
        .await
    })
    .await
}

/// Makes the secret of a link that makes another device the asker's, once, within ten minutes.
#[utoipa::path(
    post,
    path = "/api/v1/devices/link",
    operation_id = "deviceLink",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The secret, told this once.", content((NewSecret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 409, description = "The asker has as many devices as they may."),
    )
)]
pub(super) async fn device_link(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let known = known(&state, headers).await?;
        let (now_ms, secret) = ((state.now_ms)(), secrets::for_link()?);
        change(&state, move |write| {
            people::make_link(write, &known.asker, secret, now_ms)
        })
        .await
    })
    .await
}

/// Makes the code that makes a device the asker's, once, for when there is no other device left.
///
/// The code that was made before is void.
#[utoipa::path(
    post,
    path = "/api/v1/recovery-code",
    operation_id = "recoveryCode",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The code, told this once.", content((NewSecret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
pub(super) async fn recovery_code(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let known = known(&state, headers).await?;
        let (now_ms, code) = ((state.now_ms)(), secrets::recovery_code()?);
        change(&state, move |write| {
            people::make_recovery_code(write, &known.asker, code, now_ms)
        })
        .await
    })
    .await
}

/// Takes back the token of one of the asker's devices: it is refused from now on, and connections of it end.
#[utoipa::path(
    post,
    path = "/api/v1/devices/revoke",
    operation_id = "revokeDevice",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((TokenId = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "The asker has no such device."),
    )
)]
pub(super) async fn revoke_device(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: TokenId| {
        let known = known(&state, headers).await?;
        change(&state, move |write| {
            people::revoke_device(write, &known.asker, question)
        })
        .await
    })
    .await
}
