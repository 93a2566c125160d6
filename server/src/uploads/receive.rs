//! A piece of a file: written as it comes, kept as far as it came.

use axum::body::Body;
use http_body_util::BodyExt as _;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::seats::Seat;
use super::{Failed, Standing, aside, ended, finish, own};
use crate::error::ApiError;
use crate::exchange::Asker;
use crate::serve::TooSlow;
use crate::state::AppState;
use crate::store::{StoreError, Unfinished, UploadId};

/// So much is written at most before it is brought to the disk: what a power cut takes away, and what the
/// system has to do at once at the end.
const UNSAFE_BYTES: u64 = 8 * 1024 * 1024;
/// So much waits at most for the thread that writes.
const WAITING_BYTES: usize = 256 * 1024;

/// Takes the piece of a file that begins at `offset`, and looks at the file when all of it is here. What came
/// is on disk when this returns, also if it fails, and even if nobody waits for it any more.
pub async fn receive(
    state: &AppState,
    asker: Asker,
    id: UploadId,
    offset: u64,
    body: Body,
) -> Result<Standing, Failed> {
    own(state, asker, id).await?;
    let state = state.clone();
    let received = tokio::spawn(async move {
        let mut seat = state.uploads.seats.take(id).await;
        let upload = own(&state, asker, id).await?;
        if !upload.is_coming() {
            let standing = ended(id, upload)?;
            return match standing.offset {
                end if end == offset => Ok(standing),
                end => Err(Failed::WrongOffset(end)),
            };
        }
        let held = aside(&state, move |folder| folder.durable_bytes(id)).await?;
        if held != offset {
            return Err(Failed::WrongOffset(held));
        }
        let came = write(&state, id, &upload, offset, body, &mut seat).await;
        let offset = aside(&state, move |folder| folder.durable_bytes(id)).await?;
        let mut upload = upload;
        upload.expires_ms = state.uploads.expires_ms((state.now_ms)());
        let noted = upload.clone();
        aside(&state, move |folder| folder.note(id, &noted)).await?;
        came?;
        if offset < upload.size_bytes {
            return Ok(Standing { id, upload, offset });
        }
        let finished = finish::finish(&state, asker, id, upload).await?;
        drop(seat);
        Ok(finished)
    });
    received.await.map_err(|_| StoreError::Closed)?
}

/// Appends what comes.
async fn write(
    state: &AppState,
    id: UploadId,
    upload: &Unfinished,
    offset: u64,
    mut body: Body,
    seat: &mut Seat,
) -> Result<(), ApiError> {
    let file = aside(state, move |folder| folder.open(id)).await?;
    let mut file = File::from_std(file);
    file.set_max_buf_size(WAITING_BYTES);
    let folder = |source| StoreError::Folder {
        path: state.store.unfinished().part(id),
        source,
    };
    let mut room = upload.size_bytes - offset;
    let mut unsafe_bytes = 0;
    let came = loop {
        let frame = tokio::select! {
            biased;
            () = seat.wanted() => break Err(ApiError::Conflict("taken-over")),
            frame = body.frame() => frame,
        };
        let piece = match frame {
            None => break Ok(()),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(error)) => break Err(why(&error)),
        };
        let length = piece.len() as u64;
        if length > room {
            break Err(ApiError::TooLarge);
        }
        file.write_all(&piece).await.map_err(folder)?;
        room -= length;
        unsafe_bytes += length;
        if unsafe_bytes >= UNSAFE_BYTES {
            file.sync_data().await.map_err(folder)?;
            unsafe_bytes = 0;
        }
    };
    // Even if it broke: what came is kept.
    file.flush().await.map_err(folder)?;
    came
}

/// Why no more of a body came.
fn why(error: &axum::Error) -> ApiError {
    let first: &(dyn std::error::Error + 'static) = error;
    let mut causes = std::iter::successors(Some(first), |error| error.source());
    if causes.any(|cause| cause.is::<TooSlow>()) {
        ApiError::TooSlow
    } else {
        ApiError::Malformed
    }
}
