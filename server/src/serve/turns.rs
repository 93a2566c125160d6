//! Whose turn it is on a connection, so that nobody holds it who does nothing.
//!
//! While the server works, or has nothing to say on a stream of hints, it is the server's turn, without
//! end. Else it is the peer's: to send the header of a request, or to take what it asked for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::patience::Patience;

/// Less than this is no progress: answers to pings take a few bytes.
const PROGRESS_BYTES: usize = 4_096;

/// Whose turn it is on one connection, and since when.
pub(super) struct Turns(Mutex<State>);

struct State {
    /// Requests that are under way.
    open: usize,
    /// Those of them that wait for the server.
    ours: usize,
    /// The system takes no more bytes.
    is_full: bool,
    /// Bytes taken since.
    taken: usize,
    /// When the peer last did something, or was last waited for by nobody.
    since: Instant,
}

impl Turns {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            open: 0,
            ours: 0,
            is_full: false,
            taken: 0,
            since: Instant::now(),
        })))
    }

    /// Until when the peer may take its time, as far as is known now; `None` while it is the server's turn.
    pub(super) fn deadline(&self, patience: &Patience) -> Option<Instant> {
        let state = self.state();
        let is_answered = state.open == 0 && !state.is_full;
        let granted = if is_answered {
            patience.header
        } else {
            patience.answer
        };
        (state.ours == 0).then(|| state.since + granted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counts are whole whatever a panicking thread did elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, whose turn it is at first the server's.
pub(super) struct Turn {
    turns: Arc<Turns>,
    is_ours: bool,
}

impl Turn {
    pub(super) fn begin(turns: &Arc<Turns>) -> Self {
        let mut state = turns.state();
        state.open += 1;
        state.ours += 1;
        drop(state);
        Self {
            turns: turns.clone(),
            is_ours: true,
        }
    }

    fn set(&mut self, is_ours: bool) {
        if self.is_ours == is_ours {
            return;
        }
        self.is_ours = is_ours;
        let mut state = self.turns.state();
        if is_ours {
            state.ours += 1;
        } else {
            state.ours -= 1;
            state.taken = 0;
            state.since = Instant::now();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.set(false);
        let mut state = self.turns.state();
        state.open -= 1;
        state.since = Instant::now();
    }
}

/// An answer that is the server's turn only while more of it is asked for than there is.
pub(super) struct Answer {
    body: Body,
    turn: Turn,
}

impl Answer {
    pub(super) fn new(body: Body, mut turn: Turn) -> Self {
        turn.set(false);
        Self { body, turn }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.turn.set(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection on which is noted what the peer takes.
pub(super) struct Noted<C> {
    pub(super) connection: C,
    pub(super) turns: Arc<Turns>,
}

impl<C> Noted<C> {
    fn note(&self, written: &Poll<std::io::Result<usize>>) {
        let mut state = self.turns.state();
        state.is_full = written.is_pending();
        if let Poll::Ready(Ok(bytes)) = written {
            state.taken += bytes;
            if state.taken >= PROGRESS_BYTES {
                state.taken = 0;
                state.since = Instant::now();
            }
        }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Noted<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(context, buffer)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Noted<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write_vectored(context, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}
