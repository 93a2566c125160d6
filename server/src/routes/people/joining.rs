use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use keruen_domain::protocol::people::{InvitationFace, Join, Joined, Secret};
use keruen_domain::{DeviceId, PersonId};

use super::{change, look};
use crate::error::ApiError;
use crate::people::{self, Newcomer};
use crate::routes::description::{BinaryMessage, NamedDevice, Problems};
use crate::routes::questions;
use crate::state::AppState;
use crate::{auth, machine};

/// What an invitation is to, before it is taken up. For whoever has its secret.
#[utoipa::path(
    post,
    path = "/api/v1/invitation",
    operation_id = "invitation",
    tag = "people",
    request_body(content((Secret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "To where, as what.", content((InvitationFace = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        Problems,
        (status = 404, description = "The secret opens nothing (any more)."),
    )
)]
pub(super) async fn invitation(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |_, question: Secret| {
        let now_ms = (state.now_ms)();
        look(&state, move |read| {
            people::face(read, &question.secret, now_ms)
        })
        .await
    })
    .await
}

/// Takes up an invitation: makes somebody known, their device too, and a member.
///
/// Repeated with the same token, it changes nothing and gives the same answer. With a bearer token, the one
/// whom it belongs to joins.
#[utoipa::path(
    post,
    path = "/api/v1/join",
    operation_id = "join",
    tag = "people",
    params(NamedDevice),
    security((), ("token" = [])),
    request_body(content((Join = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Who they are now, and where.", content((Joined = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        Problems,
        (status = 401, description = "The token is not known, or was taken back."),
        (status = 404, description = "The secret opens nothing (any more)."),
        (status = 409, description = "They were taken out of the programme after the invitation was made: `taken-out`."),
    )
)]
pub(super) async fn join(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: Join| {
        take_up(&state, headers, question).await
    })
    .await
}

async fn take_up(
    state: &AppState,
    headers: &HeaderMap,
    mut question: Join,
) -> Result<Joined, ApiError> {
    let device = auth::device(headers).ok_or(ApiError::Malformed)?;
    let asker = if headers.contains_key(header::AUTHORIZATION) {
        Some(auth::asker(state, headers, device).await?)
    } else if is_new_token(state, &question.token) {
        None
    } else {
        return Err(ApiError::Malformed);
    };
    if asker.is_none() {
        question.card = people::valid_card(&question.card).ok_or(ApiError::Malformed)?;
    }
    question.label = people::valid_text(&question.label).ok_or(ApiError::Malformed)?;
    let now_ms = (state.now_ms)();
    let fresh = PersonId::new(now_ms, machine::random_bytes()?);
    let stamping = DeviceId(u64::from_be_bytes(machine::random_bytes()?));
    change(state, move |write| {
        let newcomer = Newcomer {
            join: &question,
            asker,
            device,
            fresh,
            stamping,
        };
        people::join(write, &newcomer, now_ms)
    })
    .await
}

/// Whether a device may be known by this token from now on: it has the form of one, and is nobody else's.
pub(super) fn is_new_token(state: &AppState, token: &str) -> bool {
    let operator = state.organiser_token.as_ref();
    people::is_token(token) && !operator.is_some_and(|operator| operator.is(token))
}
