use axum::extract::{Request, State};
use axum::response::Response;
use keruen_domain::protocol::people::OfProgramme;
use keruen_domain::protocol::readiness::{PhonesReady, TellReady};

use super::{known, look};
use crate::error::ApiError;
use crate::readiness;
use crate::routes::description::{AskingDevice, BinaryMessage, KnownProblems, Nothing};
use crate::routes::questions;
use crate::state::AppState;

/// Tells whether the asking device has everything for the next days of a programme.
#[utoipa::path(
    post,
    path = "/api/v1/readiness/tell",
    operation_id = "tellReady",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((TellReady = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is noted.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no member of it."),
    )
)]
pub(super) async fn tell_ready(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, told: TellReady| {
        let known = known(&state, headers).await?;
        let asker = known.asker;
        let programme = told.programme;
        let person = look(&state, move |read| {
            readiness::may_tell(read, &asker, programme)
        })
        .await?;
        // The operator's token is no phone's.
        let token = known.token.ok_or(ApiError::NotAllowed)?;
        let now_ms = (state.now_ms)();
        state.readiness.note(token.id, person, &told, now_ms);
        Ok(())
    })
    .await
}

/// How many phones of a programme have everything for its next days, for its trainers and organisers.
#[utoipa::path(
    post,
    path = "/api/v1/readiness",
    operation_id = "phonesReady",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((OfProgramme = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "A count; of fewer than three phones not how many are ready.", content((PhonesReady = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is neither."),
    )
)]
pub(super) async fn phones_ready(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: OfProgramme| {
        let asker = known(&state, headers).await?.asker;
        let programme = question.programme;
        let told = state.readiness.told_for(programme, (state.now_ms)());
        look(&state, move |read| {
            readiness::count(read, &asker, programme, &told)
        })
        .await
    })
    .await
}
