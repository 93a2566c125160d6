//! A note each time, a few lines long.

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Change, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, RecordId,
    RecordKey, ScopeId,
};

const TEXT: &str = "Ask about the budget of the museum: who decides, until when, and in which form \
                    the village hands in its part. Бюджет, сроки, форма заявки.";

/// The changes of one device, one after the other, without end.
pub(crate) fn changes(device: u64, now_ms: u64) -> impl Iterator<Item = Change> {
    let mut clock = Clock::new(DeviceId(device), Hlc::default(), 0);
    (0_u64..).filter_map(move |number| {
        let mut bits = [0; 10];
        bits[..2].copy_from_slice(&u16::try_from(device).unwrap_or(u16::MAX).to_be_bytes());
        bits[2..].copy_from_slice(&number.to_be_bytes());
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: RecordId::new(now_ms, bits),
        };
        let mut edit = Edit::new(key, None, clock.stamp(now_ms), Author::Person);
        edit.set(FieldKey::register(fields::BODY), TEXT);
        Some(Change {
            id: ChangeId::new(now_ms, bits),
            record: edit.finish()?,
        })
    })
}
