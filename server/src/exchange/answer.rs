use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};

use super::{Applied, Asker, Question, apply, news};
use crate::store::{Store, StoreError, WriteTransaction};

/// How old the note of a device's last visit may get, in milliseconds. Noting each visit would
/// make every quiet exchange wait for the disk.
const DEVICE_NOTE_MS: u64 = 60 * 60 * 1_000;

/// Takes a device's changes and answers with what is new to it. `now_ms` tells the time, in
/// milliseconds since 1970 (UTC).
///
/// What was accepted is durable when this returns; on an error nothing may have been accepted, or
/// all of it: the device asks again and gets the same results.
pub async fn answer(
    store: &dyn Store,
    asker: Asker,
    request: SyncRequest,
    now_ms: &(dyn Fn() -> u64 + Send + Sync),
) -> Result<SyncResponse, StoreError> {
    let received_ms = now_ms();
    let SyncRequest {
        changes,
        cursors,
        page_records,
        takes_snapshots,
        sums,
    } = request;
    let question = Question {
        cursors,
        page_records,
        takes_snapshots,
        sums,
    };
    let mut applied = Applied::default();
    if !changes.is_empty() || is_note_due(store, asker, received_ms).await? {
        let work = move |transaction: &mut dyn WriteTransaction| {
            apply(transaction, &asker, changes, received_ms)
        };
        applied = store.write(work).await?;
    }
    let results = std::mem::take(&mut applied.results);
    let chunks = store.chunks();
    let news = store
        .read(move |transaction| news(transaction, &*chunks, &asker, &question, &applied))
        .await?;
    Ok(SyncResponse {
        server_time_ms: now_ms(),
        joined: asker.person.is_some(),
        roles: news.roles,
        results,
        pages: news.pages,
        revoked: news.revoked,
        more: news.more,
        snapshots: news.snapshots,
        reread: news.reread,
    })
}

/// Whether a device that belongs to somebody should be noted again. Visitors' are not: anybody
/// could make up any number of them.
async fn is_note_due(store: &dyn Store, asker: Asker, now_ms: u64) -> Result<bool, StoreError> {
    let Some(person) = asker.person else {
        return Ok(false);
    };
    let seen_ms = store
        .read(move |transaction| transaction.device_seen_ms(asker.device, person))
        .await?;
    Ok(seen_ms.is_none_or(|seen_ms| now_ms > seen_ms.saturating_add(DEVICE_NOTE_MS)))
}
