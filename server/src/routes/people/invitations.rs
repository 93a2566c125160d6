use axum::extract::{Request, State};
use axum::response::Response;
use keruen_domain::InvitationId;
use keruen_domain::protocol::people::{Invitation, Invite, NewSecret, OfProgramme};

use super::{change, known, look};
use crate::machine;
use crate::people;
use crate::routes::description::{AskingDevice, BinaryMessage, KnownProblems, Nothing};
use crate::routes::questions;
use crate::secrets;
use crate::state::AppState;

/// The invitations to a programme, the newest first, for its organisers.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    operation_id = "invitations",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((OfProgramme = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "Its invitations, without their secrets.", content((Vec<Invitation> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no organiser of it."),
    )
)]
pub(super) async fn invitations(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: OfProgramme| {
        let known = known(&state, headers).await?;
        look(&state, move |read| {
            people::invitations(read, &known.asker, question.programme)
        })
        .await
    })
    .await
}

/// Makes an invitation to a programme. For its organisers.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/new",
    operation_id = "invite",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Invite = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The secret, told this once.", content((NewSecret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker is no organiser of it."),
        (status = 404, description = "There is no such programme."),
        (status = 409, description = "The programme has as many invitations as it may."),
    )
)]
pub(super) async fn invite(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: Invite| {
        let known = known(&state, headers).await?;
        let now_ms = (state.now_ms)();
        let id = InvitationId::new(now_ms, machine::random_bytes()?);
        let secret = secrets::for_link()?;
        change(&state, move |write| {
            people::invite(write, &known.asker, &question, id, secret, now_ms)
        })
        .await
    })
    .await
}

/// Takes an invitation back. Those who came in by it stay. For the programme's organisers.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/revoke",
    operation_id = "revokeInvitation",
    tag = "people",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((InvitationId = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "There is no such invitation that is the asker's to take back."),
    )
)]
pub(super) async fn revoke_invitation(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: InvitationId| {
        let known = known(&state, headers).await?;
        change(&state, move |write| {
            people::revoke_invitation(write, &known.asker, question)
        })
        .await
    })
    .await
}
