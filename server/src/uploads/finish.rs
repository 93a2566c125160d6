//! A file of which all is here: looked at, and given to its scope or refused.

use keruen_domain::protocol::files::Parts;
use keruen_formats::MediaCheck;

use super::{Standing, aside, ended, may_send, private_bytes, refused};
use crate::error::ApiError;
use crate::exchange::Asker;
use crate::files;
use crate::state::AppState;
use crate::store::{Unfinished, UploadId, UploadState};

/// Looks at all bytes of a file. Whoever calls has its seat.
pub(super) async fn finish(
    state: &AppState,
    asker: Asker,
    id: UploadId,
    mut upload: Unfinished,
) -> Result<Standing, ApiError> {
    let path = state.store.unfinished().part(id);
    let check = MediaCheck::of(&upload.name);
    let (measured, media_type) = files::read_through(state, path, check).await?;
    upload.state = match media_type {
        _ if measured.sha256 != upload.sha256 => UploadState::WrongContent,
        None => UploadState::WrongType,
        Some(media_type) => {
            let kept = upload.clone();
            aside(state, move |folder| folder.keep(id, &kept)).await?;
            register(state, asker, &upload, media_type, measured.parts).await?;
            UploadState::Stored {
                media_type: media_type.to_owned(),
            }
        }
    };
    tracing::info!(%id, size_bytes = upload.size_bytes, state = ?upload.state, "a file is here");
    let noted = upload.clone();
    aside(state, move |folder| {
        folder.note(id, &noted)?;
        folder.remove_bytes(id)
    })
    .await?;
    ended(id, upload)
}

/// Gives a scope a file whose bytes are kept, if the asker may still do so.
pub(super) async fn register(
    state: &AppState,
    asker: Asker,
    upload: &Unfinished,
    media_type: &'static str,
    parts: Parts,
) -> Result<(), ApiError> {
    let (upload, limits) = (upload.clone(), state.uploads.limits);
    let registered = state.store.write(move |write| {
        let Unfinished {
            scope,
            sha256,
            size_bytes,
            name,
            ..
        } = upload;
        if let Err(refusal) = may_send(&*write, &asker, scope, &sha256)? {
            return Ok(Err(refused(refusal)));
        }
        // Others may have come to their end meanwhile.
        if !limits.has_room(private_bytes(&*write, scope, &sha256)?, size_bytes) {
            return Ok(Err(ApiError::ScopeFull));
        }
        write.note_file(scope, size_bytes, &sha256, media_type, &name)?;
        write.put_file_parts(&sha256, &parts)?;
        Ok(Ok(()))
    });
    registered.await??;
    state.files_came.tell();
    Ok(())
}
