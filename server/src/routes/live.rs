//! The stream of hints.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use http_body::Frame;
use keruen_domain::Actor;
use keruen_domain::protocol::live;
use keruen_domain::protocol::v1::ScopeCursor;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until};

use super::description::{AddressProblems, NamedDevice};
use super::limit;
use crate::auth::{self, Known};
use crate::content::Kind;
use crate::error::ApiError;
use crate::exchange::Asker;
use crate::live::{Moves, Seat, standing};
use crate::network::Network;
use crate::state::AppState;
use crate::store::{ReadTransaction, StoreError};

/// When a device without a seat may ask again, in milliseconds: it asks for news by itself meanwhile.
const RETRY_AFTER_MS: u32 = 60_000;
/// Lines that wait for a slow connection; while they do, later hints are put together.
const WAITING_LINES: usize = 4;

/// One event of the stream.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is written as text")]
struct Hint {
    /// A list of scope cursors, see there.
    #[schema(pattern = "^([0-9a-f]{2})+$")]
    data: String,
}

/// How far the scopes go that the asker may read: all of them at first, then those that move.
///
/// Server-sent events, each one line of data: the hexadecimal digits of a list of scope cursors in the
/// protocol's binary form. A comment comes when nothing else did for 25 seconds.
#[utoipa::path(
    get,
    path = "/api/v1/live",
    operation_id = "live",
    tag = "sync",
    params(NamedDevice),
    security((), ("token" = [])),
    responses(
        (status = 200, description = "A stream without end.", body = Hint, content_type = "text/event-stream"),
        AddressProblems,
        (status = 400, description = "The device is not named."),
        (status = 401, description = "The token is not known."),
        (status = 429, description = "Too many requests, or too many connections are open."),
    )
)]
pub(super) async fn live(State(state): State<AppState>, request: Request) -> Response {
    let address = limit::address(&request, &state.limits);
    let headers = request.headers().clone();
    match open(&state, &headers, address).await {
        Ok(lines) => respond(lines),
        Err(error) => error.respond(Kind::of_answer(&headers)),
    }
}

async fn open(
    state: &AppState,
    headers: &HeaderMap,
    address: Option<Network>,
) -> Result<mpsc::Receiver<Bytes>, ApiError> {
    let device = auth::device(headers).ok_or(ApiError::Malformed)?;
    let known = auth::known(state, headers, device).await?;
    let seat = state.seats.take(address, device).ok_or(ApiError::TooMany {
        retry_after_ms: RETRY_AFTER_MS,
    })?;
    // Before reading, so that nothing is missed between the two.
    let moves = state.live.listen();
    let (first, member) = look(state, known.asker).await?;
    let (sender, lines) = mpsc::channel(WAITING_LINES);
    let speaker = Speaker {
        state: state.clone(),
        known,
        member,
        people_version: first.people_version,
        lines: sender,
        _seat: seat,
    };
    tokio::spawn(speaker.speak(first, moves));
    Ok(lines)
}

/// How far all scopes go, and what the asker is.
async fn look(state: &AppState, asker: Asker) -> Result<(Moves, Actor), StoreError> {
    let work = move |read: &dyn ReadTransaction| Ok((standing(read)?, asker.member(read)?));
    state.store.read(work).await
}

/// Speaks to one connection until it or the server ends.
struct Speaker {
    state: AppState,
    known: Known,
    /// What the asker is, as it was at this version.
    member: Actor,
    people_version: u64,
    lines: mpsc::Sender<Bytes>,
    _seat: Seat,
}

/// The connection has ended.
struct Gone;

impl Speaker {
    async fn speak(mut self, first: Moves, mut moves: broadcast::Receiver<Arc<Moves>>) {
        let mut stopping = self.state.stopping.subscribe();
        let lines = self.lines.clone();
        tokio::select! {
            Gone = self.tell(&first, &mut moves) => {}
            () = lines.closed() => {}
            _ = stopping.wait_for(|is_stopping| *is_stopping) => {}
        }
    }

    async fn tell(&mut self, first: &Moves, moves: &mut broadcast::Receiver<Arc<Moves>>) -> Gone {
        let mut said = self.say(first).await;
        while said.is_ok() {
            said = self.next(moves).await;
        }
        Gone
    }

    async fn next(&mut self, moves: &mut broadcast::Receiver<Arc<Moves>>) -> Result<(), Gone> {
        let silence = Instant::now() + Duration::from_millis(live::KEEP_ALIVE_MS);
        tokio::select! {
            moved = moves.recv() => match moved {
                Ok(moved) if moved.people_version == self.people_version => self.say(&moved).await,
                // Who may do what is another thing now, or something was missed.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.look_again().await,
                Err(broadcast::error::RecvError::Closed) => Err(Gone),
            },
            () = sleep_until(silence) => self.send(":\n\n".into()).await,
        }
    }

    /// Sees anew who asks and what they may know, and says all of that.
    async fn look_again(&mut self) -> Result<(), Gone> {
        if let Some(token) = &self.known.token {
            let is_believed = token.is_believed(&*self.state.store).await;
            if !matches!(is_believed, Ok(true)) {
                return Err(Gone);
            }
        }
        let looked = look(&self.state, self.known.asker).await;
        let (all, member) = looked.map_err(|_: StoreError| Gone)?;
        self.people_version = all.people_version;
        let before = std::mem::replace(&mut self.member, member);
        let left = all.told_of_leaving(&before, &self.member);
        self.say_cursors(&left).await?;
        self.say(&all).await
    }

    async fn say(&self, moves: &Moves) -> Result<(), Gone> {
        let cursors = moves.told_to(&self.known.asker, &self.member);
        self.say_cursors(&cursors).await
    }

    async fn say_cursors(&self, cursors: &[ScopeCursor]) -> Result<(), Gone> {
        if cursors.is_empty() {
            return Ok(());
        }
        self.send(format!("data: {}\n\n", live::data(cursors)))
            .await
    }

    async fn send(&self, line: String) -> Result<(), Gone> {
        self.lines.send(line.into()).await.map_err(|_| Gone)
    }
}

/// The lines as a body.
struct Lines(mpsc::Receiver<Bytes>);

impl http_body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

fn respond(lines: mpsc::Receiver<Bytes>) -> Response {
    let mut response = Response::new(Body::new(Lines(lines)));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that gather an answer before they pass it on know this one.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
