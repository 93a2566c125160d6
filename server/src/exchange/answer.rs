use keruen_domain::protocol::v1::ChangeResult;
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};

use super::{Applied, Asker, News, Question, apply, news};
use crate::store::{ReadTransaction, Store, StoreError, WriteTransaction};

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
    let chunks = store.chunks();
    if changes.is_empty() {
        // In one look: each goes by way of another thread.
        let (news, is_note_due) = store
            .read(move |transaction| {
                let applied = Applied::default();
                let news = news(transaction, &*chunks, &asker, &question, &applied)?;
                Ok((news, is_note_due(transaction, &asker, received_ms)?))
            })
            .await?;
        if is_note_due {
            let note = move |transaction: &mut dyn WriteTransaction| {
                apply(transaction, &asker, Vec::new(), received_ms).map(drop)
            };
            store.write(note).await?;
        }
        return Ok(response(&asker, news, Vec::new(), now_ms()));
    }
    let work = move |transaction: &mut dyn WriteTransaction| {
        apply(transaction, &asker, changes, received_ms)
    };
    let mut applied = store.write(work).await?;
    let results = std::mem::take(&mut applied.results);
    let news = store
        .read(move |transaction| news(transaction, &*chunks, &asker, &question, &applied))
        .await?;
    Ok(response(&asker, news, results, now_ms()))
}

fn response(
    asker: &Asker,
    news: News,
    results: Vec<ChangeResult>,
    server_time_ms: u64,
) -> SyncResponse {
    SyncResponse {
        server_time_ms,
        joined: asker.person.is_some(),
        roles: news.roles,
        results,
        pages: news.pages,
        revoked: news.revoked,
        more: news.more,
        snapshots: news.snapshots,
        reread: news.reread,
    }
}

/// Whether a device that belongs to somebody should be noted again. Visitors' are not: anybody
/// could make up any number of them.
fn is_note_due(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let Some(person) = asker.person else {
        return Ok(false);
    };
    let seen_ms = transaction.device_seen_ms(asker.device, person)?;
    Ok(seen_ms.is_none_or(|seen_ms| now_ms > seen_ms.saturating_add(DEVICE_NOTE_MS)))
}
