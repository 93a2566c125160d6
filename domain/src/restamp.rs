//! Stamps from too far ahead, corrected before anybody else has seen them.
//!
//! A phone whose clock is wrong stamps what is written on it from wherever its clock stands. Once a
//! server has told the time, what was not sent yet gets stamps of the present: all readings of this
//! device beyond a bound, each by another one, in their order. What a change replaces and how the
//! changes follow each other stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Hlc};
use crate::id::DeviceId;
use crate::record::{Record, RecordKey};

/// Readings of one device, each with the one that takes its place, and the records that they are
/// corrected in: in another one, the same reading may be a later write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restamp {
    device: DeviceId,
    records: BTreeSet<RecordKey>,
    readings: BTreeMap<Hlc, Hlc>,
}

impl Restamp {
    /// New readings of `clock`, at `phone_ms` by the phone's own clock, for all of its device beyond
    /// `latest` in these changes; `None` if there are none.
    ///
    /// The changes are all that the device has made of their records and that nobody else has seen.
    pub fn of<'a>(
        changes: impl IntoIterator<Item = &'a Record>,
        latest: Hlc,
        mut clock: Clock,
        phone_ms: u64,
    ) -> Option<Self> {
        let device = clock.device();
        let mut records = BTreeSet::new();
        let mut readings = BTreeMap::new();
        for record in changes {
            for reading in readings_of(record, device) {
                if reading > latest {
                    records.insert(record.key);
                    readings.insert(reading, reading);
                } else {
                    // Never the same reading twice.
                    clock.observe(reading);
                }
            }
        }
        for reading in readings.values_mut() {
            *reading = clock.stamp(phone_ms).time;
        }
        (!readings.is_empty()).then_some(Self {
            device,
            records,
            readings,
        })
    }

    /// The same change under the new readings.
    pub fn apply(&self, record: &mut Record) {
        self.rewrite(record, |reading| self.readings.get(&reading).copied());
    }

    /// The same for what somebody has in front of them, who may not have seen all that was written
    /// since, so that it says what no change says any more. That was replaced by something later, which
    /// was corrected: it gets a reading of before that. What the record holds by now goes to `latest`, if it
    /// is known.
    pub fn apply_to_seen(&self, record: &mut Record, latest: Option<Hlc>) {
        self.rewrite(record, |reading| {
            let known = self.readings.get(&reading).copied();
            known.or_else(|| {
                let (_, later) = self.readings.range(reading..).next()?;
                (reading > latest?).then_some(later.before())
            })
        });
    }

    fn rewrite(&self, record: &mut Record, other: impl Fn(Hlc) -> Option<Hlc>) {
        if !self.records.contains(&record.key) {
            return;
        }
        for register in record.fields.values_mut() {
            for version in &mut register.versions {
                if version.stamp.device == self.device
                    && let Some(reading) = other(version.stamp.time)
                {
                    version.stamp.time = reading;
                }
            }
            if let Some(seen) = register.seen.get_mut(&self.device)
                && let Some(reading) = other(*seen)
            {
                *seen = reading;
            }
            // Whose stamp is the greatest may have changed.
            register.normalise();
        }
    }
}

/// The latest reading under which this device has written or replaced something in the record.
pub fn latest_own(record: &Record, device: DeviceId) -> Hlc {
    readings_of(record, device).max().unwrap_or_default()
}

