//! Sums of records, by which a device notices that it and the server no longer hold the same.

use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encoding;
use crate::id::{deserialize_u64, serialize_u64};
use crate::record::Record;

/// The sum of some records: equal for equal records, whatever their order, and kept up to date by
/// adding and subtracting.
///
/// It notices accidents, not malice: whoever wants to can make two sets with one sum. A scope's own
/// identifier is left out, because a device has another name for its owner's scope than the server
/// has; so are deleted records, because tombstones are removed after a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-fA-F]{16}$"))]
pub struct Sum(pub u64);

impl Sum {
    /// What this record adds; nothing if it is deleted.
    pub fn of(record: &Record) -> Self {
        if record.is_deleted() {
            return Self::default();
        }
        Self::of_encoded(record, &encoding::encode(record))
    }

    /// The same for who has the record's binary form at hand.
    pub fn of_encoded(record: &Record, bytes: &[u8]) -> Self {
        if record.is_deleted() {
            return Self::default();
        }
        let scope_bytes = encoding::encode(&record.key.scope).len();
        Self(mixed(fnv(bytes.get(scope_bytes..).unwrap_or_default())))
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

impl SubAssign for Sum {
    fn sub_assign(&mut self, other: Self) {
        self.0 = self.0.wrapping_sub(other.0);
    }
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923).
fn fnv(bytes: &[u8]) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(BASIS, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// Spreads each bit over all, so that sums of similar records do not meet (the finaliser of
/// SplitMix64, Steele et al. 2014).
const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_u64(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_u64(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Author, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, RecordId, RecordKey, ScopeId,
        Stamp,
    };

    fn note(number: u64, scope: ScopeId, title: &str) -> Record {
        let key = RecordKey {
            scope,
            collection: Collection::NOTE,
            id: RecordId::new(number, [0; 10]),
        };
        let stamp = Stamp {
            time: Hlc::from_unix_ms(1),
            device: DeviceId(1),
        };
        let mut edit = Edit::new(key, None, stamp, Author::Person);
        edit.set(FieldKey::register("title"), title);
        edit.finish().expect("it says something")
    }

    #[test]
    fn order_does_not_matter_and_content_does() {
        let (one, two) = (note(1, ScopeId::OWN, "a"), note(2, ScopeId::OWN, "b"));
        let sum = |records: &[&Record]| {
            let mut sum = Sum::default();
            records.iter().for_each(|record| sum += Sum::of(record));
            sum
        };
        assert_eq!(sum(&[&one, &two]), sum(&[&two, &one]));
        assert_ne!(sum(&[&one, &two]), sum(&[&one]));
        assert_ne!(sum(&[&one]), sum(&[&note(1, ScopeId::OWN, "b")]));
        let mut less = sum(&[&one, &two]);
        less -= Sum::of(&two);
        assert_eq!(less, sum(&[&one]));
    }

    #[test]
    fn the_name_of_the_scope_and_tombstones_add_nothing() {
        let owner = ScopeId::Person(PersonId::new(5, [5; 10]));
        assert_eq!(
            Sum::of(&note(1, ScopeId::OWN, "a")),
            Sum::of(&note(1, owner, "a"))
        );
        let live = note(1, owner, "a");
        let later = Stamp {
            time: Hlc::from_unix_ms(2),
            device: DeviceId(1),
        };
        let mut edit = Edit::new(live.key, Some(&live), later, Author::Person);
        edit.delete();
        let mut deleted = live.clone();
        deleted.merge(edit.finish().expect("it says something"));
        assert_eq!(Sum::of(&deleted), Sum::default());
    }
}
