use axum::extract::{Request, State};
use axum::response::Response;
use keruen_domain::GroupId;
use keruen_domain::protocol::people::{
    AddToGroup, Group, NewGroup, OfProgramme, Writer, WritersOf,
};

use super::{change, known, look};
use crate::machine;
use crate::people;
use crate::routes::description::{AskingDevice, BinaryMessage, KnownProblems, Nothing};
use crate::routes::questions;
use crate::state::AppState;

/// The groups of a programme: for its organisers and trainers all, for other members theirs.
#[utoipa::path(
    post,
    path = "/api/v1/groups",
    operation_id = "groups",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((OfProgramme = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Groups.", content((Vec<Group> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no member of it."),
    )
)]
pub(super) async fn groups(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: OfProgramme| {
        let known = known(&state, headers).await?;
        look(&state, move |read| {
            people::groups(read, &known.asker, question.programme)
        })
        .await
    })
    .await
}

/// Whose devices wrote in the notes of a group. For whoever reads these.
#[utoipa::path(
    post,
    path = "/api/v1/groups/writers",
    operation_id = "writers",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((WritersOf = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Those who are known, and members of the programme.", content((Vec<Writer> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "There is no such group, or it is not the asker's to see."),
    )
)]
pub(super) async fn writers(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: WritersOf| {
        let known = known(&state, headers).await?;
        look(&state, move |read| {
            people::writers(read, &known.asker, &question)
        })
        .await
    })
    .await
}

/// Makes a group of some members of a programme. For its members.
#[utoipa::path(
    post,
    path = "/api/v1/groups/new",
    operation_id = "newGroup",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((NewGroup = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The group.", content((GroupId = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no member of it."),
        (status = 409, description = "The programme has as many groups as it may."),
    )
)]
pub(super) async fn new_group(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: NewGroup| {
        let known = known(&state, headers).await?;
        let now_ms = (state.now_ms)();
        let id = GroupId::new(now_ms, machine::random_bytes()?);
        change(&state, move |write| {
            people::new_group(write, &known.asker, &question, id, now_ms)
        })
        .await
    })
    .await
}

/// Lets more members of the programme belong to a group. For its people, and the programme's organisers and trainers.
#[utoipa::path(
    post,
    path = "/api/v1/groups/add",
    operation_id = "addToGroup",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((AddToGroup = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "There is no such group that is the asker's to change."),
    )
)]
pub(super) async fn add_to_group(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: AddToGroup| {
        let known = known(&state, headers).await?;
        change(&state, move |write| {
            people::add_to_group(write, &known.asker, &question)
        })
        .await
    })
    .await
}

/// Takes the asker out of a group.
#[utoipa::path(
    post,
    path = "/api/v1/groups/leave",
    operation_id = "leaveGroup",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((GroupId = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "The asker does not belong to such a group."),
    )
)]
pub(super) async fn leave_group(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: GroupId| {
        let known = known(&state, headers).await?;
        change(&state, move |write| {
            people::leave_group(write, &known.asker, question)
        })
        .await
    })
    .await
}
