//! What is read first: a phone that has been on for ten seconds should show today.

use keruen_domain::model::fields;
use keruen_domain::{Collection, Record, RecordKey};

/// The place of a record among those of its scope; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    class: u8,
    /// Within the class: milliseconds until or since a session.
    distance_ms: u64,
    key: RecordKey,
}

/// The programme and its events, then sessions from now on and those that are over, latest first, then
/// people, then materials, then all else.
pub(super) fn rank(record: &Record, now_ms: u64) -> Rank {
    let number = |field| {
        let number = record.value(field).as_number()?;
        u64::try_from(number).ok()
    };
    let (class, distance_ms) = match record.key.collection {
        Collection::PROGRAMME => (0, 0),
        Collection::EVENT => (1, 0),
        Collection::SESSION => {
            let start_ms = number(fields::START).unwrap_or(u64::MAX);
            let end_ms = number(fields::END).unwrap_or(start_ms);
            if end_ms >= now_ms {
                (2, start_ms.saturating_sub(now_ms))
            } else {
                (3, now_ms.saturating_sub(start_ms))
            }
        }
        Collection::PERSON => (4, 0),
        Collection::MATERIAL => (5, 0),
        _ => (6, 0),
    };
    Rank {
        class,
        distance_ms,
        key: record.key,
    }
}

#[cfg(test)]
mod tests {
    use keruen_domain::{
        Author, Clock, DeviceId, Edit, FieldKey, Hlc, ProgrammeId, RecordId, ScopeId,
    };

    use super::*;

    const NOW_MS: i64 = 1_750_000_000_000;
    const HOUR_MS: i64 = 3_600_000;

    fn record(collection: Collection, number: u64, start_ms: Option<i64>) -> Record {
        let key = RecordKey {
            scope: ScopeId::Programme(ProgrammeId::new(1, [1; 10])),
            collection,
            id: RecordId::new(number, [1; 10]),
        };
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
        let mut edit = Edit::new(key, None, stamp, Author::Machine);
        edit.set(FieldKey::register(fields::SAMPLE), true);
        if let Some(start_ms) = start_ms {
            edit.set(FieldKey::register(fields::START), start_ms);
            edit.set(FieldKey::register(fields::END), start_ms + HOUR_MS);
        }
        edit.finish().unwrap()
    }

    #[test]
    fn today_comes_before_yesterday_and_materials() {
        let session = |number, start_ms| record(Collection::SESSION, number, Some(start_ms));
        let expected = [
            record(Collection::PROGRAMME, 90, None),
            record(Collection::EVENT, 80, None),
            // Under way, later today, tomorrow; then an hour ago, yesterday.
            session(5, NOW_MS - HOUR_MS / 2),
            session(4, NOW_MS + HOUR_MS),
            session(3, NOW_MS + 24 * HOUR_MS),
            session(2, NOW_MS - 2 * HOUR_MS),
            session(1, NOW_MS - 24 * HOUR_MS),
            record(Collection::PERSON, 0, None),
            record(Collection::MATERIAL, 0, None),
            record(Collection::NOTE, 0, None),
        ];
        let mut ranked = expected.clone();
        ranked.sort_by_key(|record| record.key.id);
        ranked.sort_by_key(|record| rank(record, NOW_MS.cast_unsigned()));
        assert_eq!(ranked, expected);
    }
}
