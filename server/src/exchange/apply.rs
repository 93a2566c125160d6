use std::collections::HashMap;

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::{ChangeResult, Outcome};
use keruen_domain::{Action, Actor, Change, ContentHash, Hlc, RecordKey, Refusal, encoding, may};

use super::Asker;
use crate::store::{Acceptance, Merged, StoreError, WriteTransaction, exceeds_limits, merge};

/// A stamp may be ahead of the server's clock by this much, in milliseconds; the present takes the place
/// of one that is further ahead.
const MOST_AHEAD_MS: u64 = 10 * 60 * 1_000;

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
    /// Whether the row is something else than what its writer has, given all that the request said.
    pub(super) is_other: bool,
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
        if mutation::is(Mutation::OnlyFirstChange) && !applied.results.is_empty() {
            applied.results.push(ChangeResult {
                change: id,
                outcome: Outcome::Accepted,
            });
            continue;
        }
        let outcome = match apply_one(transaction, asker, &actor, change, now_ms)? {
            Judged::Accepted { bounded, written } => {
                if let Some((key, mut written)) = written {
                    if let Some(earlier) = applied.written.get(&key) {
                        written.sequence_before = earlier.sequence_before;
                        written.is_other |= earlier.is_other;
                    }
                    applied.written.insert(key, written);
                }
                if bounded {
                    Outcome::Bounded
                } else {
                    Outcome::Accepted
                }
            }
            Judged::Refused(refusal) => Outcome::Refused(refusal),
        };
        applied.results.push(ChangeResult {
            change: id,
            outcome,
        });
    }
    Ok(applied)
}

enum Judged {
    Accepted {
        bounded: bool,
        written: Option<(RecordKey, Written)>,
    },
    Refused(Refusal),
}

fn apply_one(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    actor: &Actor,
    change: Change,
    now_ms: u64,
) -> Result<Judged, StoreError> {
    let Some(scope) = asker.real_scope(change.record.key.scope) else {
        return Ok(Judged::Refused(Refusal::NotJoined));
    };
    let record = change.record.moved_to(scope);
    let encoded = encoding::encode(&record);
    if exceeds_limits(&record, encoded.len()) {
        return Ok(Judged::Refused(Refusal::TooLarge));
    }
    if record.exhausts_clocks() {
        return Ok(Judged::Refused(Refusal::Malformed));
    }
    let content = ContentHash::of(&encoded);
    let known = transaction.accepted_change(change.id)?;
    if let Some(known) = known.filter(|known| known.content == content) {
        if mutation::is(Mutation::RefusesRepeated) {
            return Ok(Judged::Refused(Refusal::Malformed));
        }
        return Ok(Judged::Accepted {
            bounded: known.bounded,
            written: None,
        });
    }
    let key = record.key;
    let before = transaction.row(&key)?;
    let action = Action::Write {
        before: before.as_ref().map(|row| &row.record),
        change: &record,
    };
    if let Err(refusal) = may(actor, action, &key)
        && !mutation::is(Mutation::TakesEverything)
    {
        return Ok(Judged::Refused(refusal));
    }
    let bounded = record.bounded(
        before.as_ref().map(|row| &row.record),
        Hlc::from_unix_ms(now_ms.saturating_add(MOST_AHEAD_MS)),
        Hlc::from_unix_ms(now_ms),
    );
    let acceptance = Acceptance {
        content,
        bounded: bounded.is_some(),
    };
    if acceptance.bounded {
        tracing::warn!(device = %asker.device, change = %change.id, "a change was stamped from far ahead");
    }
    // Who read a snapshot, which holds no tombstones, does not know of the deletion.
    let tombstone = before
        .as_ref()
        .filter(|row| row.record.is_deleted())
        .cloned();
    let was_deleted = tombstone.is_some();
    let says_deleted = record.is_deleted();
    let mut merged = merge(transaction, before, bounded.unwrap_or(record), now_ms)?;
    // Nor does who offers the record as it was before. The row gets another number, or it would count
    // as read.
    if let Some(row) = tombstone.filter(|_| merged == Merged::Unchanged && !says_deleted) {
        merged = Merged::Changed {
            previous_sequence: row.sequence,
            sequence: transaction.put(&row.record, now_ms)?,
        };
    }
    let written = match merged {
        Merged::TooLarge => return Ok(Judged::Refused(Refusal::TooLarge)),
        Merged::Unchanged => None,
        Merged::Changed {
            previous_sequence,
            sequence,
        } => Some((
            key,
            Written {
                sequence_before: previous_sequence,
                sequence,
                is_other: acceptance.bounded || was_deleted,
            },
        )),
    };
    transaction.note_accepted(change.id, acceptance, now_ms)?;
    Ok(Judged::Accepted {
        bounded: acceptance.bounded,
        written,
    })
}
