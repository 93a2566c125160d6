use std::collections::HashMap;

use keruen_domain::protocol::v1::{ChangeResult, Outcome};
use keruen_domain::{Action, Actor, Change, RecordKey, Refusal, encoding, may};

use super::Asker;
use crate::store::{Merged, Sha256, StoreError, WriteTransaction, exceeds_limits, merge};

/// A phone's clock may be ahead by this much, in milliseconds, before the log mentions it.
const FAR_FUTURE_MS: u64 = 24 * 60 * 60 * 1_000;

/// What became of a request's changes.
#[derive(Debug, Default)]
pub struct Applied {
    /// A result for each change, in their order.
    pub results: Vec<ChangeResult>,
    /// The rows that were written.
    pub(super) written: HashMap<RecordKey, Written>,
}

/// A row that a request has written, perhaps several times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Its sequence number before the request; 0 for a new row.
    pub(super) sequence_before: u64,
    /// Its sequence number after the request.
    pub(super) sequence: u64,
}

/// Merges the changes, in their order. Applying a change a second time changes nothing and gives
/// the same result; a refused one is judged anew, because the device may have joined since.
pub fn apply(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    changes: Vec<Change>,
    now_ms: u64,
) -> Result<Applied, StoreError> {
    if let Some(person) = asker.person {
        transaction.note_device(asker.device, person, now_ms)?;
    }
    let actor = asker.actor(&*transaction)?;
    let mut applied = Applied::default();
    for change in changes {
        let id = change.id;
        let outcome = match apply_one(transaction, asker, &actor, change, now_ms)? {
            Ok(None) => Outcome::Accepted,
            Ok(Some((key, written))) => {
                let first = applied.written.get(&key);
                let sequence_before = first.unwrap_or(&written).sequence_before;
                applied.written.insert(
                    key,
                    Written {
                        sequence_before,
                        ..written
                    },
                );
                Outcome::Accepted
            }
            Err(refusal) => Outcome::Refused(refusal),
        };
        applied.results.push(ChangeResult {
            change: id,
            outcome,
        });
    }
    Ok(applied)
}

type Judged = Result<Option<(RecordKey, Written)>, Refusal>;

fn apply_one(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    actor: &Actor,
    change: Change,
    now_ms: u64,
) -> Result<Judged, StoreError> {
    let Some(scope) = asker.real_scope(change.record.key.scope) else {
        return Ok(Err(Refusal::NotJoined));
    };
    let record = change.record.moved_to(scope);
    if exceeds_limits(&record) {
        return Ok(Err(Refusal::TooLarge));
    }
    let content = Sha256::of(&encoding::encode(&record));
    if transaction.accepted_change(change.id)? == Some(content) {
        return Ok(Ok(None));
    }
    let key = record.key;
    let before = transaction.row(&key)?;
    let action = Action::Write {
        before: before.as_ref().map(|row| &row.record),
        change: &record,
    };
    if let Err(refusal) = may(actor, action, &key) {
        return Ok(Err(refusal));
    }
    if record.latest_reading().unix_ms() > now_ms.saturating_add(FAR_FUTURE_MS) {
        tracing::warn!(device = %asker.device, change = %change.id, "a change is stamped in the far future");
    }
    let written = match merge(transaction, before, record, now_ms)? {
        Merged::TooLarge => return Ok(Err(Refusal::TooLarge)),
        Merged::Unchanged => None,
        Merged::Changed {
            previous_sequence,
            sequence,
        } => Some((
            key,
            Written {
                sequence_before: previous_sequence,
                sequence,
            },
        )),
    };
    transaction.note_accepted(change.id, &content, now_ms)?;
    Ok(Ok(written))
}
