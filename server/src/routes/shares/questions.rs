use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use keruen_domain::ShareId;
use keruen_domain::protocol::people::{NewSecret, limits::MAX_CHARACTERS};
use keruen_domain::protocol::shares::{NewShare, OpenShare, Opened, Share};

use crate::error::ApiError;
use crate::machine;
use crate::routes::description::{AskingDevice, BinaryMessage, KnownProblems, Nothing, Problems};
use crate::routes::people::{change, known, look};
use crate::routes::{limit, questions};
use crate::secrets::{self, SecretHash};
use crate::shares::{self, Made, Passage, Visit};
use crate::state::AppState;

/// Opens a share from within the app: for everybody who has the link.
///
/// A secret that is unknown, expired or taken back, and one whose thing is gone, are answered alike.
#[utoipa::path(
    post,
    path = "/api/v1/shares/open",
    operation_id = "openShare",
    tag = "shares",
    security(()),
    request_body(content((OpenShare = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "What it holds, or that a passphrase is needed.", content((Opened = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        Problems,
        (status = 404, description = "The link does not open."),
        (status = 429, description = "Too many requests, or too many wrong secrets or passphrases."),
    )
)]
pub(super) async fn open(State(state): State<AppState>, request: Request) -> Response {
    let address = limit::address(&request, &state.limits);
    questions::answer(request, async |_: &HeaderMap, question: OpenShare| {
        if question.passphrase.chars().count() > MAX_CHARACTERS {
            return Err(ApiError::Malformed);
        }
        let share = shares::find(&state, &question.secret, address).await?;
        let visit = Visit {
            passphrase: &question.passphrase,
            address,
            ..Visit::default()
        };
        match shares::pass(&state, &share, visit).await? {
            Passage::NeedsPassphrase => Ok(Opened::NeedsPassphrase),
            Passage::Open { ticket } => {
                let records = shares::content_of(&state, &share).await?.records();
                state.shares.openings.count(share.id);
                Ok(Opened::Records { records, ticket })
            }
        }
    })
    .await
}

/// Makes a share. For the trainers and organisers of the programme.
#[utoipa::path(
    post,
    path = "/api/v1/shares/new",
    operation_id = "share",
    tag = "shares",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((NewShare = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The secret, told this once.", content((NewSecret = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 403, description = "The asker may not give links to this programme away."),
        (status = 404, description = "There is no such thing that is the asker's to see."),
        (status = 409, description = "The asker has as many shares as they may."),
    )
)]
pub(super) async fn new(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: NewShare| {
        let asker = known(&state, headers).await?.asker;
        asker.person.ok_or(ApiError::NotAuthorised)?;
        if !shares::is_valid(&question) {
            return Err(ApiError::Malformed);
        }
        // Nobody has a passphrase hashed who may not have it kept.
        let asked = question.clone();
        look(&state, move |read| shares::may_make(read, &asker, &asked)).await?;
        let now_ms = (state.now_ms)();
        let secret = secrets::for_link()?;
        let made = Made {
            id: ShareId::new(now_ms, machine::random_bytes()?),
            hash: SecretHash::of(&secret),
            passphrase: shares::kept_passphrase(&state, &question.passphrase).await?,
        };
        let share = change(&state, move |write| {
            shares::make(write, &asker, question, made, now_ms)
        });
        let expires_ms = share.await?.expires_ms;
        Ok(NewSecret { secret, expires_ms })
    })
    .await
}

/// The asker's own shares, the newest first.
#[utoipa::path(
    post,
    path = "/api/v1/shares",
    operation_id = "shares",
    tag = "shares",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "The asker's shares, without their secrets.", content((Vec<Share> = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
    )
)]
pub(super) async fn list(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, (): ()| {
        let asker = known(&state, headers).await?.asker;
        let mut shares = look(&state, move |read| shares::list(read, &asker)).await?;
        for share in &mut shares {
            share.openings += state.shares.openings.of(share.id);
        }
        Ok(shares)
    })
    .await
}

/// Takes a share back: from now on it does not open. For its maker and the programme's organisers.
#[utoipa::path(
    post,
    path = "/api/v1/shares/revoke",
    operation_id = "revokeShare",
    tag = "shares",
    params(AskingDevice),
    security(("token" = [])),
    request_body(content((ShareId = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
    responses(
        (status = 200, description = "It is done.", content((Nothing = "application/json"), (BinaryMessage = "application/vnd.keruen.sync"))),
        KnownProblems,
        (status = 404, description = "There is no such share that is the asker's to take back."),
    )
)]
pub(super) async fn revoke(State(state): State<AppState>, request: Request) -> Response {
    questions::answer(request, async |headers, question: ShareId| {
        let asker = known(&state, headers).await?.asker;
        let now_ms = (state.now_ms)();
        change(&state, move |write| {
            shares::revoke(write, &asker, question, now_ms)
        })
        .await
    })
    .await
}
