use axum::extract::{Request, State};
use axum::response::Response;
use keruen_domain::protocol::people::{ChangeRole, Member, OfProgramme};

use super::{change, known, look};
use crate::people;
use crate::routes::description::{AskingDevice, BinaryMessage, KnownProblems, Nothing};
use crate::routes::questions;
use crate::state::AppState;

/// Who is in a programme, for its organisers and trainers.
#[utoipa::path(
    post,
    path = "/api/v1/members",
    operation_id = "members",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((OfProgramme = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Its members.", content((Vec<Member> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is neither."),
    )
)]
pub(super) async fn members(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: OfProgramme| {
        let known = known(&state, headers).await?;
        look(&state, move |read| {
            people::members(read, &known.asker, question.programme)
        })
        .await
    })
    .await
}

/// Gives a member another role, or takes them out of the programme. For its organisers.
#[utoipa::path(
    post,
    path = "/api/v1/members/role",
    operation_id = "changeRole",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((ChangeRole = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no organiser of it."),
        (status = 404, description = "There is no such member."),
        (status = 409, description = "The last organiser stays one."),
    )
)]
pub(super) async fn change_role(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: ChangeRole| {
        let known = known(&state, headers).await?;
        let (has_operator, now_ms) = (state.organiser_token.is_some(), (state.now_ms)());
        change(&state, move |write| {
            people::change_role(write, &known.asker, &question, has_operator, now_ms)
        })
        .await
    })
    .await
}

/// Takes the asker out of a programme.
#[utoipa::path(
    post,
    path = "/api/v1/members/leave",
    operation_id = "leaveProgramme",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((OfProgramme = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "The asker is no member of it."),
        (status = 409, description = "The last organiser stays one."),
    )
)]
pub(super) async fn leave_programme(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: OfProgramme| {
        let known = known(&state, headers).await?;
        let has_operator = state.organiser_token.is_some();
        let now_ms = (state.now_ms)();
        change(&state, move |write| {
            people::leave(
                write,
                &known.asker,
                question.programme,
                has_operator,
                now_ms,
            )
        })
        .await
    })
    .await
}
