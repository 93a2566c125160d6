//! Merging a change into the row at its place, within the limits.

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::limits;
use keruen_domain::{FieldKey, Record, encoding};

use super::{Row, StoreError, WriteTransaction};

/// What became of a change that was merged into a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// The record has a new sequence number.
    Changed {
        /// Its number before; 0 for a new record.
        previous_sequence: u64,
        /// Its number now.
        sequence: u64,
    },
    /// Everything in the change was known already; nothing was written.
    Unchanged,
    /// The record would have become larger than [`limits`] allow; nothing was written.
    TooLarge,
}

/// Merges a change into the record at its place, of which `before` is the present state, at this
/// time (milliseconds since 1970, UTC).
pub fn merge(
    transaction: &mut (impl WriteTransaction + ?Sized),
    before: Option<Row>,
    delta: Record,
    now_ms: u64,
) -> Result<Merged, StoreError> {
    let (previous_sequence, mut record) = match before {
        Some(row) => (row.sequence, row.record),
        None => (0, Record::new(delta.key)),
    };
    if mutation::is(Mutation::DeletionIsForgotten) && record.is_deleted() {
        record = Record::new(delta.key);
    }
    if record.includes(&delta) {
        return Ok(Merged::Unchanged);
    }
    record.merge(delta);
    let encoded = encoding::encode(&record);
    if exceeds_limits(&record, encoded.len()) {
        return Ok(Merged::TooLarge);
    }
    let sequence = transaction.put_encoded(&record, encoded, now_ms)?;
    Ok(Merged::Changed {
        previous_sequence,
        sequence,
    })
}

/// Whether a record, or a part of one, is larger than a device may send; in its binary form it has
/// so many bytes.
pub fn exceeds_limits(record: &Record, encoded_bytes: usize) -> bool {
    record.fields().count() > limits::MAX_FIELDS
        || record
            .fields()
            .any(|(key, _)| key.as_str().len() > FieldKey::MAX_BYTES)
        || encoded_bytes > limits::MAX_RECORD_BYTES
}
