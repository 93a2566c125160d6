//! Bodies of requests, which must come on.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::patience::Patience;

/// The body of a request came too slowly to be waited for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the request's body came too slowly")]
pub struct TooSlow;

/// A body that fails with [`TooSlow`]. Only time counts in which it was waited for.
///
/// The layer of `tower-http` knows of pieces only: a byte now and then would hold a request for weeks.
pub(super) struct Asked<B> {
    body: B,
    patience: Patience,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    waited: Duration,
    came: u64,
}

impl<B> Asked<B> {
    pub(super) fn new(body: B, patience: Patience) -> Self {
        Self {
            body,
            patience,
            waiting: None,
            waited: Duration::ZERO,
            came: 0,
        }
    }

    /// For how long the next piece may be waited for.
    fn granted(&self) -> Duration {
        let left = self.patience.of_body(self.came).saturating_sub(self.waited);
        left.min(self.patience.piece)
    }
}

impl<B> Body for Asked<B>
where
    B: Body<Data = axum::body::Bytes> + Unpin,
    B::Error: Error + Send + Sync + 'static,
{
    type Data = B::Data;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some((since, _)) = this.waiting.take() {
                this.waited += since.elapsed();
            }
            let data = frame
                .as_ref()
                .and_then(|frame| frame.as_ref().ok()?.data_ref());
            this.came += data.map_or(0, |data| data.len() as u64);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let granted = this.granted();
        let (_, end) = this
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(granted))));
        ready!(end.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