fn readings_of(record: &Record, device: DeviceId) -> impl Iterator<Item = Hlc> {
    record.fields.values().flat_map(move |register| {
        let own = register.versions.iter();
        let own = own.filter(move |version| version.stamp.device == device);
        let seen = register.seen.get(&device).copied();
        own.map(|version| version.stamp.time).chain(seen)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::change::Edit;
    use crate::record::{Author, Collection, ScopeId, Version};
    use crate::testing::reproducible;
    use crate::value::FieldKey;
    use crate::{RecordId, Stamp};

    const NOW_MS: u64 = 1_000_000;
    const AHEAD_MS: u64 = 900_000_000;
    const BOUND_MS: u64 = NOW_MS + 600_000;
    const ME: DeviceId = DeviceId(7);

    fn key() -> RecordKey {
        RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: RecordId::new(1, [0; 10]),
        }
    }

    fn field(number: u8) -> FieldKey {
        FieldKey::register(if number == 0 { "title" } else { "body" })
    }

    /// Edits by somebody who knew all of the ones before, and what stands then.
    fn edits(clock: &mut Clock, phone_ms: u64, steps: &[(u8, u8)], base: &Record) -> Vec<Record> {
        let mut current = base.clone();
        let mut changes = Vec::new();
        for (number, (which, text)) in steps.iter().enumerate() {
            clock.observe(current.last_edit().unwrap_or(no_stamp()).time);
            let stamp = clock.stamp(phone_ms + number as u64);
            let mut edit = Edit::new(key(), Some(&current), stamp, Author::Person);
            match which {
                0 | 1 => edit.set(field(*which), format!("{text}")),
                _ => edit.delete(),
            };
            if let Some(change) = edit.finish() {
                current.merge(change.clone());
                changes.push(change);
            }
        }
        changes
    }

    fn no_stamp() -> Stamp {
        Stamp {
            time: Hlc::default(),
            device: ME,
        }
    }

    fn merged(base: &Record, changes: &[Record]) -> Record {
        let mut merged = base.clone();
        changes
            .iter()
            .for_each(|change| merged.merge(change.clone()));
        merged
    }

    /// What stands in the fields, and what was replaced, without the stamps.
    fn meaning(record: &Record) -> Vec<(String, Vec<Version>)> {
        let fields = record.fields.iter().map(|(key, register)| {
            let mut versions = register.versions.clone();
            for version in &mut versions {
                version.stamp = no_stamp();
            }
            (key.as_str().to_owned(), versions)
        });
        fields.collect()
    }

    fn steps() -> impl Strategy<Value = Vec<(u8, u8)>> {
        proptest::collection::vec((0_u8..3, 0_u8..4), 0..6)
    }

    /// What another tab wrote, before the stamps were corrected, is not known to who had not seen it.
    #[test]
    fn what_was_seen_before_it_was_replaced_stays_older_than_what_replaced_it() {
        let mut clock = Clock::new(ME, Hlc::default(), 0);
        let changes = edits(&mut clock, AHEAD_MS, &[(1, 1), (1, 2)], &Record::new(key()));
        let [mut seen, replaced] = <[Record; 2]>::try_from(changes).expect("two edits");
        let latest = Hlc::from_unix_ms(BOUND_MS);
        let clock = Clock::new(ME, Hlc::default(), NOW_MS as i64 - AHEAD_MS as i64);
        let restamp = Restamp::of([&replaced], latest, clock, AHEAD_MS).expect("it is ahead");
        let mut standing = replaced.clone();
        restamp.apply(&mut standing);
        let latest = latest_own(&standing, ME);
        restamp.apply_to_seen(&mut seen, Some(latest));
        assert!(latest_own(&seen, ME) < latest);
        assert_eq!(merged(&seen, std::slice::from_ref(&standing)), standing);
        let once = seen.clone();
        restamp.apply_to_seen(&mut seen, Some(latest));
        assert_eq!(seen, once);
    }

    proptest! {
        #![proptest_config(reproducible(256))]

        /// Somebody else's edits and own ones of before; then own ones from far ahead.
        #[test]
        fn what_the_changes_say_stays_and_no_stamp_is_ahead(
            theirs in steps(),
            before in steps(),
            ahead in steps(),
        ) {
            let nothing = Record::new(key());
            let mut their_clock = Clock::new(DeviceId(3), Hlc::default(), 0);
            let theirs = edits(&mut their_clock, NOW_MS - 500, &theirs, &nothing);
            let base = merged(&nothing, &theirs);
            let mut clock = Clock::new(ME, Hlc::default(), 0);
            let mut changes = edits(&mut clock, NOW_MS, &before, &base);
            let current = merged(&base, &changes);
            changes.extend(edits(&mut clock, AHEAD_MS, &ahead, &current));

            let latest = Hlc::from_unix_ms(BOUND_MS);
            let offset_ms = NOW_MS as i64 - AHEAD_MS as i64;
            let clock = Clock::new(ME, Hlc::default(), offset_ms);
            let restamp = Restamp::of(&changes, latest, clock, AHEAD_MS);
            let any_ahead = changes.iter().any(|change| latest_own(change, ME) > latest);
            prop_assert_eq!(restamp.is_some(), any_ahead);
            let Some(restamp) = restamp else { return Ok(()) };
            let mut restamped = changes.clone();
            restamped.iter_mut().for_each(|change| restamp.apply(change));

            prop_assert!(!restamped.iter().any(|change| latest_own(change, ME) > latest));
            for count in 0..=changes.len() {
                prop_assert_eq!(
                    meaning(&merged(&base, &restamped[..count])),
                    meaning(&merged(&base, &changes[..count]))
                );
                // In any order, as they may arrive.
                let mut backwards = restamped[..count].to_vec();
                backwards.reverse();
                prop_assert_eq!(
                    merged(&base, &backwards),
                    merged(&base, &restamped[..count])
                );
            }
            let new: Vec<_> = restamp.readings.values().collect();
            prop_assert!(new.is_sorted_by(|one, next| one < next), "in their order");
            let clock = Clock::new(ME, Hlc::default(), offset_ms);
            prop_assert_eq!(Restamp::of(&restamped, latest, clock, AHEAD_MS), None);
        }
    }
}
